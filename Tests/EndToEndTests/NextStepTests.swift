import Foundation
import Messages
import Testing

@testable import signalbox

/// What the command line says can be done next.
struct NextStepTests {
    private static func suspended(_ interrupts: Interrupt...) -> Execution {
        Execution(
            number: 7, workflowID: "greet", status: .suspended, interrupts: interrupts)
    }

    @Test(
        arguments: [
            (
                Interrupt(id: "ok#1", type: .approval, nodePath: "ok"),
                "answer: signalbox respond 7 --approve   (or --reject)"
            ),
            (
                Interrupt(id: "ok#1", type: .approval, nodePath: "ok", schemaJSON: "{}"),
                "answer: signalbox respond 7 --approve --data JSON   (or --reject)"
            ),
            (
                Interrupt(id: "q#1", type: .question, nodePath: "q"),
                "answer: signalbox respond 7 --data JSON"
            ),
            (
                Interrupt(id: "b#1", type: .breakpoint, nodePath: "b"),
                "go on: signalbox continue 7   (or --skip, --stop)"
            ),
            (
                Interrupt(id: "w#1", type: .pause, nodePath: "w"),
                "go on: signalbox continue 7   (or --stop)"
            ),
            (Interrupt(id: "#1", type: .pause), "go on: signalbox resume 7"),
            (
                Interrupt(id: "e#1", type: .event, nodePath: "e", eventName: "paid"),
                "tell it: signalbox event send paid"
            ),
            (
                Interrupt(
                    id: "e#1", type: .event, nodePath: "e", eventName: "it's",
                    correlationKey: "order 1"),
                #"tell it: signalbox event send 'it'\''s' --key 'order 1'"#
            ),
        ] as [(Interrupt, String)])
    func `each kind of interrupt has its command`(interrupt: Interrupt, line: String) {
        #expect(NextStep().lines(Self.suspended(interrupt)) == [line])
    }

    @Test func `of several interrupts each is named, and so is the place that was named`() {
        let two = Self.suspended(
            Interrupt(id: "a#1", type: .approval, nodePath: "a"),
            Interrupt(id: "each[1].q#2", type: .question, nodePath: "each[1].q"))
        #expect(
            NextStep(workspaceID: "acme", podID: "sales").lines(two) == [
                "answer: signalbox respond 7 --interrupt 'a#1' --workspace acme --pod sales "
                    + "--approve   (or --reject)",
                "answer: signalbox respond 7 --interrupt 'each[1].q#2' --workspace acme "
                    + "--pod sales --data JSON",
            ])
        let others = Self.suspended(
            Interrupt(id: "b#1", type: .breakpoint, nodePath: "b"),
            Interrupt(id: "#2", type: .pause),
            Interrupt(id: "e#3", type: .event, nodePath: "e", eventName: "paid"))
        #expect(
            NextStep(workspaceID: "acme", podID: "sales").lines(others) == [
                "go on: signalbox continue 7 --interrupt 'b#1' --workspace acme --pod sales   "
                    + "(or --skip, --stop)",
                "go on: signalbox resume 7 --workspace acme --pod sales",
                "tell it: signalbox event send paid --workspace acme",
            ])
        #expect(NextStep().lines(Self.suspended()) == [])
    }

    @Test func `a task that no worker serves says what to start`() {
        func worker(_ queue: String, _ kinds: String...) -> ConnectedWorker {
            ConnectedWorker(queue: queue, kinds: kinds.map { WorkerKind(name: $0) })
        }
        let none = NextStep.line(task: "shout", workers: [worker("default", "greet")])
        #expect(none?.contains("no worker that serves 'shout' is connected") == true)
        #expect(none?.contains("signalbox token create NAME --role worker") == true)
        #expect(NextStep.line(task: "shout", workers: [worker("gpu", "greet", "shout")]) == nil)
        let other = NextStep.line(task: "shout@gpu", workers: [worker("default", "shout")])
        #expect(other?.contains("'shout' in the queue 'gpu'") == true)
        #expect(NextStep.line(task: "shout@gpu", workers: [worker("gpu", "shout")]) == nil)
    }

    @Test func `a wait begins and ends with its events`() {
        func event(_ kind: ExecutionEvent.Kind) -> ExecutionEvent { ExecutionEvent(kind: kind) }
        var waits = Waits()
        waits.saw(
            event(
                .nodeDelegated(
                    NodeDelegated(nodePath: "job", delegate: .task, reference: "shout"))))
        waits.saw(
            event(
                .nodeDelegated(
                    NodeDelegated(nodePath: "sub", delegate: .child, reference: "id"))))
        #expect(waits.tasks == ["job": "shout"])
        waits.saw(event(.executionSuspended(ExecutionSuspended(reason: .approval))))
        #expect(waits.isSuspended)
        waits.saw(event(.nodeCompleted(NodeCompleted(nodePath: "job"))))
        #expect(waits.tasks.isEmpty && !waits.isEmpty)
        waits.saw(event(.executionResumed(ExecutionResumed())))
        #expect(waits.isEmpty)
        waits.saw(event(.executionSuspended(ExecutionSuspended(reason: .approval))))
        waits.saw(event(.executionCancelled(ExecutionCancelled())))
        #expect(waits.isEmpty)
    }

    @Test func `held members are named once each, and not more than so many`() {
        var held = HeldText(workspaceID: "", batchID: "batch-1", namesMax: 2)
        func member(_ number: Int64, _ ordinal: Int = 1) -> Execution {
            Execution(
                number: number, workflowID: "greet", status: .suspended,
                interrupts: [
                    Interrupt(
                        id: "ok#\(ordinal)", type: .approval, nodePath: "ok", message: "Go on?")
                ])
        }
        let first = held.news([member(1)])
        #expect(
            first == [
                "held: execution 1 (greet) ok#1 APPROVAL: Go on?",
                "      answer: signalbox respond 1 --approve   (or --reject)",
            ])
        let repeated = held.news([member(1)])
        #expect(repeated == [])
        // The list comes newest first; the oldest is named first.
        let more = held.news([member(4), member(3), member(1, 2)])
        #expect(more.first == "held: execution 1 (greet) ok#2 APPROVAL: Go on?")
        #expect(more.last?.contains("signalbox list --batch batch-1 --status suspended") == true)
        #expect(more.count == 3)
        #expect(held.isOver)
        let after = held.news([member(5)])
        #expect(after == [])
    }

    @Test(arguments: [
        ("plain-1_2./:@%+=,x", "plain-1_2./:@%+=,x"), ("", "''"), ("a b", "'a b'"),
        ("it's", #"'it'\''s'"#), ("$(x)", "'$(x)'"), ("a\u{1B}[1m", "'a [1m'"), ("ä", "'ä'"),
        ("#1", "'#1'"), ("~", "'~'"),
    ])
    func `a word is quoted where a shell would read it otherwise`(word: String, quoted: String) {
        #expect(ShellWord.quoted(word) == quoted)
    }

    @Test(
        arguments: [
            (EADDRINUSE, "127.0.0.1:7443 is in use"), (EADDRNOTAVAIL, "no address of this machine"),
            (EACCES, "above 1023"), (ENOBUFS, "cannot listen on 127.0.0.1:7443"),
        ] as [(CInt, String)])
    func `an address that cannot be had is named with its setting`(code: CInt, text: String) {
        let failure = ListenFailure(
            HostAndPort(host: "127.0.0.1", port: 7_443), flag: "--admin-http", code: code,
            reason: "reasons")
        #expect(failure.description.contains(text))
        #expect(failure.description.contains("--admin-http HOST:PORT"))
    }

    @Test func `a fault of an unknown kind names the way out`() {
        #expect(WayOut.isUnknownKind("UNKNOWN_KIND: expected one of …"))
        #expect(!WayOut.isUnknownKind("BAD_VALUE: expected …"))
        #expect(WayOut.ofUnknownKind.contains("--allow-unregistered"))
    }
}

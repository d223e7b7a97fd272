import Foundation
import JSON
import Logging
import Testing

@testable import Expressions

/// Runs `body` with an evaluator over the real helper, and ends it.
func withEvaluator<Result>(
    helpersMax: Int = 1, limits: ExpressionLimits = .unhurried,
    _ body: (ExpressionEvaluator) async throws -> Result
) async throws -> Result {
    let path = try #require(ExpressionEvaluator.helperPathBesideExecutable())
    let evaluator = ExpressionEvaluator(
        helperPath: path, helpersMax: helpersMax, limits: limits, logger: Logger(label: "test"))
    do {
        let result = try await body(evaluator)
        await evaluator.shutDown()
        return result
    } catch {
        await evaluator.shutDown()
        throw error
    }
}

extension ExpressionLimits {
    /// A wall that a busy machine does not run into.
    static var unhurried: ExpressionLimits {
        var limits = ExpressionLimits()
        limits.wallMax = .seconds(60)
        return limits
    }
}

/// Expects that `program` gives `text`.
func expect(
    _ program: String, _ bindings: ExpressionBindings, gives text: String,
    with evaluator: ExpressionEvaluator
) async throws {
    let output = try await evaluator.evaluate(program, bindings, workspace: "w")
    #expect(output.text == text, "\(program)")
}

@Suite("Expression evaluator")
struct ExpressionEvaluatorTests {
    @Test("programs give jq's results over the bindings")
    func results() async throws {
        let bindings = ExpressionBindings(
            input: #"{"items":[{"p":2},{"p":3}],"name":"é"}"#.text,
            outputs: ["n": "[1,2]".text], last: "null".text, item: "5".text, index: 1)
        let cases = [
            (".input.items | map(.p) | add", "5"), (".nodes.n.output | length", "2"),
            (".input.name + \"!\"", "\"é!\""), (".item * 2 + .index", "11"),
            ("{input} | keys", "[\"input\"]"),
            ("keys", #"["execution","index","input","item","last","nodes"]"#), (". | length", "6"),
            ("[.nodes[].output[]]", "[1,2]"), ("9007199254740990 + 1", "9007199254740991"),
            ("0.1 + 0.2", "0.30000000000000004"),
            ("def f: 1; f", "1"), ("now | type", "\"number\""), ("{b: 1, a: 2}", #"{"b":1,"a":2}"#),
        ]
        try await withEvaluator { evaluator in
            for (program, expected) in cases {
                let output = try await evaluator.evaluate(program, bindings, workspace: "w")
                #expect(output.text == expected, "\(program)")
            }
        }
    }

    @Test("each failure has its code, and the next expression is served")
    func failures() async throws {
        let cases: [(String, ExpressionError.Code)] = [
            ("1 +", .syntax), ("nothing_such", .syntax), ("env", .syntax),
            ("error(\"x\")", .failed),
            ("\"a\" - 1", .failed), ("1, 2", .outputCount), ("empty", .outputCount),
            ("range(1000000)", .outputCount),
            ("9007199254740992 + 1", .numberRange), ("-9007199254740991 - 1", .numberRange),
            ("[{a: 1e17}]", .numberRange),
            ("[range(300000)]", .tooLarge), ("reduce range(200) as $i (1; [.])", .tooLarge),
        ]
        try await withEvaluator { evaluator in
            for (program, code) in cases {
                let error = await #expect(throws: ExpressionError.self) {
                    try await evaluator.evaluate(program, ExpressionBindings(), workspace: "w")
                }
                #expect(error?.code == code, "\(program)")
            }
            let error = await #expect(throws: ExpressionError.self) {
                try await evaluator.evaluate("1, 2, 3", ExpressionBindings(), workspace: "w")
            }
            #expect(error?.message == "expected exactly one output, found 3")
            try await expect("1 + 1", ExpressionBindings(), gives: "2", with: evaluator)
        }
    }

    @Test("programs are checked without being run, and every bad one of many is found")
    func checking() async throws {
        var programs = (0..<300).map { "\($0) + 1 # a comment" }
        programs[0] = "error(\"not run\")"
        programs[7] = "foo(1)"
        programs[8] = "def f: 1;"
        programs[255] = "1 +"
        programs[299] = ".input | bar"
        let expressions = try programs.map { try Expression($0) }
        try await withEvaluator { evaluator in
            let faults = try await evaluator.faults(
                in: expressions, faultsMax: 100, workspace: "w")
            #expect(faults.map(\.index) == [7, 255, 299])
            #expect(faults.first?.message == "foo/1 is not defined")
            #expect(faults.last?.message == "bar/0 is not defined")
            let first = try await evaluator.faults(in: expressions, faultsMax: 1, workspace: "w")
            #expect(first.map(\.index) == [7])
        }
    }

    @Test("data is resolved: types kept, text interpolated, the rest spliced")
    func data() async throws {
        let value = try JSONValue(
            parsing:
                #"{"n":1.50,"whole":"${.input.big}","sum":"${ .input.a + 1 }","text":"a ${.input.s} b ${ .input.a } ${.item}","l":["$${x}",{"k":"${.input}"}]}"#
        )
        let bindings = ExpressionBindings(
            input: #"{"big":12345678901234567890.10,"a":1,"s":"é\"x"}"#.text)
        let text = try await withEvaluator { evaluator in
            try await CompiledData(compiling: value).resolve(
                bindings, with: evaluator, workspace: "w")
        }
        #expect(
            text.text
                == #"{"n":1.50,"whole":12345678901234567890.10,"sum":2,"text":"a é\"x b 1 null","l":["${x}",{"k":{"big":12345678901234567890.10,"a":1,"s":"é\"x"}}]}"#
        )
    }

    @Test("many callers of many workspaces on several helpers are all answered")
    func concurrency() async throws {
        try await withEvaluator(helpersMax: 3) { evaluator in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let bindings = ExpressionBindings(
                            input: JSONText(.number(JSONNumber(number))))
                        let output = try await evaluator.evaluate(
                            ".input + \(number % 7)", bindings, workspace: "w\(number % 5)")
                        return output.text == String(number + number % 7)
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test("a helper that cannot be started is named")
    func noHelper() async throws {
        let evaluator = ExpressionEvaluator(
            helperPath: "/nonexistent/helper", helpersMax: 1, logger: Logger(label: "test"))
        let error = await #expect(throws: ExpressionError.self) {
            try await evaluator.evaluate("1 + 1", ExpressionBindings(), workspace: "w")
        }
        #expect(error?.code == .unavailable)
        await evaluator.shutDown()
        let late = await #expect(throws: ExpressionError.self) {
            try await evaluator.evaluate("1 + 1", ExpressionBindings(), workspace: "w")
        }
        #expect(late?.code == .cancelled)
    }

    @Test("input larger than the limit is refused before it is sent")
    func largeInput() async throws {
        var limits = ExpressionLimits.unhurried
        limits.inputBytesMax = 100
        try await withEvaluator(limits: limits) { evaluator in
            let bindings = ExpressionBindings(
                input: JSONText(.string(String(repeating: "x", count: 100))), last: "1".text)
            let error = await #expect(throws: ExpressionError.self) {
                try await evaluator.evaluate(".input | length", bindings, workspace: "w")
            }
            #expect(error?.code == .tooLarge)
            try await expect(".last + 1", bindings, gives: "2", with: evaluator)
        }
    }
}

@Suite("Expression evaluator, hostile programs")
struct ExpressionEvaluatorHostileInputTests {
    /// The real wall, for programs that must run into it.
    static let wall = ExpressionLimits()

    @Test(
        "a program that never ends is stopped, and the next one is served",
        arguments: [
            "def f: f; f", "[repeat(1)] | length | empty", "last(repeat(1))", "until(false; .)",
        ])
    func endless(program: String) async throws {
        var limits = ExpressionLimits()
        // Shorter than the regular expression engine's own limit takes.
        limits.wallMax = .milliseconds(300)
        try await withEvaluator(limits: limits) { evaluator in
            let error = await #expect(throws: ExpressionError.self) {
                try await evaluator.evaluate(program, ExpressionBindings(), workspace: "w")
            }
            let code = try #require(error?.code)
            #expect([.timedOut, .memory].contains(code), "\(String(describing: error))")
            let next = try await served("1 + 1", by: evaluator)
            #expect(next.text == "2")
        }
    }

    /// The output of `program`, also where a busy machine runs into a short wall a few times.
    private func served(
        _ program: String, by evaluator: ExpressionEvaluator
    ) async throws -> JSONText {
        for _ in 1..<100 {
            do throws(ExpressionError) {
                return try await evaluator.evaluate(program, ExpressionBindings(), workspace: "w")
            } catch {
                guard error.code == .timedOut else { throw error }
            }
        }
        return try await evaluator.evaluate(program, ExpressionBindings(), workspace: "w")
    }

    @Test(
        "a program that allocates without bound is stopped, and the next one is served",
        arguments: [
            "[range(1e9)]", "def f: 1 + f; f", "[limit(100000000; repeat(\"x\"))]",
            "null | setpath([100000000]; 1)",
            "\"x\" * 1e9", "reduce range(1000000) as $i (1; [.]) | 1", "[range(1e9)] | sort",
        ])
    func allocating(program: String) async throws {
        try await withEvaluator { evaluator in
            try await expect("1 + 1", ExpressionBindings(), gives: "2", with: evaluator)
            let error = await #expect(throws: ExpressionError.self) {
                try await evaluator.evaluate(program, ExpressionBindings(), workspace: "w")
            }
            #expect(error?.code == .memory)
            try await expect("2 + 1", ExpressionBindings(), gives: "3", with: evaluator)
        }
    }

    @Test("a helper killed between or within expressions is replaced")
    func killed() async throws {
        let path = try #require(ExpressionEvaluator.helperPathBesideExecutable())
        var helper = try HelperProcess(path: path)
        let outcome = helper.exchange(.run, program: "1 + 1", input: "null", wallMax: .seconds(60))
        #expect(outcome == .answer(status: 0, body: Array("2".utf8)))
        helper.end()
        try await withEvaluator { evaluator in
            for _ in 0..<3 {
                try await expect("1 + 1", ExpressionBindings(), gives: "2", with: evaluator)
                evaluator.killIdleHelpers()
            }
            try await expect("1 + 1", ExpressionBindings(), gives: "2", with: evaluator)
        }
    }

    @Test("what is refused by name cannot be reached in the helper either")
    func fence() throws {
        let path = try #require(ExpressionEvaluator.helperPathBesideExecutable())
        var helper = try HelperProcess(path: path)
        defer { helper.end() }
        let environment = helper.exchange(
            .run, program: "env", input: "null", wallMax: .seconds(60))
        #expect(environment == .answer(status: 0, body: Array(#"{"HOME":"/nonexistent"}"#.utf8)))
    }

    @Test(
        "nothing of the machine is read in the helper",
        arguments: [
            #"import "/etc/passwd" as $x; $x"#, #"include "/etc/hosts"; 1"#, "input",
            #"import "a" as $x {search: "/etc"}; $x"#, "$__prog_args", "input_filename", "$ENV",
        ])
    func reading(program: String) throws {
        let path = try #require(ExpressionEvaluator.helperPathBesideExecutable())
        var helper = try HelperProcess(path: path)
        let outcome = helper.exchange(.run, program: program, input: "7", wallMax: .seconds(60))
        // Looking for a file is a system call that the fence ends it for; it is reaped by then.
        if case .killed = outcome { return }
        guard case .answer(let status, let body) = outcome else {
            Issue.record("expected an answer or the fence, got \(outcome)")
            return
        }
        defer { helper.end() }
        let text = String(decoding: body, as: UTF8.self)
        #expect(
            status != 0 || ["null", #"{"HOME":"/nonexistent"}"#].contains(text),
            "\(status) \(text)")
        #expect(!text.contains("root:") && !text.contains("localhost"), "\(text)")
    }

    // A sanitizer's run time cannot live behind the fence.
    @Test(
        "a helper is fenced in: system calls, privileges, memory, open files",
        .disabled(
            if: ["ASAN_OPTIONS", "TSAN_OPTIONS"].contains {
                ProcessInfo.processInfo.environment[$0] != nil
            }))
    func fences() throws {
        let path = try #require(ExpressionEvaluator.helperPathBesideExecutable())
        var helper = try HelperProcess(path: path)
        defer { helper.end() }
        let outcome = helper.exchange(.run, program: "1", input: "null", wallMax: .seconds(60))
        #expect(outcome == .answer(status: 0, body: Array("1".utf8)))
        func lines(_ name: String) throws -> Set<String> {
            let text = try String(
                contentsOfFile: "/proc/\(helper.identifier)/\(name)", encoding: .utf8)
            return Set(
                text.split(separator: "\n").map { line in
                    line.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
                })
        }
        #expect(try lines("status").isSuperset(of: ["NoNewPrivs: 1", "Seccomp: 2"]))
        let memory = 64 << 20
        #expect(
            try lines("limits").isSuperset(of: [
                "Max data size \(memory) \(memory) bytes", "Max open files 3 3 files",
                "Max core file size 0 0 bytes",
            ]))
    }

    @Test("a task cancelled while it waits is answered, and takes no helper")
    func cancellation() async throws {
        try await withEvaluator { evaluator in
            let waiting = Task {
                try await evaluator.evaluate("1 + 1", ExpressionBindings(), workspace: "w")
            }
            waiting.cancel()
            switch await waiting.result {
            case .success(let text): #expect(text.text == "2")
            case .failure(let error): #expect((error as? ExpressionError)?.code == .cancelled)
            }
            try await expect("2 + 2", ExpressionBindings(), gives: "4", with: evaluator)
        }
    }
}

package import JSON
package import Logging
internal import Model
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Evaluates expressions: plain paths at once, everything else in a pool of helper processes.
///
/// Each helper runs one program at a time on one thread of this object's own. Evaluations that find no
/// helper free wait in a bounded queue that serves the workspaces in turn. A helper that takes too
/// long or dies is replaced. Safe to use from any task; one for a server.
package final class ExpressionEvaluator: Sendable {
    private struct Request: Sendable {
        var operation: HelperProcess.Operation
        var program: String
        var input: String
        var continuation: CheckedContinuation<Result<JSONText, ExpressionError>, Never>
    }

    private struct State {
        var queue: FairQueue<Request>
        var idle: [HelperProcess] = []
        /// How many threads are working the queue off.
        var working = 0
        var isShutDown = false
    }

    private let helperPath: String
    private let helpersMax: Int
    private let limits: ExpressionLimits
    private let logger: Logger
    private let threads: NIOThreadPool
    private let state: Mutex<State>

    /// An evaluator that starts helpers when they are first needed.
    ///
    /// - Parameters:
    ///   - helperPath: the `signalbox-expression` executable; see ``helperPathBesideExecutable()``.
    ///   - helpersMax: the most helpers at once; as many as there are cores unless told otherwise.
    package init(
        helperPath: String, helpersMax: Int = System.coreCount,
        limits: ExpressionLimits = .standard, logger: Logger
    ) {
        self.helperPath = helperPath
        self.helpersMax = max(1, helpersMax)
        self.limits = limits
        self.logger = logger
        threads = NIOThreadPool(numberOfThreads: max(1, helpersMax))
        threads.start()
        state = Mutex(
            State(
                queue: FairQueue(
                    countMax: limits.queuedMax,
                    countPerWorkspaceMax: limits.queuedPerWorkspaceMax)))
    }

    /// Evaluates `expression` over `bindings` and gives its one output.
    ///
    /// - Throws: ``ExpressionError``; `.overloaded` at once where the queue is full, `.cancelled` where
    ///   the task is cancelled while it waits for a helper.
    package func evaluate(
        _ expression: Expression, _ bindings: ExpressionBindings, workspace: String
    ) async throws(ExpressionError) -> JSONText {
        if let path = expression.path { return try path.evaluate(bindings) }
        let input = bindings.document(expression.references).text
        guard input.utf8.count <= limits.inputBytesMax else {
            throw ExpressionError(
                .tooLarge,
                "what the expression reads is \(input.utf8.count) bytes, which exceeds the limit of "
                    + "\(limits.inputBytesMax)")
        }
        return try await submit(.run, expression.source, input, workspace)
    }

    /// Reads and evaluates `program`, as ``evaluate(_:_:workspace:)-(Expression,_,_)``.
    package func evaluate(
        _ program: String, _ bindings: ExpressionBindings, workspace: String
    ) async throws(ExpressionError) -> JSONText {
        try await evaluate(
            try Expression(program, limits: limits), bindings, workspace: workspace)
    }

    /// The text of `template`: strings as they are, other values as their JSON text.
    package func interpolate(
        _ template: Template, _ bindings: ExpressionBindings, workspace: String
    ) async throws(ExpressionError) -> String {
        var text = ""
        for part in template.parts {
            switch part {
            case .text(let literal):
                text += literal
            case .expression(let expression):
                let output = try await evaluate(expression, bindings, workspace: workspace)
                text += Self.unquoted(output)
            }
        }
        return text
    }

    /// Which of `expressions` jq does not compile, each with jq's message, in order; nothing is run.
    /// For when a workflow is saved.
    ///
    /// Compiling takes some 24 ms however short the program, so that many are compiled as one; only a
    /// batch that fails is taken apart. No expression can hide in a batch what it would be refused for
    /// alone: its brackets and strings are known to match.
    ///
    /// - Parameter faultsMax: after so many nothing more is looked for.
    /// - Throws: ``ExpressionError`` if they could not be checked now.
    package func faults(
        in expressions: [Expression], faultsMax: Int, workspace: String
    ) async throws(ExpressionError) -> [(index: Int, message: String)] {
        let candidates = expressions.enumerated().filter { !$0.element.isPath }
        var faults: [(index: Int, message: String)] = []
        var open = Self.batches(candidates.map { ($0.offset, $0.element.source) })[...]
        while let batch = open.popFirst(), faults.count < faultsMax {
            if Task.isCancelled { throw Self.taskCancelledError }
            do throws(ExpressionError) {
                _ = try await submit(.compile, Self.program(of: batch), "", workspace)
            } catch {
                guard error.isAboutProgram else { throw error }
                if batch.count == 1, let first = batch.first {
                    faults.append((first.index, error.message))
                } else {
                    let middle = batch.index(batch.startIndex, offsetBy: batch.count / 2)
                    open.insert(
                        contentsOf: [batch[..<middle], batch[middle...]], at: open.startIndex)
                }
            }
        }
        return faults
    }

    /// As many expressions in one program as compile well within the time for one.
    private static let batchCountMax = 64
    private static let batchBytesMax = 16 << 10

    private static func batches(_ expressions: [(index: Int, source: String)])
        -> [ArraySlice<(index: Int, source: String)>]
    {
        var batches: [ArraySlice<(index: Int, source: String)>] = []
        var start = 0
        var byteCount = 0
        for (position, expression) in expressions.enumerated() {
            let isFull =
                position - start == batchCountMax
                || byteCount + expression.source.utf8.count > batchBytesMax
            if isFull, position > start {
                batches.append(expressions[start..<position])
                (start, byteCount) = (position, 0)
            }
            byteCount += expression.source.utf8.count
        }
        if start < expressions.count { batches.append(expressions[start...]) }
        return batches
    }

    /// A line feed ends a comment that an expression may end with.
    private static func program(of batch: ArraySlice<(index: Int, source: String)>) -> String {
        if batch.count == 1, let only = batch.first { return only.source }
        return batch.map { "(\($0.source)\n)" }.joined(separator: ",")
    }

    /// Ends the helpers and answers what waits with `.cancelled`; what runs now still ends by itself.
    package func shutDown() async {
        let (waiting, idle) = state.withLock { state in
            state.isShutDown = true
            var waiting: [Request] = []
            while let request = state.queue.popFirst() { waiting.append(request) }
            defer { state.idle = [] }
            return (waiting, state.idle)
        }
        for request in waiting {
            request.continuation.resume(returning: .failure(Self.shutDownError))
        }
        for helper in idle { helper.end() }
        do {
            try await threads.shutdownGracefully()
        } catch {
            logger.error("cannot end the expression threads", metadata: ["error": "\(error)"])
        }
    }

    private static let shutDownError = ExpressionError(
        .cancelled, "the server is shutting down")

    private static func unquoted(_ output: JSONText) -> String {
        guard output.text.utf8.first == UInt8(ascii: "\""),
            let text = (try? JSONValue(output))?.stringValue
        else { return output.text }
        return text
    }

    // MARK: The queue

    private func submit(
        _ operation: HelperProcess.Operation, _ program: String, _ input: String,
        _ workspace: String
    ) async throws(ExpressionError) -> JSONText {
        let ticket = Mutex<Int?>(nil)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let request = Request(
                    operation: operation, program: program, input: input,
                    continuation: continuation)
                if let refusal = enqueue(request, workspace, ticket) {
                    continuation.resume(returning: .failure(refusal))
                }
            }
        } onCancel: {
            let request = state.withLock { state in
                ticket.withLock { $0 }.flatMap { state.queue.remove($0, workspace: workspace) }
            }
            request?.continuation.resume(returning: .failure(Self.taskCancelledError))
        }
        return try result.get()
    }

    private static let taskCancelledError = ExpressionError(
        .cancelled, "the caller no longer waits for the expression")

    /// Adds the request, and a thread to work it off if one is free; gives why it is refused.
    private func enqueue(
        _ request: Request, _ workspace: String, _ ticket: borrowing Mutex<Int?>
    ) -> ExpressionError? {
        if Task.isCancelled { return Self.taskCancelledError }
        let (refusal, startsThread): (ExpressionError?, Bool) = state.withLock { state in
            guard !state.isShutDown else { return (Self.shutDownError, false) }
            guard let place = state.queue.append(request, workspace: workspace) else {
                return (
                    ExpressionError(
                        .overloaded,
                        "\(state.queue.count) expressions wait, which is the limit of the server or of "
                            + "the workspace"), false
                )
            }
            ticket.withLock { $0 = place }
            guard state.working < helpersMax else { return (nil, false) }
            state.working += 1
            return (nil, true)
        }
        if startsThread {
            threads.submit { phase in
                if phase == .active {
                    self.workOff()
                } else {
                    self.state.withLock { $0.working -= 1 }
                }
            }
        }
        return refusal
    }

    /// Serves requests with one helper until none waits. Runs on one of the evaluator's threads.
    private func workOff() {
        var helper = state.withLock { $0.idle.popLast() }
        while true {
            let next = state.withLock { state -> Request? in
                if let request = state.queue.popFirst() { return request }
                state.working -= 1
                if let kept = helper, !state.isShutDown {
                    state.idle.append(kept)
                    helper = nil
                }
                return nil
            }
            guard let next else { break }
            next.continuation.resume(returning: serve(next, with: &helper))
        }
        helper?.end()
    }

    /// Kills the helpers that run nothing, as if they had died: for tests of their replacement.
    func killIdleHelpers() {
        for helper in state.withLock({ $0.idle }) { helper.signalKill() }
    }

    // MARK: One request

    private func serve(
        _ request: Request, with helper: inout HelperProcess?
    ) -> Result<JSONText, ExpressionError> {
        do throws(ExpressionError) {
            while true {
                var running: HelperProcess
                if let helper {
                    running = helper
                } else {
                    running = try HelperProcess(path: helperPath)
                }
                helper = nil
                let outcome = running.exchange(
                    request.operation, program: request.program, input: request.input,
                    wallMax: limits.wallMax)
                switch outcome {
                case .answer(let status, let body):
                    helper = running
                    return .success(try Self.output(status: status, body: body))
                case .timedOut:
                    throw ExpressionError(
                        .timedOut, "the expression did not end within \(limits.wallMax)")
                case .exited, .killed:
                    // What it still held of earlier programs, or a stray kill, is not this one's fault.
                    if running.answered > 0 { continue }
                    let error = Self.failure(outcome)
                    if error.code == .unavailable {
                        logger.error("\(error.message)", metadata: ["helper": "\(helperPath)"])
                    }
                    throw error
                }
            }
        } catch {
            return .failure(error)
        }
    }

    /// The statuses of `Sources/signalbox-expression/main.c`.
    private static func output(
        status: UInt8, body: [UInt8]
    ) throws(ExpressionError) -> JSONText {
        let message = { String(decoding: body, as: UTF8.self) }
        switch status {
        case 0:
            do throws(JSONError) {
                return try JSONText(validating: body)
            } catch {
                throw ExpressionError(.failed, "the expression's output is not JSON: \(error)")
            }
        case 1: throw ExpressionError(.syntax, readable(message()))
        case 2: throw ExpressionError(.failed, message())
        case 3: throw ExpressionError(.outputCount, message())
        case 4: throw ExpressionError(.numberRange, message())
        case 5: throw ExpressionError(.tooLarge, message())
        default:
            throw ExpressionError(.failed, "the expression helper answered with status \(status)")
        }
    }

    /// jq's message for a program that does not compile, without what speaks of a command line.
    private static func readable(_ message: String) -> String {
        var text = message[...]
        if text.hasPrefix("jq: error: ") { text = text.dropFirst("jq: error: ".count) }
        let line = text.prefix { $0 != "\n" }
        return String(
            line.replacing(" (Unix shell quoting issues?)", with: "")
                .replacing(" at <top-level>, line 1:", with: ""))
    }

    /// The exit statuses of `Sources/signalbox-expression/fence.h`.
    private static func failure(_ outcome: HelperProcess.Outcome) -> ExpressionError {
        switch outcome {
        case .exited(3), .killed(signal: 11):
            ExpressionError(.memory, "the expression needs more than 64 MiB of memory")
        case .exited(5):
            ExpressionError(
                .unavailable, "the expression helper cannot limit itself; the kernel needs seccomp")
        case .exited(127):
            ExpressionError(.unavailable, "the expression helper cannot be run")
        case .killed(let signal):
            ExpressionError(.failed, "the expression ended its helper with signal \(signal)")
        case .exited(let status):
            ExpressionError(.failed, "the expression helper ended with status \(status)")
        case .answer, .timedOut:
            ExpressionError(.failed, "the expression gave no answer")
        }
    }
}

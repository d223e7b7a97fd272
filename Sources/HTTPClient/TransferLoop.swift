internal import Foundation
internal import Synchronization

/// A request on its way to the loop.
struct Submission: Sendable {
    let id: Int
    /// Of the URL, with its port.
    let host: String
    let request: HTTPClientRequest
    let endpoint: HTTPClientRequest.Endpoint?
    let deadline: ContinuousClock.Instant
    let continuation: CheckedContinuation<Result<HTTPClientResponse, HTTPClientError>, Never>
}

/// The thread on which libcurl runs, and its letter box.
final class TransferLoop: Sendable {
    private enum Letter {
        case send(Submission)
        case cancel(Int, host: String)
    }

    private enum Phase {
        case idle
        case running
        case stopping
        case ended
    }

    private struct State {
        var phase = Phase.idle
        var letters: [Letter] = []
        /// Requests that were submitted and have not ended.
        var count = 0
        /// Whether the thread will look into the box without being woken again.
        var isWoken = false
        /// There while the thread runs.
        var multi: MultiHandle?
        var ends: [CheckedContinuation<Void, Never>] = []
    }

    private let limits: HTTPClientLimits
    private let trustFile: String?
    private let spawn: Spawn
    private let state = Mutex(State())

    /// Runs a function on a new thread; returns 0, or the number of what went wrong.
    typealias Spawn = @Sendable (@escaping @Sendable () -> Void) -> Int32

    init(
        limits: HTTPClientLimits, trustFile: String?,
        spawn: @escaping Spawn = DetachedThread.start
    ) {
        self.limits = limits
        self.trustFile = trustFile
        self.spawn = spawn
    }

    // MARK: From any thread

    /// Takes a request, whose continuation is resumed exactly once.
    func submit(_ submission: Submission) {
        let (refusal, isFirst) = state.withLock { state -> (HTTPClientError?, Bool) in
            guard state.phase == .idle || state.phase == .running else { return (.shutDown, false) }
            guard state.count < limits.transfersMax + limits.waitingMax else {
                return (.overloaded(limit: limits.waitingMax), false)
            }
            let isFirst = state.phase == .idle
            if isFirst {
                guard let multi = MultiHandle() else {
                    return (.failed("libcurl cannot be started"), false)
                }
                state.multi = multi
                state.phase = .running
                state.isWoken = true
            }
            state.count += 1
            state.letters.append(.send(submission))
            Self.wake(&state)
            return (nil, isFirst)
        }
        if let refusal { submission.continuation.resume(returning: .failure(refusal)) }
        guard isFirst else { return }
        let error = spawn { self.serve() }
        if error != 0 { failToStart(error) }
    }

    /// Fails what waits for a thread that is not to be had. The next request tries again.
    private func failToStart(_ error: Int32) {
        let (letters, ends) = state.withLock { state in
            state.phase = state.phase == .stopping ? .ended : .idle
            state.multi = nil
            state.isWoken = false
            state.count = 0
            defer { (state.letters, state.ends) = ([], []) }
            return (state.letters, state.ends)
        }
        let reason = unsafe String(cString: strerror(error))
        for case .send(let submission) in letters {
            submission.continuation.resume(
                returning: .failure(
                    .unconnected("no thread for requests can be started: \(reason)")))
        }
        for continuation in ends { continuation.resume() }
    }

    /// Ends a request to `host`, if it has not ended.
    func cancel(_ id: Int, of host: String) {
        state.withLock { state in
            guard state.phase == .running else { return }
            state.letters.append(.cancel(id, host: host))
            Self.wake(&state)
        }
    }

    /// Has the thread end.
    func stop() {
        state.withLock { state in
            switch state.phase {
            case .idle: state.phase = .ended
            case .running:
                state.phase = .stopping
                Self.wake(&state)
            case .stopping, .ended: break
            }
        }
    }

    /// Returns when the thread has ended.
    func shutDown() async {
        stop()
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.phase != .ended { state.ends.append(continuation) }
                return state.phase == .ended
            }
            if isOver { continuation.resume() }
        }
    }

    private static func wake(_ state: inout State) {
        guard !state.isWoken else { return }
        state.isWoken = true
        state.multi?.wake()
    }

    // MARK: On the thread

    private func serve() {
        Self.blockBrokenPipes()
        run()
        let ends = state.withLock { state in
            state.phase = .ended
            // The last reference: it closes the connections.
            state.multi = nil
            defer { state.ends = [] }
            return state.ends
        }
        for continuation in ends { continuation.resume() }
    }

    /// In a function of its own: who holds on to the first handle keeps its connections open.
    private func firstTable() -> TransferTable? {
        state.withLock { $0.multi }.map {
            TransferTable($0, limits: limits, trustFile: trustFile)
        }
    }

    /// Goes on with everything as far as it goes, then sleeps until there is more to do.
    private func run() {
        guard var table = firstTable() else { return }
        while true {
            let (letters, isStopping) = state.withLock { state in
                state.isWoken = false
                defer { state.letters = [] }
                return (state.letters, state.phase == .stopping)
            }
            for letter in letters {
                switch letter {
                case .send(let submission): table.add(submission)
                case .cancel(let id, let host): table.cancel(id, of: host)
                }
            }
            if isStopping { return table.failAll(.shutDown) }
            table.advance()
            let ended = table.takeEnded()
            state.withLock { $0.count -= ended }
            if let multi = table.sleep() {
                // Whoever wrote a letter meanwhile woke the old one, but the box is looked into next.
                state.withLock { $0.multi = multi }
            }
        }
    }

    /// libcurl, when it is told to leave signals alone, leaves this one to its caller.
    private static func blockBrokenPipes() {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}

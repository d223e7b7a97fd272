internal import Glibc

/// One running `signalbox-expression`, spoken to over a socket by one thread at a time.
///
/// The calls block, so they are made on the evaluator's own threads. Whoever holds the value ends it
/// with ``end()``, or by an exchange that does not answer.
struct HelperProcess: Sendable {
    enum Operation: UInt8, Sendable {
        case run = 1
        case compile = 2
    }

    /// What came of a request. After anything but an answer, the process is gone and reaped.
    enum Outcome: Sendable, Equatable {
        case answer(status: UInt8, body: [UInt8])
        case timedOut
        case exited(Int32)
        case killed(signal: Int32)
    }

    let identifier: pid_t
    private let socket: Int32
    /// How many requests it has answered.
    private(set) var answered = 0

    /// Starts the executable at `path` with no arguments, no environment, and standard streams only.
    init(path: String) throws(ExpressionError) {
        var pair: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &pair) == 0 else {
            throw Self.unavailable(path, errno)
        }
        defer { close(pair[1]) }
        do throws(ExpressionError) {
            identifier = try Self.spawn(path, streams: pair[1])
        } catch {
            close(pair[0])
            throw error
        }
        socket = pair[0]
    }

    private static func unavailable(_ path: String, _ code: Int32) -> ExpressionError {
        let reason = unsafe String(cString: strerror(code))
        return ExpressionError(
            .unavailable, "cannot start the expression helper \(path): \(reason)")
    }

    private static func spawn(_ path: String, streams: Int32) throws(ExpressionError) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        unsafe posix_spawn_file_actions_adddup2(&actions, streams, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, streams, 1)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        // The helper must not inherit what the server blocks or ignores, nor a terminal's Ctrl-C.
        var none = sigset_t()
        var all = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

        var identifier: pid_t = 0
        let code = unsafe path.withCString { path in
            var arguments = unsafe [strdup("signalbox-expression"), nil]
            defer { unsafe free(arguments[0]) }
            var environment: [UnsafeMutablePointer<CChar>?] = unsafe [nil]
            return unsafe posix_spawn(
                &identifier, path, &actions, &attributes, &arguments, &environment)
        }
        guard code == 0 else { throw unavailable(path, code) }
        return identifier
    }

    /// Sends a request and waits at most `wallMax` for the answer; then the process is killed.
    mutating func exchange(
        _ operation: Operation, program: String, input: String, wallMax: Duration
    ) -> Outcome {
        let deadline = ContinuousClock.now + wallMax
        var request: [UInt8] = [operation.rawValue]
        request.reserveCapacity(9 + program.utf8.count + input.utf8.count)
        Self.append(UInt32(program.utf8.count), to: &request)
        Self.append(UInt32(input.utf8.count), to: &request)
        request.append(contentsOf: program.utf8)
        request.append(contentsOf: input.utf8)
        if let failure = send(request, until: deadline) { return failure }

        var header: [UInt8] = []
        if let failure = receive(5, into: &header, until: deadline) { return failure }
        let length = header[1...].reduce(0) { $0 << 8 | Int($1) }
        guard length <= ExpressionLimits.answerBytesMax else { return ending(kill: true) }
        var body: [UInt8] = []
        if let failure = receive(length, into: &body, until: deadline) { return failure }
        answered += 1
        return .answer(status: header[0], body: body)
    }

    /// Kills the process and gives back what it held.
    func end() { _ = ending(kill: true) }

    /// Kills the process without reaping it; the next exchange finds out.
    func signalKill() { kill(identifier, SIGKILL) }

    private static func append(_ length: UInt32, to request: inout [UInt8]) {
        for shift in [24, 16, 8, 0] as [UInt32] {
            request.append(UInt8(truncatingIfNeeded: length >> shift))
        }
    }

    // MARK: The socket

    private func send(_ request: [UInt8], until deadline: ContinuousClock.Instant) -> Outcome? {
        var done = 0
        while done < request.count {
            let count = unsafe request.withUnsafeBytes { bytes in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
                let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
                return unsafe Glibc.send(socket, rest.baseAddress, rest.count, flags)
            }
            if count >= 0 {
                done += count
            } else if errno == EAGAIN {
                guard wait(for: Int16(POLLOUT), until: deadline) else { return timedOut() }
            } else if errno != EINTR {
                return ending(kill: false)
            }
        }
        return nil
    }

    private func receive(
        _ length: Int, into bytes: inout [UInt8], until deadline: ContinuousClock.Instant
    ) -> Outcome? {
        bytes = Array(repeating: 0, count: length)
        var done = 0
        while done < length {
            let count = unsafe bytes.withUnsafeMutableBytes { bytes in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
                return unsafe recv(
                    socket, rest.baseAddress, rest.count, Int32(MSG_DONTWAIT))
            }
            if count > 0 {
                done += count
            } else if count < 0, errno == EAGAIN {
                guard wait(for: Int16(POLLIN), until: deadline) else { return timedOut() }
            } else if count == 0 || errno != EINTR {
                return ending(kill: false)
            }
        }
        return nil
    }

    /// Waits until the socket is ready or closed; false once the deadline has passed.
    private func wait(for events: Int16, until deadline: ContinuousClock.Instant) -> Bool {
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return false }
            let (seconds, attoseconds) = left.components
            let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000 + 1
            var descriptor = pollfd(fd: socket, events: events, revents: 0)
            let ready = unsafe poll(&descriptor, 1, Int32(clamping: milliseconds))
            if ready > 0 { return true }
            if ready < 0, errno != EINTR { return false }
        }
    }

    private func timedOut() -> Outcome {
        _ = ending(kill: true)
        return .timedOut
    }

    /// Reaps the process, which has ended or is killed now, and closes the socket.
    private func ending(kill isKilled: Bool) -> Outcome {
        // A closed socket means that the process is ending; one that closed it and lives on is killed.
        if isKilled { kill(identifier, SIGKILL) }
        close(socket)
        var status: Int32 = 0
        while unsafe waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(signal: signal)
    }
}

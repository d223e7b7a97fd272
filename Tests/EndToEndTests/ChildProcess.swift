import Dispatch
import Foundation
import Glibc
import Synchronization

/// A process that a test started. Foundation's is not used: starting many at the same moment crashes it.
final class ChildProcess: Sendable {
    private static let filesMax: Int32 = 1_024
    let identifier: pid_t
    /// Signalled once it has ended.
    private let end = DispatchSemaphore(value: 0)
    private let state = Mutex<(status: Int32?, waiting: [CheckedContinuation<Int32, Never>])>(
        (nil, []))

    /// Starts it with no more than its own input, output and complaint.
    init(
        _ path: String, _ arguments: [String], in folder: URL, environment: [String: String],
        output: FileHandle, complaint: FileHandle
    ) throws {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output.fileDescriptor, 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, complaint.fileDescriptor, 2)
        // What other tests have open; one that is not open is no error.
        for file in 3..<Self.filesMax { unsafe posix_spawn_file_actions_addclose(&actions, file) }
        let words = unsafe Self.copied(["env", "-C", folder.path, path] + arguments)
        let variables = unsafe Self.copied(environment.map { "\($0)=\($1)" })
        defer { unsafe (words + variables).forEach { unsafe free($0) } }
        var identifier: pid_t = 0
        let error = unsafe posix_spawn(&identifier, "/usr/bin/env", &actions, nil, words, variables)
        guard error == 0 else {
            throw Program.Failure(description: "cannot start \(path): \(error)")
        }
        self.identifier = identifier
        // Blocks, so it must not be one of the tests' own threads.
        Thread.detachNewThread { self.wait() }
    }

    var isRunning: Bool { state.withLock { $0.status == nil } }

    /// Returns when it has ended: its exit status, or the signal that ended it.
    func ended() async -> Int32 {
        await withCheckedContinuation { continuation in
            let status = state.withLock { state in
                if state.status == nil { state.waiting.append(continuation) }
                return state.status
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    /// The same, holding up this thread; nil if it takes longer. For one caller.
    func ended(within seconds: Double) -> Int32? {
        guard end.wait(timeout: .now() + seconds) == .success else { return nil }
        return state.withLock { $0.status }
    }

    private func wait() {
        var raw: Int32 = 0
        while unsafe waitpid(identifier, &raw, 0) == -1 && errno == EINTR {}
        let signal = raw & 0x7F
        let status = signal == 0 ? (raw >> 8) & 0xFF : signal
        let waiting = state.withLock { state in
            state.status = status
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: status) }
        end.signal()
    }

    private static func copied(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
        unsafe texts.map { unsafe strdup($0) } + [nil]
    }
}

internal import Foundation
internal import Store

/// A server's sole right to a database file, from opening to closing or to the process's death.
///
/// It is `flock` on a file beside the database: a lock on the database file itself would share, and
/// lose, SQLite's own POSIX locks whenever a descriptor of it is closed.
struct DatabaseLock: ~Copyable {
    private let descriptor: Int32

    /// Takes the lock of the database at `path`; symbolic links are resolved first, so that every
    /// name of the file leads to the same lock.
    /// - Throws: `StoreError.unavailable` if another server has it.
    init(databasePath path: String) throws(StoreError) {
        let lockPath = Self.resolved(path) + ".lock"
        let descriptor = unsafe open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(
                .unavailable, "cannot open \(lockPath): \(unsafe String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Self.holder(descriptor)
            close(descriptor)
            throw StoreError(
                .unavailable,
                "\(path) is open in another server\(holder); one database serves one server")
        }
        // Only for the message above; the lock itself is the kernel's.
        let process = Array("\(getpid())\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = unsafe process.withUnsafeBytes {
            unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0)
        }
        self.descriptor = descriptor
    }

    deinit {
        // Not by closing alone: a process that another thread is just starting holds a copy of the
        // descriptor until its exec, and with it the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func resolved(_ path: String) -> String {
        let url = URL(fileURLWithPath: path)
        // The file may not exist yet; its folder must.
        if FileManager.default.fileExists(atPath: path) {
            return url.resolvingSymlinksInPath().path
        }
        return url.deletingLastPathComponent().resolvingSymlinksInPath()
            .appendingPathComponent(url.lastPathComponent).path
    }

    private static func holder(_ descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 20)
        let count = unsafe buffer.withUnsafeMutableBytes {
            unsafe pread(descriptor, $0.baseAddress, $0.count, 0)
        }
        guard count > 0 else { return "" }
        let text = String(decoding: buffer.prefix(count), as: UTF8.self)
        guard let process = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            return ""
        }
        return " (process \(process))"
    }
}

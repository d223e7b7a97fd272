import Foundation

/// The real `signalbox` binary, run by a test.
enum Program {
    /// How one run ended.
    struct Ended {
        let status: Int32
        let output: String
        let complaint: String
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Beside the running tests.
    static func path(_ binary: String = "signalbox") throws -> String {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: tests).deletingLastPathComponent()
            .appendingPathComponent(binary).path
    }

    /// How a sanitizer that the binary was built with reports, so that it does so for the binary too.
    private static let sanitizerOptions = [
        "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "LD_PRELOAD",
    ]

    /// Starts it, or another binary beside it, in a folder of its own, with nothing of our environment but what
    /// it needs.
    static func start(
        _ arguments: [String], of binary: String = "signalbox", in folder: URL,
        environment: [String: String] = [:], output: FileHandle, complaint: FileHandle
    ) throws -> ChildProcess {
        let ours = ProcessInfo.processInfo.environment
        var all = ["PATH": ours["PATH"] ?? "/usr/bin:/bin"]
        for name in Self.sanitizerOptions { all[name] = ours[name] }
        all.merge(environment) { _, own in own }
        return try ChildProcess(
            try path(binary), arguments, in: folder, environment: all, output: output,
            complaint: complaint)
    }

    /// Runs it to its end.
    static func run(
        _ arguments: [String], in folder: URL, environment: [String: String] = [:]
    ) async throws -> Ended {
        let name = UUID().uuidString
        let output = try file(folder.appendingPathComponent("\(name).out"))
        let complaint = try file(folder.appendingPathComponent("\(name).err"))
        let process = try start(
            arguments, in: folder, environment: environment, output: output, complaint: complaint)
        return Ended(
            status: await process.ended(),
            output: try read(folder.appendingPathComponent("\(name).out")),
            complaint: try read(folder.appendingPathComponent("\(name).err")))
    }

    /// Runs it to its end on this thread, which no task may need; nil if that takes too long.
    static func runBlocking(
        _ arguments: [String], in folder: URL, environment: [String: String], seconds: Double
    ) throws -> Ended? {
        let name = UUID().uuidString
        let output = try file(folder.appendingPathComponent("\(name).out"))
        let complaint = try file(folder.appendingPathComponent("\(name).err"))
        let process = try start(
            arguments, in: folder, environment: environment, output: output, complaint: complaint)
        guard let status = process.ended(within: seconds) else {
            kill(process.identifier, SIGKILL)
            return nil
        }
        return Ended(
            status: status, output: try read(folder.appendingPathComponent("\(name).out")),
            complaint: try read(folder.appendingPathComponent("\(name).err")))
    }

    static func file(_ url: URL) throws -> FileHandle {
        guard FileManager.default.createFile(atPath: url.path, contents: nil) else {
            throw Failure(description: "cannot write \(url.path)")
        }
        return try FileHandle(forWritingTo: url)
    }

    /// By a file handle: Foundation's reading of a whole file leaks a page for each empty one.
    static func read(_ url: URL) throws -> String {
        let file = try FileHandle(forReadingFrom: url)
        defer { try? file.close() }
        return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    }
}

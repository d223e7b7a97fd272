import Foundation

/// A temporary folder of one test.
final class TestFolder: Sendable {
    let path = FileManager.default.temporaryDirectory.path + "/transport-tests-\(UUID())"

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Copies a file over the one called `name`; returns its path.
    func copy(_ source: String, to name: String) throws -> String {
        let target = "\(path)/\(name)"
        try Data(contentsOf: URL(fileURLWithPath: source)).write(
            to: URL(fileURLWithPath: target))
        return target
    }

    /// Appends a file to the one called `name`.
    func append(_ source: String, to name: String) throws {
        let target = URL(fileURLWithPath: "\(path)/\(name)")
        let both = try Data(contentsOf: target) + Data(contentsOf: URL(fileURLWithPath: source))
        try both.write(to: target)
    }

    /// Writes text into the file called `name`; returns its path.
    func write(_ text: String, to name: String) throws -> String {
        let target = "\(path)/\(name)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: target))
        return target
    }
}

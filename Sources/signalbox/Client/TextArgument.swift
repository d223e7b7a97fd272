internal import ArgumentParser
internal import Foundation

/// A JSON document or other text given on the command line: as it is, `@FILE`, or `-` for standard
/// input.
enum TextArgument {
    /// Larger ones are refused by the server anyway.
    private static let bytesMax = 8 << 20

    static func read(_ argument: String, flag: String) throws -> String {
        if argument == "-" { return try text(FileHandle.standardInput, "standard input", flag) }
        guard argument.hasPrefix("@") else { return argument }
        return try file(String(argument.dropFirst()), flag: flag)
    }

    /// The text of a file, `-` for standard input.
    static func file(_ path: String, flag: String) throws -> String {
        if path == "-" { return try text(FileHandle.standardInput, "standard input", flag) }
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw ValidationError("\(flag): cannot read \(path)")
        }
        return try text(handle, path, flag)
    }

    private static func text(_ handle: FileHandle, _ name: String, _ flag: String) throws -> String
    {
        let read: Data?
        do {
            read = try handle.read(upToCount: bytesMax + 1)
        } catch {
            // A folder can be opened, and not read.
            throw ValidationError("\(flag): cannot read \(name)")
        }
        guard let data = read else { return "" }
        guard data.count <= bytesMax else {
            throw ValidationError("\(flag): \(name) is larger than \(bytesMax) bytes")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw ValidationError("\(flag): \(name) is not UTF-8")
        }
        return text
    }
}

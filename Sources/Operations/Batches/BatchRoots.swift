internal import Foundation
internal import Messages
internal import Model

/// The folders of the server from which batches may be started, and how they are read: every part of
/// a path is opened beneath the one before it and no link is followed, so that nothing outside of
/// them can be reached, whatever is renamed meanwhile.
package struct BatchRoots: Sendable {
    /// Absolute.
    private let roots: [String]

    /// - Parameter folders: absolute, or relative to where the server was started.
    package init(_ folders: [String] = []) {
        roots = folders.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
    }

    /// One file that the pattern selects.
    struct File: Sendable {
        let name: String
        /// With the folder's path as it was asked for.
        let path: String
        /// Its text, or why it has none.
        let text: Result<String, Fault>
    }

    /// Why a file cannot be taken.
    struct Fault: Error, Sendable, CustomStringConvertible {
        let description: String
    }

    /// The folder's files by path.
    /// - Throws: `.failedPrecondition` without roots, `.notFound` for a folder that is not beneath one
    ///   of them, `.invalidArgument` for one that holds too much. Blocks while it reads.
    func files(of folder: BatchFolder, _ limits: Limits) throws(OperationError) -> [File] {
        guard let first = roots.first else {
            throw OperationError(
                .failedPrecondition, reason: "NO_BATCH_ROOT",
                "the server was started without --batch-root, so that it reads no folders")
        }
        let missing = OperationError.notFound("folder", folder.path, reason: "FOLDER_NOT_FOUND")
        let path = folder.path
        let root: String
        var rest: Substring
        if path.hasPrefix("/") {
            guard let match = roots.first(where: { path == $0 || path.hasPrefix($0 + "/") }) else {
                throw missing
            }
            root = match
            rest = path.dropFirst(match.count)
        } else {
            root = first
            rest = path[...]
        }
        let parts = rest.split(separator: "/").map(String.init).filter { $0 != "." }
        guard !parts.contains(".."), let top = Descriptor(root: root) else { throw missing }
        var opened = top
        for part in parts {
            guard let next = opened.open(part), next.kind == .folder else { throw missing }
            opened = next
        }
        var walk = FolderWalk(
            pattern: GlobPattern(folder.pattern.isEmpty ? "*.json" : folder.pattern),
            isRecursive: folder.recursive, limits: limits)
        try walk.read(opened, at: path.hasSuffix("/") ? String(path.dropLast()) : path, depth: 0)
        return walk.files
    }
}

/// Goes through a folder and keeps what its pattern selects.
private struct FolderWalk {
    let pattern: GlobPattern
    let isRecursive: Bool
    let limits: Limits
    var files: [BatchRoots.File] = []
    private var entries = 0
    private var bytes = 0

    init(pattern: GlobPattern, isRecursive: Bool, limits: Limits) {
        self.pattern = pattern
        self.isRecursive = isRecursive
        self.limits = limits
    }

    mutating func read(_ folder: Descriptor, at path: String, depth: Int) throws(OperationError) {
        guard depth <= limits.batchFolderDepthMax else {
            throw Self.tooMuch("folders nest deeper than \(limits.batchFolderDepthMax)")
        }
        for name in folder.names(max: limits.batchFolderEntriesMax + 1).sorted() {
            entries += 1
            guard entries <= limits.batchFolderEntriesMax else {
                throw Self.tooMuch("it holds more than \(limits.batchFolderEntriesMax) entries")
            }
            guard let entry = folder.open(name) else { continue }
            switch entry.kind {
            case .folder where isRecursive:
                try read(entry, at: "\(path)/\(name)", depth: depth + 1)
            case .file where pattern.matches(name):
                guard files.count < limits.batchItemsMax else {
                    throw Self.tooMuch(
                        "more than \(limits.batchItemsMax) of its files are selected")
                }
                let text = entry.text(bytesMax: limits.definitionBytesMax)
                if case .success(let text) = text { bytes += text.utf8.count }
                guard bytes <= limits.batchBytesMax else {
                    throw Self.tooMuch("its files exceed \(limits.batchBytesMax) bytes together")
                }
                files.append(BatchRoots.File(name: name, path: "\(path)/\(name)", text: text))
            default:
                continue
            }
        }
    }

    private static func tooMuch(_ description: String) -> OperationError {
        .invalid("folder.path", description)
    }
}

/// An open file or folder; closed with its last holder.
private final class Descriptor {
    enum Kind { case file, folder, other }

    private let number: Int32
    let kind: Kind

    convenience init?(root: String) {
        self.init(taking: unsafe Foundation.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    }

    private init?(taking number: Int32) {
        guard number >= 0 else { return nil }
        self.number = number
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else {
            kind = .other
            return
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: kind = .file
        case S_IFDIR: kind = .folder
        default: kind = .other
        }
    }

    deinit { close(number) }

    /// What has this name in the folder; nil for a link or where it cannot be opened.
    func open(_ name: String) -> Descriptor? {
        // Without blocking: a pipe would have us wait for its writer.
        Descriptor(
            taking: unsafe openat(
                number, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC))
    }

    /// The names in the folder, at most so many.
    func names(max: Int) -> [String] {
        // The stream owns the copy, and closes it.
        let copy = unsafe openat(number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { return [] }
        guard let stream = unsafe fdopendir(copy) else {
            close(copy)
            return []
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while names.count < max, let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The file's text.
    func text(bytesMax: Int) -> Result<String, BatchRoots.Fault> {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { space in
                unsafe Foundation.read(number, space.baseAddress, space.count)
            }
            if count == 0 { break }
            guard count > 0 else {
                return .failure(BatchRoots.Fault(description: "the file cannot be read"))
            }
            bytes += buffer[..<count]
            guard bytes.count <= bytesMax else {
                return .failure(
                    BatchRoots.Fault(
                        description: "the file exceeds the limit of \(bytesMax) bytes"))
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return .failure(BatchRoots.Fault(description: "the file is not UTF-8"))
        }
        return .success(text)
    }
}

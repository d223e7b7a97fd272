internal import Foundation

/// The first admin token's place beside the store.
struct AdminTokenFile {
    let path: String

    /// In the folder of the store.
    init(storePath: String) {
        let folder = URL(fileURLWithPath: storePath).deletingLastPathComponent().path
        path = "\(folder)/admin.token"
    }

    /// Writes the secret, readable by its owner only from the first byte on.
    func write(_ secret: String) throws {
        try? FileManager.default.removeItem(atPath: path)
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data("\(secret)\n".utf8),
                attributes: [.posixPermissions: 0o600])
        else { throw StartFailure("cannot write \(path)") }
    }
}

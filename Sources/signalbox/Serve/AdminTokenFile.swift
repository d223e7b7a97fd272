internal import Foundation

/// The first admin token's place beside the store.
struct AdminTokenFile {
    let path: String

    /// In the folder of the store: `admin.token` for a store of the usual name, `NAME.admin.token`
    /// for `NAME.sqlite`, so that two stores may share a folder.
    init(storePath: String) {
        let store = URL(fileURLWithPath: storePath)
        let name = store.deletingPathExtension().lastPathComponent
        path =
            store.deletingLastPathComponent().path
            + (name == "signalbox" ? "/admin.token" : "/\(name).admin.token")
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

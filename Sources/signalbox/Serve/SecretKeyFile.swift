internal import Engine
internal import Foundation

/// Where the keys come from that encrypt secrets: the environment, the file the operator named, or a
/// file beside the store, which is made with the store.
enum SecretKeyFile {
    /// - Throws: `StartFailure` that says what was expected and where.
    static func keyring(_ settings: ServerSettings) throws -> SecretKeyring {
        if let text = settings.secretKeys {
            return try parse(text, from: "SIGNALBOX_SECRET_KEYS")
        }
        if let path = settings.secretKeyFile {
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw StartFailure("cannot read the keys in \(path)")
            }
            return try parse(text, from: path)
        }
        let path = settings.storePath + ".keys"
        if !FileManager.default.fileExists(atPath: path) {
            guard
                FileManager.default.createFile(
                    atPath: path, contents: Data(SecretKeyring.makeKey(named: "first").utf8),
                    attributes: [.posixPermissions: 0o600])
            else { throw StartFailure("cannot write \(path)") }
        }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw StartFailure("cannot read the keys in \(path)")
        }
        return try parse(text, from: path)
    }

    private static func parse(_ text: String, from place: String) throws -> SecretKeyring {
        do throws(SecretKeyring.Failure) {
            return try SecretKeyring(parsing: text)
        } catch {
            throw StartFailure("\(place): \(error)")
        }
    }
}

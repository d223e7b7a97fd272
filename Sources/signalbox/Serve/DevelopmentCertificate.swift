internal import Foundation
internal import Transport

/// The certificate of a server that was given none.
enum DevelopmentCertificate {
    /// Where it comes from.
    enum Origin: Equatable {
        /// `certs/` of the working folder.
        case found
        /// It was made, or had been made before, beside the store.
        case made(authority: String)
    }

    /// The one in `certs/`, else one that is made in `folder`.
    static func identity(in folder: String) throws -> (TLSIdentity, Origin) {
        let files = FileManager.default
        let found = TLSIdentity(
            certificateChainFile: "certs/server.pem", privateKeyFile: "certs/server-key.pem")
        if files.isReadableFile(atPath: found.certificateChainFile),
            files.isReadableFile(atPath: found.privateKeyFile)
        {
            return (found, .found)
        }
        let certificate = "\(folder)/signalbox-certificate.pem"
        let key = "\(folder)/signalbox-private-key.pem"
        let identity = TLSIdentity(certificateChainFile: certificate, privateKeyFile: key)
        if !files.isReadableFile(atPath: certificate) || !files.isReadableFile(atPath: key) {
            try make(certificate: certificate, key: key)
        }
        return (identity, .made(authority: certificate))
    }

    /// The key is readable by its owner only from the first byte on.
    private static func make(certificate: String, key: String) throws {
        let made = try SelfSignedCertificate(
            organization: "Signalbox", commonName: "localhost",
            alternativeNames: "DNS:localhost,IP:127.0.0.1,IP:::1", days: 825)
        try write(made.privateKeyPEM, to: key, permissions: 0o600)
        try write(made.certificatePEM, to: certificate, permissions: 0o644)
    }

    private static func write(_ text: String, to path: String, permissions: Int) throws {
        try? FileManager.default.removeItem(atPath: path)
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(text.utf8),
                attributes: [.posixPermissions: permissions])
        else { throw StartFailure("cannot write \(path); give --certificate and --private-key") }
    }
}

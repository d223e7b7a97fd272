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

    /// The one in `certs/`, else one that is made with the `openssl` command in `folder`.
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

    private static func make(certificate: String, key: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-sha256", "-nodes", "-days", "825", "-subj", "/O=Signalbox/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1",
            "-keyout", key, "-out", certificate,
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            throw StartFailure("cannot run openssl to make a certificate: \(error)")
        }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw StartFailure(
                "openssl could not make a certificate (status "
                    + "\(process.terminationStatus)); give --certificate and --private-key")
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
    }
}

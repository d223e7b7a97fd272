import Foundation
import Glibc
import Transport

/// Real certificates for 127.0.0.1, ::1 and localhost, made once per run in a temporary folder.
struct TestCertificates: Sendable {
    static let shared = Result { try TestCertificates() }

    let folder: String

    /// The authority that signed `server`, `otherServer` and `client`.
    var authority: String { folder + "/ca.pem" }
    /// An authority nobody trusts.
    var strangeAuthority: String { folder + "/strange-ca.pem" }
    var server: TLSIdentity { identity("server") }
    /// A later certificate for the same names.
    var otherServer: TLSIdentity { identity("other-server") }
    /// For `CN=worker-1,O=Signalbox`.
    var client: TLSIdentity { identity("client") }
    /// Signed by `strangeAuthority`.
    var strangeClient: TLSIdentity { identity("strange-client") }

    private func identity(_ name: String) -> TLSIdentity {
        TLSIdentity(
            certificateChainFile: "\(folder)/\(name).pem", privateKeyFile: "\(folder)/\(name).key")
    }

    private init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/transport-tests-\(UUID())"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        guard Self.shell("cd '\(folder)'\n" + Self.script) == 0 else {
            throw CannotMakeCertificates()
        }
    }

    /// Runs a script and returns its wait status. Not Foundation's `Process`: that one misses its
    /// child's end when other threads start processes at the same moment.
    private static func shell(_ script: String) -> Int32 {
        let words: [String] = ["/bin/sh", "-ec", script]
        let arguments: [UnsafeMutablePointer<CChar>?] =
            unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var process: pid_t = 0
        var status: Int32 = -1
        guard unsafe posix_spawn(&process, "/bin/sh", nil, nil, arguments, environ) == 0 else {
            return -1
        }
        while unsafe waitpid(process, &status, 0) == -1 && errno == EINTR {}
        return status
    }

    private struct CannotMakeCertificates: Error {}

    private static let script = """
        new="openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        names="subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"
        exec 2>/dev/null
        $new -x509 -subj /CN=authority -keyout ca.key -out ca.pem -days 2
        $new -x509 -subj /CN=strange -keyout strange-ca.key -out strange-ca.pem -days 2
        leaf() {
            $new -subj "$3" -keyout $1.key -out $1.csr
            printf "$4" > $1.ext
            openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2.key -CAcreateserial \\
                -extfile $1.ext -out $1.pem -days 2
        }
        leaf server ca /CN=localhost "$names"
        leaf other-server ca /CN=localhost "$names"
        leaf client ca /O=Signalbox/CN=worker-1 "extendedKeyUsage=clientAuth"
        leaf strange-client strange-ca /CN=stranger "extendedKeyUsage=clientAuth"
        """
}

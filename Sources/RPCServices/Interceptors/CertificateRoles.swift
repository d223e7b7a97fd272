package import Messages
internal import Operations
package import RPC

/// Which role a verified client certificate has, by configuration.
package struct CertificateRoles: Sendable, Equatable {
    /// By common name.
    private var named: [String: Role] = [:]
    /// Of every other certificate; nil: none.
    private var others: Role?

    /// No certificate has a role: it admits to the connection only.
    package init() {}

    /// Reads `ROLE`, for every certificate, or `COMMON-NAME=ROLE`; nil for anything else.
    package mutating func add(_ text: String) -> Bool {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        guard let word = parts.last, let role = Role(word: word) else { return false }
        if parts.count == 1 {
            others = role
        } else {
            let name = parts.dropLast().joined(separator: "=")
            guard !name.isEmpty else { return false }
            named[name] = role
        }
        return true
    }

    /// The principal of a certificate; nil where it has no role.
    package func principal(_ certificate: ConnectionContext.ClientCertificate) -> Principal? {
        guard let role = named[certificate.commonName] ?? others else { return nil }
        let name =
            certificate.commonName.isEmpty ? certificate.subject : "CN=\(certificate.commonName)"
        return Principal(
            name: "certificate:\(name)", workspaceID: Authoriser.defaultWorkspaceID, role: role)
    }
}

package import Messages
internal import Operations
package import RPC

/// Which role a verified client certificate has, and where, by configuration.
package struct CertificateRoles: Sendable, Equatable {
    private struct Place: Sendable, Equatable {
        let workspaceID: String
        let role: Role
    }

    /// By common name.
    private var named: [String: Place] = [:]
    /// Of every other certificate; nil: none.
    private var others: Place?

    /// No certificate has a role: it admits to the connection only.
    package init() {}

    /// Reads `ROLE`, for every certificate, or `COMMON-NAME=ROLE`, the role perhaps after its
    /// workspace, `WORKSPACE/ROLE`; false for anything else.
    package mutating func add(_ text: String) -> Bool {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        let words = (parts.last ?? "").split(separator: "/", omittingEmptySubsequences: false)
        guard let word = words.last, let role = Role(word: String(word)), words.count <= 2,
            let workspaceID = words.count == 2 ? words.first : Authoriser.defaultWorkspaceID[...],
            !workspaceID.isEmpty
        else { return false }
        let place = Place(workspaceID: String(workspaceID), role: role)
        if parts.count == 1 {
            others = place
        } else {
            let name = parts.dropLast().joined(separator: "=")
            guard !name.isEmpty else { return false }
            named[name] = place
        }
        return true
    }

    /// The principal of a certificate; nil where it has no role.
    package func principal(_ certificate: ConnectionContext.ClientCertificate) -> Principal? {
        guard let place = named[certificate.commonName] ?? others else { return nil }
        let name =
            certificate.commonName.isEmpty ? certificate.subject : "CN=\(certificate.commonName)"
        return Principal(
            name: "certificate:\(name)", workspaceID: place.workspaceID, role: place.role)
    }
}

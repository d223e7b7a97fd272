internal import HTTPTypes
package import Messages
package import Operations
package import RPC
internal import Transport

/// Finds out who calls: the token in whichever header it came, else the verified client certificate,
/// else, on the loopback listener, the role that it was given. What the caller may do is for the
/// authoriser.
package struct Identification: Sendable {
    private let operations: Operations
    private let certificates: @Sendable (ConnectionContext.ClientCertificate) -> Principal?
    private let localRole: Role?

    /// - Parameters:
    ///   - certificates: the principal of a verified certificate; nil where it has none.
    ///   - localRole: of callers by the plain loopback listener that bring no token.
    package init(
        operations: Operations, localRole: Role? = nil,
        certificates: @escaping @Sendable (ConnectionContext.ClientCertificate) -> Principal?
    ) {
        self.operations = operations
        self.localRole = localRole
        self.certificates = certificates
    }

    /// Identifies the caller of a request.
    /// - Parameter ticket: a stream ticket that came elsewhere than in a header field.
    /// - Throws: `.unauthenticated` for a token that is unknown, revoked or expired, or a malformed
    ///   `authorization`; a request without any identity has a caller without principal.
    func identify(
        _ fields: HTTPFields, _ peer: HTTPPeer, ticket: String? = nil, traceparent: String
    ) async throws(OperationError) -> Identity {
        let origin = Self.origin(peer)
        if let secret = try Self.secret(fields) ?? ticket {
            guard let credential = Credential(secret) else { throw Operations.tokenRefused }
            let identity = try await operations.identify(credential)
            let rate = try operations.count(identity)
            return Identity(
                caller: identity.caller(traceparent: traceparent, origin: origin),
                credential: credential, rate: rate)
        }
        return Identity(
            caller: Caller(peerPrincipal(peer), traceparent: traceparent, origin: origin),
            credential: nil, rate: nil)
    }

    /// Serves something that stays open for as long as the caller's credential works.
    /// - Throws: `Operations.tokenRefused` when it ceased to; else what `serve` throws.
    func whileIdentified(
        by credential: Credential?, _ serve: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await operations.whileIdentified(by: credential, serve)
    }

    /// A caller who is not asked, with what the connection alone says: no field is looked at.
    func nobody(_ peer: HTTPPeer, _ traceparent: String) -> Identity {
        Identity(
            caller: Caller(nil, traceparent: traceparent, origin: Self.origin(peer)),
            credential: nil, rate: nil)
    }

    private static func origin(_ peer: HTTPPeer) -> String {
        "\(peer.version.rawValue) \(peer.connection.remoteAddress)"
    }

    /// Where a caller stands that has made no call yet.
    func freshRate() -> RateStatus { operations.freshRate }

    private func peerPrincipal(_ peer: HTTPPeer) -> Principal? {
        if peer.localPort != nil {
            return localRole.map {
                Principal(
                    name: "local", workspaceID: Authoriser.defaultWorkspaceID, role: $0)
            }
        }
        return peer.connection.clientCertificate.flatMap(certificates)
    }

    /// The token of `authorization: Bearer TOKEN`, else of an API key header. SDK tokens come in
    /// either.
    static func secret(_ fields: HTTPFields) throws(OperationError) -> String? {
        if let value = fields[.authorization] {
            let parts = value.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "bearer" else {
                throw OperationError(
                    .unauthenticated, reason: "UNAUTHENTICATED",
                    "expected 'authorization: Bearer TOKEN', got another form")
            }
            return String(parts[1].drop { $0 == " " })
        }
        return fields[.apiKey] ?? fields[.clientAPIKey]
    }

    /// The refusal of a caller without identity.
    static let missing = OperationError(
        .unauthenticated, reason: "UNAUTHENTICATED",
        "expected 'authorization: Bearer TOKEN', 'x-api-key: TOKEN' or a client certificate with a "
            + "role")
}

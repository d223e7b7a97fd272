internal import Messages
package import Operations
package import RPC

/// Finds out who calls: the token in the call's metadata, else the connection's token, else the
/// verified client certificate. The one place where a call without identity is refused.
package struct IdentityInterceptor: Interceptor {
    private static let openMethods: Set<String> = ["GetInfo", "Authenticate"]
    private let operations: Operations
    private let certificates: CertificateRoles
    private let openServices: Set<String>

    /// - Parameter openServices: services that need no identity and are not told of any, such as
    ///   `grpc.health.v1.Health`.
    package init(
        operations: Operations, certificates: CertificateRoles, openServices: Set<String>
    ) {
        self.operations = operations
        self.certificates = certificates
        self.openServices = openServices
    }

    package func intercept(
        _ context: CallContext, next: @Sendable (CallContext) async throws -> Void
    ) async throws {
        let method = context.method
        if openServices.contains(method.service) { return try await next(context) }
        let principal = try await principal(context)
        guard principal != nil || isOpen(method) else {
            throw OperationError(
                .unauthenticated, reason: "UNAUTHENTICATED",
                "expected metadata 'authorization: Bearer TOKEN', an earlier Authenticate on this "
                    + "connection, or a client certificate with a role")
        }
        var identified = context
        identified.identity = Caller(
            principal, traceparent: Self.traceparent(context.metadata),
            origin: "\(context.connection.wireProtocol.rawValue) "
                + context.connection.remoteAddress)
        try await next(identified)
    }

    private func isOpen(_ method: MethodDescriptor) -> Bool {
        method.service == "signalbox.v1.ServerService" && Self.openMethods.contains(method.method)
    }

    private func principal(_ context: CallContext) async throws(OperationError) -> Principal? {
        if let secret = try Self.bearer(context.metadata) {
            guard secret.utf8.count <= TokenSecret.bytesMax,
                let found = try await operations.tokens.principal(
                    secretHash: TokenSecret.hash(secret))
            else { throw Operations.tokenRefused }
            return found
        }
        if let token = context.connection.identity as? ConnectionToken {
            guard let found = try await operations.tokens.principal(secretHash: token.secretHash)
            else { throw Operations.tokenRefused }
            return found
        }
        return context.connection.clientCertificate.flatMap(certificates.principal)
    }

    /// The token of `authorization: Bearer TOKEN` (RFC 6750, section 2.1; the scheme in any case).
    static func bearer(_ metadata: Metadata) throws(OperationError) -> String? {
        guard let value = metadata["authorization"] else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw OperationError(
                .unauthenticated, reason: "UNAUTHENTICATED",
                "expected metadata 'authorization: Bearer TOKEN', got another form")
        }
        return String(parts[1].drop { $0 == " " })
    }

    /// A well-formed W3C `traceparent`, or nothing (its specification says to ignore others).
    static func traceparent(_ metadata: Metadata) -> String {
        guard let value = metadata["traceparent"], value.utf8.count == 55,
            value.utf8.allSatisfy({ byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
                    || byte == UInt8(ascii: "-")
            }),
            value.split(separator: "-", omittingEmptySubsequences: false).map(\.utf8.count)
                == [2, 32, 16, 2]
        else { return "" }
        return value
    }
}

internal import Messages
package import Operations
package import RPC

/// Finds out who calls: the credential in the call's metadata, else the connection's, else the
/// verified client certificate; and counts the call. The one place where a call without identity is
/// refused, and where a stream ends with the credential that opened it.
package struct IdentityInterceptor: Interceptor {
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
        _ context: CallContext, next: @escaping @Sendable (CallContext) async throws -> Void
    ) async throws {
        let method = context.method
        if openServices.contains(method.service) { return try await next(context) }
        let credential = try credential(context)
        let identity = try await identity(credential, context)
        guard identity != nil || isOpen(method) else {
            throw OperationError(
                .unauthenticated, reason: "UNAUTHENTICATED",
                "expected metadata 'authorization: Bearer TOKEN', an earlier Authenticate on this "
                    + "connection, or a client certificate with a role")
        }
        if let identity { try operations.count(identity) }
        var identified = context
        var caller = identity?.caller() ?? Caller(nil)
        caller.traceparent = Self.traceparent(context.metadata)
        caller.origin = context.connection.origin
        identified.identity = caller
        if method.kind == .unary { return try await next(identified) }
        try await operations.whileIdentified(by: credential) { [identified] in
            try await next(identified)
        }
    }

    private func isOpen(_ method: MethodDescriptor) -> Bool {
        OperationName(rpc: method)?.access == .open
    }

    /// What the caller shows: on the call, else on the connection.
    private func credential(_ context: CallContext) throws(OperationError) -> Credential? {
        guard let text = try Self.bearer(context.metadata) else {
            return context.connection.credentials.authenticated
        }
        guard let credential = context.connection.credentials.credential(text) else {
            throw Operations.tokenRefused
        }
        return credential
    }

    private func identity(_ credential: Credential?, _ context: CallContext)
        async throws(OperationError) -> Identity?
    {
        if let credential { return try await operations.identify(credential) }
        return context.connection.clientCertificate.flatMap(certificates.principal)
            .map { Identity($0) }
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

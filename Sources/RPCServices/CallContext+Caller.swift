internal import Operations
internal import RPC

/// What `Authenticate` leaves with a connection: looked up again on every call, so that a revoked
/// or expired token ends there too.
struct ConnectionToken: Sendable, Equatable {
    let secretHash: [UInt8]
}

extension CallContext {
    /// Who calls, as the identity interceptor found out.
    var caller: Caller { identity as? Caller ?? Caller(nil) }
}

internal import Operations
internal import RPC

extension CallContext {
    /// Who calls, as the identity interceptor found out.
    var caller: Caller { identity as? Caller ?? Caller(nil) }
}

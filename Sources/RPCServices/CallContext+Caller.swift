package import Operations
package import RPC

extension CallContext {
    /// Who calls, as the identity interceptor found out.
    var caller: Caller { identity as? Caller ?? Caller(nil) }
}

extension OperationName {
    /// The operation of a method of our contract: `signalbox.v1.WorkflowService/Put` is
    /// `WorkflowService/Put`.
    package init?(rpc method: MethodDescriptor) {
        let prefix = "signalbox.v1."
        guard method.service.hasPrefix(prefix) else { return nil }
        self.init(rawValue: "\(method.service.dropFirst(prefix.count))/\(method.method)")
    }
}

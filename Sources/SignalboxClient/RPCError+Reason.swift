public import RPC
internal import ProtobufRuntime

extension RPCError {
    /// The stable, machine-readable reason in the error's `google.rpc.ErrorInfo`, for example
    /// `EXECUTION_FINAL`; nil if it carries none.
    public var reason: String? {
        unpacked(ErrorInfo.self)?.reason
    }

    /// What is wrong with the request, each with the field it concerns, from
    /// `google.rpc.BadRequest`.
    public var violations: [(field: String, description: String)] {
        unpacked(BadRequest.self)?.fieldViolations.map { ($0.field, $0.description) } ?? []
    }

    /// When to try again, from `google.rpc.RetryInfo`; nil if it does not say.
    public var retryDelay: Duration? {
        unpacked(RetryInfo.self)?.retryDelay?.duration
    }

    private func unpacked<Message: ProtobufMessage>(_ type: Message.Type) -> Message? {
        for detail in details {
            let any = ProtobufAny(typeURL: detail.typeURL, value: detail.value)
            if let message = try? any.unpacked(as: type) { return message }
        }
        return nil
    }
}

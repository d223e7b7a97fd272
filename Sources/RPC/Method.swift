/// Which side may send how many messages.
package enum CallKind: Sendable, Hashable {
    case unary
    case serverStreaming
    case clientStreaming
    case bidirectional
}

/// Names one method of one service.
package struct MethodDescriptor: Sendable, Hashable {
    /// For example `signalbox.v1.ExecutionService`.
    package let service: String
    /// For example `Trigger`.
    package let method: String
    package let kind: CallKind

    /// A method of a service.
    package init(service: String, method: String, kind: CallKind) {
        self.service = service
        self.method = method
        self.kind = kind
    }

    /// `/service/method`, as gRPC puts it in `:path`.
    package var path: String { "/\(service)/\(method)" }
}

internal import Operations
package import RPC
internal import ProtobufRuntime

/// The one place where an operation's failure becomes a status on the wire.
extension RPCError {
    /// The domain of every `google.rpc.ErrorInfo` of ours.
    package static let domain = "signalbox"

    /// Code, message and details (`ErrorInfo`, and `BadRequest` or `RetryInfo` where they apply).
    init(_ error: OperationError) {
        var details = [
            Detail(
                packing: ErrorInfo(
                    reason: error.reason, domain: Self.domain, metadata: error.metadata))
        ]
        if !error.violations.isEmpty {
            details.append(
                Detail(
                    packing: BadRequest(
                        fieldViolations: error.violations.map {
                            BadRequest.FieldViolation(field: $0.field, description: $0.description)
                        })))
        }
        if let retryAfter = error.retryAfter {
            details.append(Detail(packing: RetryInfo(retryDelay: ProtobufDuration(retryAfter))))
        }
        self.init(StatusCode(error.code), error.message, details: details)
    }

    /// This error with an `ErrorInfo`, whose reason is the code's name where there was none.
    func withErrorInfo() -> RPCError {
        guard !details.contains(where: { $0.typeURL.hasSuffix("/\(ErrorInfo.protobufName)") })
        else { return self }
        var result = self
        result.details.append(
            Detail(packing: ErrorInfo(reason: code.protobufName, domain: Self.domain)))
        return result
    }
}

extension RPCError.Detail {
    /// A packed message.
    init(packing message: some ProtobufMessage) {
        let any = ProtobufAny(packing: message)
        self.init(typeURL: any.typeURL, value: any.value)
    }
}

extension StatusCode {
    init(_ code: OperationError.Code) {
        self =
            switch code {
            case .invalidArgument: .invalidArgument
            case .notFound: .notFound
            case .alreadyExists: .alreadyExists
            case .permissionDenied: .permissionDenied
            case .unauthenticated: .unauthenticated
            case .resourceExhausted: .resourceExhausted
            case .failedPrecondition: .failedPrecondition
            case .aborted: .aborted
            case .outOfRange: .outOfRange
            case .unavailable: .unavailable
            case .cancelled: .cancelled
            case .internal: .internal
            }
    }

    /// As grpc/grpc doc/statuscodes.md names it: `NOT_FOUND`.
    package var protobufName: String {
        switch self {
        case .ok: "OK"
        case .cancelled: "CANCELLED"
        case .unknown: "UNKNOWN"
        case .invalidArgument: "INVALID_ARGUMENT"
        case .deadlineExceeded: "DEADLINE_EXCEEDED"
        case .notFound: "NOT_FOUND"
        case .alreadyExists: "ALREADY_EXISTS"
        case .permissionDenied: "PERMISSION_DENIED"
        case .resourceExhausted: "RESOURCE_EXHAUSTED"
        case .failedPrecondition: "FAILED_PRECONDITION"
        case .aborted: "ABORTED"
        case .outOfRange: "OUT_OF_RANGE"
        case .unimplemented: "UNIMPLEMENTED"
        case .internal: "INTERNAL"
        case .unavailable: "UNAVAILABLE"
        case .dataLoss: "DATA_LOSS"
        case .unauthenticated: "UNAUTHENTICATED"
        }
    }
}

internal import Model
internal import Operations
package import RPC
internal import ProtobufRuntime

/// The one place where an operation's failure becomes a status on the wire.
extension RPCError {
    /// The domain of every `google.rpc.ErrorInfo` of ours.
    package static let domain = "signalbox"

    /// How much of an error's details goes onto a wire, in bytes.
    struct DetailRoom {
        /// Each text of a violation, and each value in the metadata of `ErrorInfo`; the rest of a longer
        /// one is cut off.
        let textMax: Int
        /// All violations of `BadRequest`.
        let violationsMax: Int

        /// gRPC carries details in a header field, and clients refuse large ones.
        static let header = DetailRoom(textMax: 512, violationsMax: 2_048)
        /// ttrpc carries them in a message.
        static let message = DetailRoom(textMax: 64 << 10, violationsMax: 1 << 20)
    }

    /// Code, message and details (`ErrorInfo`, `RetryInfo` and `BadRequest` where they apply), as far as
    /// there is room for them. Of violations that do not all fit, the last says how many are missing.
    init(_ error: OperationError, room: DetailRoom = .message) {
        var details = [
            Detail(
                packing: ErrorInfo(
                    reason: error.reason, domain: Self.domain,
                    metadata: error.metadata.mapValues { $0.clipped(toBytes: room.textMax) }))
        ]
        if let retryAfter = error.retryAfter {
            details.append(Detail(packing: RetryInfo(retryDelay: ProtobufDuration(retryAfter))))
        }
        if !error.violations.isEmpty {
            details.append(
                Detail(
                    packing: BadRequest(
                        fieldViolations: Self.violations(error.violations, room))))
        }
        self.init(StatusCode(error.code), error.message, details: details)
    }

    private static func violations(_ all: [OperationError.Violation], _ room: DetailRoom)
        -> [BadRequest.FieldViolation]
    {
        var shown: [BadRequest.FieldViolation] = []
        var byteCount = 0
        for (index, violation) in all.enumerated() {
            let field = violation.field.clipped(toBytes: room.textMax)
            let description = violation.description.clipped(toBytes: room.textMax)
            // The texts, their tags and lengths, and those of the violation itself.
            byteCount += field.utf8.count + description.utf8.count + 10
            guard byteCount <= room.violationsMax else {
                let rest = "and \(all.count - index) more, for which there is no room here"
                return shown + [BadRequest.FieldViolation(description: rest)]
            }
            shown.append(BadRequest.FieldViolation(field: field, description: description))
        }
        return shown
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

package import Engine
package import Store

/// The failures of the parts below, as the doors show them.
extension OperationError {
    /// An engine's refusal; reasons and messages are kept.
    package init(_ error: EngineError) {
        self.init(
            Self.code(error.code), reason: error.reason, error.message,
            violations: error.violations.map {
                Violation(field: $0.field, description: $0.description)
            },
            retryAfter: error.retryAfter, metadata: error.metadata)
    }

    private static func code(_ code: EngineError.Code) -> Code {
        switch code {
        case .permissionDenied: .permissionDenied
        case .notFound: .notFound
        case .invalidArgument: .invalidArgument
        case .failedPrecondition: .failedPrecondition
        case .alreadyExists: .alreadyExists
        case .resourceExhausted: .resourceExhausted
        case .unavailable: .unavailable
        case .aborted: .aborted
        case .internal: .internal
        }
    }

    /// A store's failure. What went wrong inside is for the log, not for the caller.
    package init(_ error: StoreError) {
        switch error.code {
        case .overloaded:
            self.init(
                .resourceExhausted, reason: "OVERLOADED", error.message,
                retryAfter: .seconds(1))
        case .unavailable:
            self.init(.unavailable, reason: "STORE_UNAVAILABLE", error.message)
        case .badPageToken:
            self = .invalid("page_token", error.message)
        case .conflict:
            self.init(.aborted, reason: "CONFLICT", "it was changed at the same time; try again")
        case .tooNew, .io, .corrupt:
            self.init(.internal, reason: "STORE_FAILED", "the store failed; see the server's log")
        }
    }
}

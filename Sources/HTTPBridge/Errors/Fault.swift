package import HTTPTypes
internal import JSON
package import Operations
internal import Transport

/// Why a request gets no good answer, before a dialect puts it into its own words.
package struct Fault: Error, Sendable, CustomStringConvertible {
    package var status: HTTPResponse.Status
    /// Stable and upper case, the same in all dialects.
    package var code: String
    /// For people: what was expected and what came.
    package var message: String
    /// All that is wrong with the request's fields.
    package var violations: [OperationError.Violation] = []
    /// When to try again.
    package var retryAfter: Duration?
    /// The methods that the path takes, for 405.
    package var allowed: [HTTPRequest.Method] = []
    /// Where it comes from an operation: its error.
    package var operationError: OperationError?

    package init(_ status: HTTPResponse.Status, code: String, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    package var description: String { "\(status.code) \(code): \(message)" }
}

/// What a dialect may need of the request to say what is wrong with it.
package struct FaultedRequest: Sendable {
    package let method: HTTPRequest.Method
    /// The path without the query.
    package let target: String
    package let requestID: String
    /// nil: the path is unknown.
    package let route: Route?
}

extension Fault {
    /// An operation's refusal or failure.
    package init(_ error: OperationError) {
        self.init(Self.status(error.code), code: error.reason, error.message)
        violations = error.violations
        retryAfter = error.retryAfter
        operationError = error
    }

    private static func status(_ code: OperationError.Code) -> HTTPResponse.Status {
        switch code {
        case .invalidArgument, .outOfRange: .badRequest
        case .notFound: .notFound
        case .alreadyExists, .failedPrecondition, .aborted: .conflict
        case .permissionDenied: .forbidden
        case .unauthenticated: .unauthorized
        case .resourceExhausted: .tooManyRequests
        case .unavailable: .serviceUnavailable
        case .cancelled: HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request")
        case .internal: .internalServerError
        }
    }

    /// A body that could not be read.
    init(_ error: HTTPBodyError) {
        switch error {
        case .tooLarge: self.init(.contentTooLarge, code: "BODY_TOO_LARGE", "\(error)")
        case .tooSlow: self.init(.requestTimeout, code: "REQUEST_TIMEOUT", "\(error)")
        case .malformed: self.init(.badRequest, code: "MALFORMED_REQUEST", "\(error)")
        }
    }

    /// A body that is not the JSON it should be.
    init(_ error: JSONError) {
        self.init(
            .badRequest, code: "MALFORMED_JSON", "the body is no valid JSON: \(error)")
    }

    /// One thing that is wrong with the request.
    package static func invalid(_ field: String, _ description: String) -> Fault {
        var fault = Fault(.badRequest, code: "INVALID_ARGUMENT", "\(field): \(description)")
        fault.violations = [OperationError.Violation(field: field, description: description)]
        return fault
    }

    /// Something else than a fault: not for the client to know.
    static let unexpected = Fault(
        .internalServerError, code: "INTERNAL", "internal error; see the server's log")

    /// There is nothing at this path.
    static func unknownPath(_ path: String) -> Fault {
        Fault(.notFound, code: "UNKNOWN_PATH", "nothing is at \(path)")
    }

    /// There is something at this path, for other methods.
    static func methodNotAllowed(
        _ method: HTTPRequest.Method, _ allowed: [HTTPRequest.Method]
    ) -> Fault {
        let names = allowed.map(\.rawValue).joined(separator: ", ")
        var fault = Fault(
            .methodNotAllowed, code: "METHOD_NOT_ALLOWED",
            "expected one of \(names), got \(method.rawValue)")
        fault.allowed = allowed
        return fault
    }
}

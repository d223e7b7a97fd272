/// Why a request's body cannot be read.
package enum HTTPBodyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// It is, or says it is, longer than the limit in bytes.
    case tooLarge(limit: Int)
    /// Too little of it came in the time allowed.
    case tooSlow
    /// Its framing is broken; the connection ends.
    case malformed

    package var description: String {
        switch self {
        case .tooLarge(let limit): "expected a body of at most \(limit) bytes, got more"
        case .tooSlow: "expected the body to come faster"
        case .malformed: "expected a well-formed body, got broken framing"
        }
    }
}

/// A handler answered against the rules of HTTP; a programming error, and the exchange ends with it.
package struct HTTPAnswerError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

internal import Model

/// Why an operation was refused or failed: what every door shows, in its own way.
package struct OperationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure; the doors map it to their status.
    package enum Code: Sendable, Equatable, CaseIterable {
        case invalidArgument
        case notFound
        case alreadyExists
        case permissionDenied
        case unauthenticated
        case resourceExhausted
        case failedPrecondition
        case aborted
        case outOfRange
        case unavailable
        case cancelled
        case `internal`
    }

    /// One thing that is wrong with a request.
    package struct Violation: Sendable, Equatable {
        /// The field as it is called in the .proto file, for example `page_size`, or a JSON Pointer
        /// below one, for example `definition_json/nodes/3`.
        package let field: String
        /// What was expected and what came.
        package let description: String

        /// Both are clipped: they may quote what a caller sent.
        package init(field: String, description: String) {
            self.field = field.clipped(toBytes: 1_024)
            self.description = description.clipped(toBytes: 1_024)
        }
    }

    package let code: Code
    /// Stable and upper case, for example `EXECUTION_FINAL`.
    package let reason: String
    /// For people: lower case, what was expected, what came, the limit.
    package let message: String
    /// All that is wrong with the request, for `.invalidArgument`.
    package var violations: [Violation] = []
    /// When to try again, for `.resourceExhausted`.
    package var retryAfter: Duration?
    /// More for programs, for example the number of the execution that is in the way.
    package var metadata: [String: String] = [:]

    package init(
        _ code: Code, reason: String, _ message: String, violations: [Violation] = [],
        retryAfter: Duration? = nil, metadata: [String: String] = [:]
    ) {
        self.code = code
        self.reason = reason
        self.message = message
        self.violations = violations
        self.retryAfter = retryAfter
        self.metadata = metadata
    }

    package var description: String { message }

    /// What does not exist, or is not the caller's: the two must look the same.
    static func notFound(_ kind: String, _ name: String, reason: String) -> OperationError {
        OperationError(.notFound, reason: reason, "no \(kind) '\(shown(name))'")
    }

    /// One violation as an error of its own.
    static func invalid(_ field: String, _ description: String) -> OperationError {
        OperationError(
            .invalidArgument, reason: "INVALID_ARGUMENT", "\(field): \(description)",
            violations: [Violation(field: field, description: description)])
    }

    /// What a caller sent, short enough and plain enough for a message.
    static func shown(_ text: String) -> String {
        let plain = text.unicodeScalars.prefix(64).map { scalar in
            scalar.properties.isDefaultIgnorableCodePoint || scalar.value < 32
                || scalar.value == 127
                ? "?" : String(scalar)
        }.joined()
        return text.unicodeScalars.count > 64 ? plain + "…" : plain
    }
}

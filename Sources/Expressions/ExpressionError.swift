/// Why an expression was refused or gave no result.
package struct ExpressionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The codes that users meet, by their documented names.
    package enum Code: String, Sendable, CaseIterable {
        /// It is no jq program, or uses what is refused.
        case syntax = "EXPRESSION_SYNTAX"
        /// It ended in an error of its own.
        case failed = "EXPRESSION_FAILED"
        /// It ran longer than ``ExpressionLimits/wallMax``.
        case timedOut = "EXPRESSION_TIMED_OUT"
        /// It needed more than 64 MiB.
        case memory = "EXPRESSION_MEMORY"
        /// It gave no output, or more than one.
        case outputCount = "EXPRESSION_OUTPUT_COUNT"
        /// Its output holds a number beyond 2^53 - 1.
        case numberRange = "EXPRESSION_NUMBER_RANGE"
        /// The program, its input or its output is longer or deeper than allowed.
        case tooLarge = "EXPRESSION_TOO_LARGE"
        /// Too many expressions wait; worth trying again.
        case overloaded = "EXPRESSION_OVERLOADED"
        /// The helper executable cannot be run; the installation is broken.
        case unavailable = "EXPRESSION_UNAVAILABLE"
        /// The calling task was cancelled, or the evaluator shut down.
        case cancelled = "EXPRESSION_CANCELLED"
    }

    package var code: Code
    /// What was expected and what came, in lower case.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether the program is to blame, and not that nothing could be evaluated just then.
    var isAboutProgram: Bool {
        switch code {
        case .unavailable, .overloaded, .cancelled: false
        default: true
        }
    }

    package var description: String { "\(code.rawValue): \(message)" }
}

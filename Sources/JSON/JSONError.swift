/// Why a text is not the JSON that was expected, and where.
package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, for callers that answer differently.
    package enum Code: Sendable, Equatable {
        /// The text does not follow the grammar of RFC 8259.
        case syntax
        /// The text is longer than ``JSONLimits/bytesMax``.
        case size
        /// Arrays and objects nest deeper than ``JSONLimits/depthMax``.
        case depth
        /// An object has two members of the same name.
        case duplicateKey
        /// A string is not UTF-8, or escapes half of a surrogate pair.
        case encoding
        /// A number is longer, or its exponent greater, than ``JSONLimits`` allows.
        case number
    }

    package var code: Code
    /// The offset of the offending byte, from 0; the text's length if it ended too early.
    package var offset: Int
    /// The line of that byte, from 1.
    package var line: Int
    /// What was expected and what came.
    package var message: String

    package init(code: Code, offset: Int, line: Int, message: String) {
        self.code = code
        self.offset = offset
        self.line = line
        self.message = message
    }

    package var description: String { "line \(line), byte \(offset): \(message)" }
}

/// Why bytes were not compressed or decompressed.
package struct CompressionError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// The output would be longer than the limit given.
        case tooLarge
        /// The input is not what the format says, or a checksum does not match.
        case corrupt
        /// The input ends within the compressed stream.
        case truncated
        /// Something follows the compressed stream that is not part of it.
        case trailingBytes
        /// zlib had no memory for its state.
        case outOfMemory
    }

    package var code: Code
    package var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}

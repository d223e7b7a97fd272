internal import Hummingbird
package import NIOCore

/// Writes the body of a streamed answer, compressed where that was agreed on. Used by one task.
package final class AnswerWriter {
    private var output: any ResponseBodyWriter
    private var gzip: GzipStream?

    init(_ output: any ResponseBodyWriter, isCompressed: Bool) throws {
        self.output = output
        gzip = isCompressed ? try GzipStream() : nil
    }

    /// Writes bytes of the body; suspends while the client does not take them.
    /// - Throws: `CancellationError` once the client has gone.
    package func write(_ bytes: ByteBuffer) async throws {
        guard let gzip else { return try await output.write(bytes) }
        let packed = try gzip.append(bytes)
        if packed.readableBytes > 0 { try await output.write(packed) }
    }

    /// Writes text of the body, as UTF-8.
    package func write(_ text: String) async throws {
        try await write(ByteBuffer(string: text))
    }

    func finish() async throws {
        if let gzip { try await output.write(gzip.finish()) }
        try await output.finish(nil)
    }
}

internal import Compression
internal import NIOCore

/// A stream of gzip that is made piece by piece. Used by one task.
final class GzipStream {
    private var deflater: Deflater

    init() throws {
        deflater = try Deflater(.gzip)
    }

    /// Takes `bytes` in, and gives what is ready.
    func append(_ bytes: ByteBuffer) throws -> ByteBuffer {
        var output: [UInt8] = []
        try unsafe bytes.withUnsafeReadableBytes { try unsafe deflater.append($0, to: &output) }
        return ByteBuffer(bytes: output)
    }

    /// The rest.
    func finish() throws -> ByteBuffer {
        var output: [UInt8] = []
        try deflater.finish(to: &output)
        return ByteBuffer(bytes: output)
    }
}

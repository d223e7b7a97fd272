internal import Compression
package import NIOCore

extension GRPCRequestHead {
    /// The message in `frame`, decompressed where it says so.
    /// - Throws: `RPCError` INTERNAL for a compressed message of a call that named no encoding, or
    ///   bytes that do not decompress; RESOURCE_EXHAUSTED for more than `messageBytesMax` bytes,
    ///   found out while decompressing.
    package func unpack(
        _ frame: GRPCDeframer.Frame, messageBytesMax: Int
    ) throws(RPCError) -> ByteBuffer {
        guard frame.isCompressed else { return frame.payload }
        guard encoding == .gzip else {
            throw RPCError(.internal, "a compressed message came without grpc-encoding")
        }
        do {
            return ByteBuffer(
                bytes: try Gzip.decompress(
                    Array(frame.payload.readableBytesView), limit: messageBytesMax))
        } catch {
            guard error.code == .tooLarge else {
                throw RPCError(.internal, "a gzip message does not decompress: \(error.message)")
            }
            throw RPCError(
                .resourceExhausted,
                "request message exceeds the limit of \(messageBytesMax) bytes when decompressed")
        }
    }
}

extension GRPCEncoding {
    /// `message` compressed; nil where this encoding does not compress, nothing is gained, or there is no
    /// memory for it. Fast rather than small: the bytes are compressed once and read once.
    package func pack(_ message: ByteBuffer) -> ByteBuffer? {
        guard self == .gzip else { return nil }
        guard let packed = try? Gzip.compress(Array(message.readableBytesView), level: 1),
            packed.count < message.readableBytes
        else { return nil }
        return ByteBuffer(bytes: packed)
    }
}

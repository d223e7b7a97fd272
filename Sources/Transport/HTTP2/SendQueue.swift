internal import NIOCore
internal import RPC

/// What one stream still has to send: messages with their gRPC prefix, or plain bytes.
///
/// The first waits outside the ring, so that a call with one answer needs no ring.
struct SendQueue {
    private struct Piece {
        /// Nil: no prefix.
        var flag: UInt8?
        /// How many of the prefix's bytes were written.
        var prefixWritten = 0
        let payloadByteCount: Int
        var payload: ByteBuffer

        var byteCount: Int {
            payload.readableBytes + (flag == nil ? 0 : GRPCDeframer.prefixByteCount - prefixWritten)
        }
    }

    private var first: Piece?
    private var others = LazyQueue<Piece>()
    /// Bytes that wait, prefixes included.
    private(set) var byteCount = 0

    var isEmpty: Bool { byteCount == 0 }

    /// Queues one gRPC message.
    mutating func append(message: ByteBuffer, isCompressed: Bool) {
        append(
            Piece(
                flag: isCompressed ? 1 : 0, payloadByteCount: message.readableBytes,
                payload: message))
    }

    /// Queues bytes as they are.
    mutating func append(bytes: ByteBuffer) {
        guard bytes.readableBytes > 0 else { return }
        append(Piece(flag: nil, payloadByteCount: bytes.readableBytes, payload: bytes))
    }

    private mutating func append(_ piece: Piece) {
        byteCount += piece.byteCount
        if first == nil { first = piece } else { others.append(piece) }
    }

    /// Moves the next `count` bytes to `output`; there must be as many.
    mutating func write(_ count: Int, to output: inout ByteBuffer) {
        precondition(count <= byteCount, "only queued bytes are written")
        byteCount -= count
        var left = count
        while left > 0, var piece = first {
            // Keeps the payload's only reference here.
            first = nil
            left -= Self.writePrefix(of: &piece, max: left, to: &output)
            if let slice = piece.payload.readSlice(length: min(left, piece.payload.readableBytes)) {
                output.writeImmutableBuffer(slice)
                left -= slice.readableBytes
            }
            first = piece.byteCount > 0 ? piece : others.popFirst()
        }
    }

    private static func writePrefix(
        of piece: inout Piece, max: Int, to output: inout ByteBuffer
    ) -> Int {
        guard let flag = piece.flag else { return 0 }
        let start = piece.prefixWritten
        let end = min(GRPCDeframer.prefixByteCount, start + max)
        let length = UInt32(piece.payloadByteCount)
        if start == 0, end == GRPCDeframer.prefixByteCount {
            output.writeMultipleIntegers(flag, length)
        } else {
            for index in start..<end {
                output.writeInteger(
                    index == 0 ? flag : UInt8(truncatingIfNeeded: length >> (8 * (4 - index))))
            }
        }
        piece.prefixWritten = end
        return end - start
    }

    /// Forgets everything; returns how many bytes that were.
    mutating func removeAll() -> Int {
        defer {
            first = nil
            others.removeAll()
            byteCount = 0
        }
        return byteCount
    }
}

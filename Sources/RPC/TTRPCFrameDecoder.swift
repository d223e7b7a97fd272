package import NIOCore

/// Cuts a ttrpc connection's bytes into frames. Does not know what they mean.
///
/// It keeps at most one incomplete frame. A frame that announces too much data is told of at its
/// header, and its data is thrown away as it comes, so that the other streams of the connection
/// live on; past a second bound that would serve only an attacker, and the connection is beyond
/// rescue.
package struct TTRPCFrameDecoder: Sendable {
    /// What the bytes so far amount to.
    package enum Event: Sendable, Equatable {
        case frame(TTRPCFrame)
        /// A frame with more data than allowed; the data is being skipped.
        case oversized(streamID: UInt32, kind: TTRPCFrame.Kind?, byteCount: Int)
        /// A frame with more data than is worth skipping: no event comes after it.
        case unacceptable(streamID: UInt32, kind: TTRPCFrame.Kind?, byteCount: Int)
    }

    private let dataBytesMax: Int
    private let discardedBytesMax: Int
    private var buffer = ByteBuffer()
    /// How many bytes of an oversized frame are still to come.
    private var skipping = 0
    private var isOver = false

    /// A decoder at the beginning of a connection.
    /// - Parameters:
    ///   - dataBytesMax: data of a frame; what exceeds it is skipped.
    ///   - discardedBytesMax: data of a frame that is skipped; what exceeds it ends everything.
    package init(
        dataBytesMax: Int = TTRPCFrame.dataByteCountMax, discardedBytesMax: Int = 64 << 20
    ) {
        self.dataBytesMax = dataBytesMax
        self.discardedBytesMax = discardedBytesMax
    }

    /// Takes bytes that came from the peer.
    package mutating func receive(_ bytes: ByteBuffer) {
        guard !isOver else { return }
        if buffer.readableBytes == 0 {
            buffer = bytes
        } else if buffer.readerIndex == 0 {
            buffer.writeImmutableBuffer(bytes)
        } else {
            // Frames were cut from this memory and may live on: leave it to them.
            var joined = ByteBuffer()
            joined.reserveCapacity(buffer.readableBytes + bytes.readableBytes)
            joined.writeImmutableBuffer(buffer)
            joined.writeImmutableBuffer(bytes)
            buffer = joined
        }
    }

    /// The next event; nil when more bytes are needed.
    package mutating func next() -> Event? {
        if skipping > 0 {
            let count = min(skipping, buffer.readableBytes)
            buffer.moveReaderIndex(forwardBy: count)
            skipping -= count
        }
        let start = buffer.readerIndex
        guard !isOver, skipping == 0, buffer.readableBytes >= TTRPCFrame.headerByteCount,
            let length: UInt32 = buffer.getInteger(at: start),
            let streamID: UInt32 = buffer.getInteger(at: start + 4),
            let type: UInt8 = buffer.getInteger(at: start + 8),
            let flags: UInt8 = buffer.getInteger(at: start + 9)
        else {
            releaseEmptyBuffer()
            return nil
        }
        let byteCount = Int(length)
        let kind = TTRPCFrame.Kind(rawValue: type)
        if byteCount > dataBytesMax {
            buffer.moveReaderIndex(forwardBy: TTRPCFrame.headerByteCount)
            guard byteCount <= discardedBytesMax else {
                isOver = true
                buffer = ByteBuffer()
                return .unacceptable(streamID: streamID, kind: kind, byteCount: byteCount)
            }
            skipping = byteCount
            return .oversized(streamID: streamID, kind: kind, byteCount: byteCount)
        }
        guard
            let data = buffer.getSlice(at: start + TTRPCFrame.headerByteCount, length: byteCount)
        else { return nil }
        buffer.moveReaderIndex(forwardBy: TTRPCFrame.headerByteCount + byteCount)
        return .frame(
            TTRPCFrame(
                streamID: streamID, kind: kind, flags: TTRPCFrame.Flags(rawValue: flags),
                data: data))
    }

    /// Whether an incomplete frame is waiting for the rest of it.
    package var isWithinFrame: Bool { skipping > 0 || buffer.readableBytes > 0 }

    /// Memory that held the last frames must not stay with an idle connection.
    private mutating func releaseEmptyBuffer() {
        if buffer.readableBytes == 0 { buffer = ByteBuffer() }
    }
}

package import NIOCore

/// One unit of a ttrpc connection (containerd/ttrpc PROTOCOL.md).
///
/// ```
///  0               4               8     9     10
///  +---------------+---------------+-----+-----+----------------
///  | data length   | stream id     |type |flags| data
///  +---------------+---------------+-----+-----+----------------
/// ```
///
/// | type | from | data | flags |
/// | --- | --- | --- | --- |
/// | 1 request | client | `ttrpc.Request` | 0 unary, 0x01 remote closed, 0x02 remote open |
/// | 2 response | server | `ttrpc.Response` | 0 |
/// | 3 data | both | one message | 0x01 remote closed, 0x04 no message |
/// | 0x40 cancel | client | none | 0; ours: the peer no longer waits for this call |
///
/// Numbers are big endian. The length does not count the header and is at most 4 MiB. Frames of
/// other types are ignored, so peers that do not know 0x40 are not disturbed by it.
package struct TTRPCFrame: Sendable, Equatable {
    /// The types of frames we know.
    package enum Kind: UInt8, Sendable {
        case request = 1
        case response = 2
        case data = 3
        case cancel = 0x40
    }

    /// What a frame says besides its data, seen from its receiver.
    package struct Flags: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// The sender sends nothing more on this stream.
        package static let remoteClosed = Flags(rawValue: 0x01)
        /// The sender will send data on this stream.
        package static let remoteOpen = Flags(rawValue: 0x02)
        /// The frame carries no message, not even an empty one.
        package static let noData = Flags(rawValue: 0x04)
    }

    package static let headerByteCount = 10
    /// The most data ttrpc allows in a frame.
    package static let dataByteCountMax = 4 << 20

    package var streamID: UInt32
    /// Nil for a type we do not know.
    package var kind: Kind?
    package var flags: Flags
    package var data: ByteBuffer

    package init(
        streamID: UInt32, kind: Kind?, flags: Flags = [], data: ByteBuffer = ByteBuffer()
    ) {
        self.streamID = streamID
        self.kind = kind
        self.flags = flags
        self.data = data
    }
}

extension ByteBuffer {
    /// Appends the header of a frame whose data is `byteCount` bytes.
    package mutating func writeTTRPCHeader(
        byteCount: Int, streamID: UInt32, kind: TTRPCFrame.Kind, flags: TTRPCFrame.Flags = []
    ) {
        writeMultipleIntegers(UInt32(byteCount), streamID, kind.rawValue, flags.rawValue)
    }
}

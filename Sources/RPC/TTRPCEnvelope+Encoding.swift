package import NIOCore

extension ByteBuffer {
    /// Appends a request frame.
    /// - Throws: `RPCError` RESOURCE_EXHAUSTED if its data exceeds ttrpc's 4 MiB.
    package mutating func writeTTRPCRequest(
        _ request: TTRPCRequest, streamID: UInt32, flags: TTRPCFrame.Flags
    ) throws(RPCError) {
        let start = beginTTRPCFrame()
        writeProtobuf(1, request.service)
        writeProtobuf(2, request.method)
        writeProtobuf(3, request.payload)
        if request.timeoutNanoseconds != 0 {
            writeVarint(4 << 3)
            writeVarint(UInt64(bitPattern: request.timeoutNanoseconds))
        }
        for entry in request.metadata.entries {
            guard case .text(let text) = entry.value else { continue }
            writeVarint(5 << 3 | 2)
            writeVarint(
                UInt64(
                    Self.protobufByteCount(entry.name.utf8.count)
                        + Self.protobufByteCount(text.utf8.count)))
            writeProtobuf(1, entry.name)
            writeProtobuf(2, text)
        }
        try endTTRPCFrame(at: start, streamID: streamID, kind: .request, flags: flags)
    }

    /// Appends the response frame of a call that went well.
    /// - Throws: `RPCError` RESOURCE_EXHAUSTED if its data exceeds ttrpc's 4 MiB.
    package mutating func writeTTRPCResponse(
        payload: ByteBuffer, streamID: UInt32
    ) throws(RPCError) {
        let byteCount = Self.protobufByteCount(payload.readableBytes)
        try Self.checkTTRPCData(byteCount)
        reserveCapacity(minimumWritableBytes: TTRPCFrame.headerByteCount + byteCount)
        writeTTRPCHeader(byteCount: byteCount, streamID: streamID, kind: .response)
        writeProtobuf(2, payload)
    }

    /// Appends the response frame of a call that failed. Details that do not fit are left out.
    package mutating func writeTTRPCResponse(error: RPCError, streamID: UInt32) {
        var status = ByteBuffer(googleStatus: error)
        if Self.protobufByteCount(status.readableBytes) > TTRPCFrame.dataByteCountMax {
            status = ByteBuffer(
                googleStatus: RPCError(error.code, String(error.message.prefix(1024))))
        }
        writeTTRPCHeader(
            byteCount: Self.protobufByteCount(status.readableBytes), streamID: streamID,
            kind: .response)
        writeProtobuf(1, status)
    }

    /// A serialized `google.rpc.Status`.
    package init(googleStatus error: RPCError) {
        self.init()
        writeVarint(1 << 3)
        writeVarint(UInt64(error.code.rawValue))
        writeProtobuf(2, error.message)
        for detail in error.details {
            writeVarint(3 << 3 | 2)
            writeVarint(
                UInt64(
                    Self.protobufByteCount(detail.typeURL.utf8.count)
                        + Self.protobufByteCount(detail.value.count)))
            writeProtobuf(1, detail.typeURL)
            if !detail.value.isEmpty {
                writeVarint(2 << 3 | 2)
                writeVarint(UInt64(detail.value.count))
                writeBytes(detail.value)
            }
        }
    }

    private mutating func beginTTRPCFrame() -> Int {
        let start = writerIndex
        writeRepeatingByte(0, count: TTRPCFrame.headerByteCount)
        return start
    }

    /// Fills in the header at `start`, now that the size is known; takes the frame back if it is
    /// too large.
    private mutating func endTTRPCFrame(
        at start: Int, streamID: UInt32, kind: TTRPCFrame.Kind, flags: TTRPCFrame.Flags
    ) throws(RPCError) {
        let byteCount = writerIndex - start - TTRPCFrame.headerByteCount
        do throws(RPCError) {
            try Self.checkTTRPCData(byteCount)
        } catch {
            moveWriterIndex(to: start)
            throw error
        }
        setInteger(UInt32(byteCount), at: start)
        setInteger(streamID, at: start + 4)
        setInteger(kind.rawValue, at: start + 8)
        setInteger(flags.rawValue, at: start + 9)
    }

    private static func checkTTRPCData(_ byteCount: Int) throws(RPCError) {
        guard byteCount <= TTRPCFrame.dataByteCountMax else {
            throw RPCError(
                .resourceExhausted,
                "a frame of \(byteCount) bytes exceeds ttrpc's limit of "
                    + "\(TTRPCFrame.dataByteCountMax)")
        }
    }

    // An empty text or payload is the field's default, which proto3 does not write. The field
    // numbers here are below 16, so their tags are one byte.

    private static func protobufByteCount(_ count: Int) -> Int {
        count == 0 ? 0 : 1 + varintByteCount(UInt64(count)) + count
    }

    private mutating func writeProtobuf(_ number: UInt8, _ text: String) {
        guard !text.isEmpty else { return }
        writeInteger(number << 3 | 2)
        writeVarint(UInt64(text.utf8.count))
        writeString(text)
    }

    private mutating func writeProtobuf(_ number: UInt8, _ bytes: ByteBuffer) {
        guard bytes.readableBytes > 0 else { return }
        writeInteger(number << 3 | 2)
        writeVarint(UInt64(bytes.readableBytes))
        writeImmutableBuffer(bytes)
    }
}

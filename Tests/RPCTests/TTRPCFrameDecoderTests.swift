import NIOCore
import RPC
import Testing

@Suite struct TTRPCFrameDecoderTests {
    private static let frames = [
        TTRPCFrame(streamID: 1, kind: .request, data: ByteBuffer(string: "first")),
        TTRPCFrame(streamID: 3, kind: .data, flags: [.remoteClosed, .noData]),
        TTRPCFrame(streamID: 1, kind: .response, data: ByteBuffer(string: "second")),
        TTRPCFrame(streamID: 0xFFFF_FFFF, kind: .cancel),
    ]

    private static func bytes(of frames: [TTRPCFrame]) -> ByteBuffer {
        var bytes = ByteBuffer()
        for frame in frames {
            guard let kind = frame.kind else { continue }
            bytes.writeTTRPCHeader(
                byteCount: frame.data.readableBytes, streamID: frame.streamID, kind: kind,
                flags: frame.flags)
            bytes.writeImmutableBuffer(frame.data)
        }
        return bytes
    }

    private static func events(_ decoder: inout TTRPCFrameDecoder) -> [TTRPCFrameDecoder.Event] {
        var events: [TTRPCFrameDecoder.Event] = []
        while let event = decoder.next() { events.append(event) }
        return events
    }

    @Test func `the header has the documented layout`() {
        let bytes = Self.bytes(of: [
            TTRPCFrame(
                streamID: 0x0102_0304, kind: .data, flags: .remoteClosed,
                data: ByteBuffer(string: "x"))
        ])
        #expect(Array(bytes.readableBytesView) == [0, 0, 0, 1, 1, 2, 3, 4, 3, 1, 0x78])
    }

    @Test func `frames in one piece come out one by one`() {
        var decoder = TTRPCFrameDecoder()
        decoder.receive(Self.bytes(of: Self.frames))
        #expect(Self.events(&decoder) == Self.frames.map { .frame($0) })
        #expect(!decoder.isWithinFrame)
    }

    @Test func `frames survive a split at every byte`() {
        let bytes = Self.bytes(of: Self.frames)
        for split in 0...bytes.readableBytes {
            var decoder = TTRPCFrameDecoder()
            var rest = bytes
            guard let first = rest.readSlice(length: split) else { return }
            decoder.receive(first)
            var events = Self.events(&decoder)
            decoder.receive(rest)
            events += Self.events(&decoder)
            #expect(events == Self.frames.map { .frame($0) }, "split at \(split)")
        }
    }

    @Test func `frames survive coming byte by byte`() {
        var decoder = TTRPCFrameDecoder()
        var events: [TTRPCFrameDecoder.Event] = []
        for byte in Self.bytes(of: Self.frames).readableBytesView {
            decoder.receive(ByteBuffer(bytes: [byte]))
            events += Self.events(&decoder)
        }
        #expect(events == Self.frames.map { .frame($0) })
    }

    @Test func `a frame keeps its bytes when more come after it`() {
        var decoder = TTRPCFrameDecoder()
        let bytes = Self.bytes(of: Self.frames)
        var head = bytes
        guard var most = head.readSlice(length: bytes.readableBytes - 5) else { return }
        decoder.receive(most)
        let events = Self.events(&decoder)
        most.clear()
        most.writeRepeatingByte(0xFF, count: 50)
        decoder.receive(head)
        #expect(events + Self.events(&decoder) == Self.frames.map { .frame($0) })
    }

    @Test func `an unknown type is told as one`() {
        var decoder = TTRPCFrameDecoder()
        decoder.receive(ByteBuffer(bytes: [0, 0, 0, 0, 0, 0, 0, 9, 0x77, 0]))
        #expect(Self.events(&decoder) == [.frame(TTRPCFrame(streamID: 9, kind: nil))])
    }

    @Test func `a frame of exactly the limit passes`() {
        var decoder = TTRPCFrameDecoder(dataBytesMax: 8, discardedBytesMax: 16)
        let frame = TTRPCFrame(
            streamID: 1, kind: .request, data: ByteBuffer(repeating: 1, count: 8))
        decoder.receive(Self.bytes(of: [frame]))
        #expect(Self.events(&decoder) == [.frame(frame)])
    }
}

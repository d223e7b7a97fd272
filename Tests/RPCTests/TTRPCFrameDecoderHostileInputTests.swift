import NIOCore
import RPC
import Testing

@Suite struct TTRPCFrameDecoderHostileInputTests {
    private static func header(_ length: UInt32, _ streamID: UInt32, _ type: UInt8) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeMultipleIntegers(length, streamID, type, UInt8(0))
        return bytes
    }

    @Test func `the data of an oversized frame is skipped, and the next frame is whole`() {
        var decoder = TTRPCFrameDecoder(dataBytesMax: 8, discardedBytesMax: 100)
        decoder.receive(Self.header(9, 1, 1))
        #expect(decoder.next() == .oversized(streamID: 1, kind: .request, byteCount: 9))
        for _ in 0..<9 {
            #expect(decoder.next() == nil)
            #expect(decoder.isWithinFrame)
            decoder.receive(ByteBuffer(bytes: [0xFF]))
        }
        decoder.receive(Self.header(0, 3, 3))
        #expect(decoder.next() == .frame(TTRPCFrame(streamID: 3, kind: .data)))
        #expect(decoder.next() == nil)
    }

    @Test(arguments: [101, 1 << 24, UInt32.max])
    func `nothing is read after an unacceptable length`(length: UInt32) {
        var decoder = TTRPCFrameDecoder(dataBytesMax: 8, discardedBytesMax: 100)
        decoder.receive(Self.header(length, 1, 1))
        #expect(
            decoder.next() == .unacceptable(streamID: 1, kind: .request, byteCount: Int(length)))
        decoder.receive(Self.header(0, 3, 3))
        #expect(decoder.next() == nil)
        #expect(!decoder.isWithinFrame)
    }

    @Test func `random bytes never stop the decoder from ending`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var decoder = TTRPCFrameDecoder(dataBytesMax: 64, discardedBytesMax: 1 << 20)
            var received = 0
            var told = 0
            for _ in 0..<20 {
                let piece = (0..<Int.random(in: 0...50, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random) & 0x13
                }
                received += piece.count
                decoder.receive(ByteBuffer(bytes: piece))
                while decoder.next() != nil { told += 1 }
            }
            #expect(told * TTRPCFrame.headerByteCount <= received)
        }
    }
}

import NIOCore
import RPC
import Testing

@Suite struct GRPCDeframerTests {
    private func frame(_ payload: [UInt8], flag: UInt8 = 0) -> [UInt8] {
        let length = UInt32(payload.count)
        return [flag] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + payload
    }

    private func append(_ bytes: [UInt8], to deframer: inout GRPCDeframer) {
        unsafe bytes.withUnsafeBytes { unsafe deframer.append($0) }
    }

    @Test(arguments: 1...20)
    func `messages come out whole however the bytes are cut`(pieceByteCount: Int) throws {
        let bytes = frame([1, 2, 3]) + frame([]) + frame(Array(0..<100), flag: 1)
        var deframer = GRPCDeframer(messageBytesMax: 100)
        var frames: [GRPCDeframer.Frame] = []
        for start in stride(from: 0, to: bytes.count, by: pieceByteCount) {
            append(
                Array(bytes[start..<min(bytes.count, start + pieceByteCount)]), to: &deframer)
            while let frame = try deframer.next() { frames.append(frame) }
        }
        #expect(
            frames.map(\.payload) == [
                ByteBuffer(bytes: [1, 2, 3]), ByteBuffer(), ByteBuffer(bytes: Array(0..<100)),
            ])
        #expect(frames.map(\.isCompressed) == [false, false, true])
        #expect(deframer.waitingByteCount == 0)
        #expect(deframer.cutOff == nil)
    }

    @Test func `a request cut off within a message says so`() throws {
        var deframer = GRPCDeframer(messageBytesMax: 100)
        append([0, 0, 0, 0, 9, 1, 2], to: &deframer)
        let value1 = try deframer.next()
        #expect(value1 == nil)
        #expect(deframer.announcedByteCount == 14)
        #expect(deframer.cutOff?.code == .internal)
    }
}

@Suite struct GRPCDeframerHostileInputTests {
    @Test func `a length over the limit is refused by its prefix alone`() {
        var deframer = GRPCDeframer(messageBytesMax: 4 << 20)
        let bytes: [UInt8] = [0, 0xFF, 0xFF, 0xFF, 0xFF]
        unsafe bytes.withUnsafeBytes { unsafe deframer.append($0) }
        let error = #expect(throws: RPCError.self) { try deframer.next() }
        #expect(error?.code == .resourceExhausted)
        #expect(
            error?.message == "request message of 4294967295 bytes exceeds the limit of 4194304")
    }

    @Test(arguments: 2...255)
    func `an unknown flag is refused`(flag: UInt8) {
        var deframer = GRPCDeframer(messageBytesMax: 10)
        let bytes: [UInt8] = [flag, 0, 0, 0, 0]
        unsafe bytes.withUnsafeBytes { unsafe deframer.append($0) }
        let error = #expect(throws: RPCError.self) { try deframer.next() }
        #expect(error?.code == .internal)
    }
}

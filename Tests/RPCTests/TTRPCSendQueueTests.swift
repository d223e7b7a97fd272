import NIOCore
import RPC
import Testing

@Suite struct TTRPCSendQueueTests {
    private var queue = TTRPCSendQueue()

    private static func message(_ text: String) -> TTRPCSendQueue.Item {
        .message(ByteBuffer(string: text))
    }

    private mutating func order() -> [UInt32] {
        var order: [UInt32] = []
        while let entry = queue.next() { order.append(entry.streamID) }
        return order
    }

    @Test mutating func `streams take turns`() {
        for streamID in [1, 1, 1, 3, 5, 5] as [UInt32] {
            queue.appendToStream(Self.message("x"), streamID)
        }
        #expect(order() == [1, 3, 5, 1, 5, 1])
        #expect(queue.isEmpty)
    }

    @Test mutating func `the bytes of all streams are counted until they are sent or dropped`() {
        for streamID in [1, 1, 3, 5] as [UInt32] {
            queue.appendToStream(Self.message("xyz"), streamID)
        }
        let each = queue.byteCount(of: 3)
        #expect(queue.streamsByteCount == 4 * each)
        queue.append(.answer(ByteBuffer(string: "y")), to: 7)
        _ = queue.next()
        #expect(queue.streamsByteCount == 4 * each)
        _ = queue.next()
        #expect(queue.streamsByteCount == 3 * each)
        queue.drop(5)
        #expect(queue.streamsByteCount == 2 * each)
        while queue.next() != nil {}
        #expect(queue.streamsByteCount == 0)
    }

    @Test mutating func `answers go before streams`() {
        queue.appendToStream(Self.message("x"), 1)
        queue.append(.answer(ByteBuffer(string: "y")), to: 3)
        queue.append(.failure(RPCError(.internal, "z")), to: 5)
        #expect(order() == [3, 5, 1])
    }

    @Test mutating func `a stream keeps its order, its end last`() {
        let items = [Self.message("a"), Self.message("b"), .end]
        for item in items { queue.appendToStream(item, 1) }
        var sent: [TTRPCSendQueue.Item] = []
        while let entry = queue.next() { sent.append(entry.item) }
        #expect(sent == items)
    }

    @Test mutating func `bytes are counted per stream and given back`() {
        queue.appendToStream(Self.message("12345678"), 1)
        let one = queue.byteCount(of: 1)
        #expect(one >= 8)
        queue.appendToStream(Self.message("12345678"), 1)
        #expect(queue.byteCount(of: 1) == 2 * one)
        #expect(queue.byteCount(of: 3) == 0)
        _ = queue.next()
        #expect(queue.byteCount(of: 1) == one)
        _ = queue.next()
        #expect(queue.byteCount(of: 1) == 0)
    }

    @Test mutating func `answer bytes are counted and given back`() {
        queue.append(.answer(ByteBuffer(repeating: 0, count: 1000)), to: 1)
        #expect(queue.answerByteCount >= 1000)
        _ = queue.next()
        #expect(queue.answerByteCount == 0)
    }

    @Test mutating func `a dropped stream loses its turn, not that of others`() {
        for streamID in [1, 3, 1, 5] as [UInt32] {
            queue.appendToStream(Self.message("x"), streamID)
        }
        queue.drop(1)
        queue.drop(7)
        #expect(order() == [3, 5])
        queue.appendToStream(Self.message("x"), 1)
        #expect(order() == [1])
    }

    @Test func `an answer that fits no frame becomes a status`() throws {
        var bytes = ByteBuffer()
        var queue = TTRPCSendQueue()
        queue.append(.answer(ByteBuffer(repeating: 0, count: 4 << 20)), to: 1)
        guard let entry = queue.next() else { return }
        try bytes.writeTTRPCFrame(entry)
        var decoder = TTRPCFrameDecoder()
        decoder.receive(bytes)
        guard case .frame(let frame) = decoder.next() else {
            Issue.record("no frame")
            return
        }
        #expect(try TTRPCResponse(decoding: frame.data).error?.code == .resourceExhausted)
    }
}

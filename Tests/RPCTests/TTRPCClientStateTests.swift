import NIOCore
import RPC
import Testing

@Suite struct TTRPCClientStateTests {
    private var state = TTRPCClientState()

    private static func data(
        _ text: String = "", flags: TTRPCFrame.Flags = []
    ) -> TTRPCFrame {
        TTRPCFrame(streamID: 1, kind: .data, flags: flags, data: ByteBuffer(string: text))
    }

    private static func response(_ bytes: [UInt8]) -> TTRPCFrame {
        TTRPCFrame(streamID: 1, kind: .response, data: ByteBuffer(bytes: bytes))
    }

    @Test mutating func `stream ids are odd and grow`() {
        #expect((0..<4).map { _ in state.open(.unary) } == [1, 3, 5, 7])
    }

    @Test mutating func `a unary call is answered once`() {
        _ = state.open(.unary)
        #expect(state.received(Self.response([0x12, 1, 0x78])) == .answer(ByteBuffer(string: "x")))
        #expect(state.received(Self.response([0x12, 1, 0x78])) == .ignore)
        #expect(state.callCount == 0)
    }

    @Test mutating func `a stream has messages and an end`() {
        _ = state.open(.serverStreaming)
        #expect(state.received(Self.data("a")) == .message(ByteBuffer(string: "a")))
        #expect(state.received(Self.data("")) == .message(ByteBuffer()))
        #expect(state.received(Self.data(flags: .noData)) == .ignore)
        #expect(state.received(Self.data(flags: [.remoteClosed, .noData])) == .end)
        #expect(state.received(Self.data("late")) == .ignore)
    }

    @Test mutating func `the last message may close its stream`() {
        _ = state.open(.serverStreaming)
        #expect(
            state.received(Self.data("z", flags: .remoteClosed))
                == .lastMessage(ByteBuffer(string: "z")))
        #expect(state.callCount == 0)
    }

    @Test mutating func `an OK response ends a stream`() {
        _ = state.open(.serverStreaming)
        #expect(state.received(Self.response([])) == .end)
    }

    @Test(arguments: [CallKind.unary, .serverStreaming])
    mutating func `a status fails the call`(kind: CallKind) {
        _ = state.open(kind)
        #expect(
            state.received(Self.response([0x0A, 5, 0x08, 5, 0x12, 1, 0x6E]))
                == .fail(RPCError(.notFound, "n")))
        #expect(state.callCount == 0)
    }

    @Test mutating func `data for a unary call is a violation`() {
        _ = state.open(.unary)
        guard case .giveUp(let error) = state.received(Self.data("x")) else {
            Issue.record("accepted")
            return
        }
        #expect(error.code == .internal)
    }

    @Test mutating func `an oversized response fails its call only`() {
        _ = state.open(.unary)
        _ = state.open(.unary)
        let onFrame = state.receivedOversized(
            streamID: 1, kind: .response, byteCount: 9, limit: 8)
        guard case .fail(let error) = onFrame else {
            Issue.record("accepted")
            return
        }
        #expect(error.code == .resourceExhausted)
        #expect(state.callCount == 1)
    }

    @Test mutating func `closing tells whether the call was open`() {
        _ = state.open(.unary)
        let wasOpen = [state.close(1), state.close(1)]
        #expect(wasOpen == [true, false])
        #expect(state.received(Self.response([])) == .ignore)
    }
}

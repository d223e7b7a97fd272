import NIOCore
import RPC
import Testing

@Suite struct TTRPCServerStateTests {
    private var state = TTRPCServerState(callsMax: 3, metadataBytesMax: 1024)

    private static func request(
        _ streamID: UInt32, flags: TTRPCFrame.Flags = []
    ) -> TTRPCFrame {
        TTRPCFrame(
            streamID: streamID, kind: .request, flags: flags,
            data: ByteBuffer(bytes: [0x0A, 1, 0x73, 0x12, 1, 0x6D]))
    }

    private static func data(
        _ streamID: UInt32, _ text: String = "", flags: TTRPCFrame.Flags = []
    ) -> TTRPCFrame {
        TTRPCFrame(streamID: streamID, kind: .data, flags: flags, data: ByteBuffer(string: text))
    }

    private static let start = TTRPCServerState.OnFrame.start(
        TTRPCRequest(service: "s", method: "m"))

    @Test(arguments: [TTRPCFrame.Flags(), .remoteClosed])
    mutating func `a request starts a call, with or without streaming answer`(
        flags: TTRPCFrame.Flags
    ) {
        #expect(state.received(Self.request(1, flags: flags)) == Self.start)
        #expect(state.runningCount == 1)
    }

    @Test(arguments: [0, 2, 4, 0xFFFF_FFFE] as [UInt32])
    mutating func `an even stream id is refused`(streamID: UInt32) {
        #expect(state.received(Self.request(streamID)).refusal == .invalidArgument)
        #expect(state.received(Self.request(1)) == Self.start)
    }

    @Test(arguments: [5, 3, 1] as [UInt32])
    mutating func `a stream id that does not grow is refused`(streamID: UInt32) {
        #expect(state.received(Self.request(5)) == Self.start)
        #expect(state.received(Self.request(streamID)).refusal == .invalidArgument)
        #expect(state.received(Self.request(7)) == Self.start)
    }

    @Test mutating func `a stream id is not to be had again after its call`() {
        #expect(state.received(Self.request(1)) == Self.start)
        state.answered(1)
        state.released(1)
        #expect(state.received(Self.request(1)).refusal == .invalidArgument)
    }

    @Test mutating func `the highest stream id can be used`() {
        #expect(state.received(Self.request(.max)) == Self.start)
    }

    @Test mutating func `streaming requests are unimplemented`() {
        #expect(state.received(Self.request(1, flags: .remoteOpen)).refusal == .unimplemented)
        #expect(state.runningCount == 0)
    }

    @Test mutating func `a request that is not protobuf is refused`() {
        let frame = TTRPCFrame(streamID: 1, kind: .request, data: ByteBuffer(bytes: [0x0A, 200]))
        #expect(state.received(frame).refusal == .invalidArgument)
        #expect(state.runningCount == 0)
    }

    @Test mutating func `calls over the limit are refused until a handler is over`() {
        for streamID in [1, 3, 5] as [UInt32] {
            #expect(state.received(Self.request(streamID)) == Self.start)
        }
        #expect(state.received(Self.request(7)).refusal == .resourceExhausted)
        state.answered(1)
        #expect(state.received(Self.request(9)).refusal == .resourceExhausted)
        state.released(1)
        #expect(state.received(Self.request(11)) == Self.start)
    }

    @Test mutating func `a cancelled call counts until its handler is over`() {
        for streamID in [1, 3, 5] as [UInt32] {
            #expect(state.received(Self.request(streamID)) == Self.start)
            #expect(state.received(TTRPCFrame(streamID: streamID, kind: .cancel)) == .cancel)
        }
        #expect(state.received(Self.request(7)).refusal == .resourceExhausted)
    }

    @Test mutating func `cancelling twice, or what is over, does nothing`() {
        #expect(state.received(TTRPCFrame(streamID: 1, kind: .cancel)) == .ignore)
        #expect(state.received(Self.request(1)) == Self.start)
        #expect(state.received(TTRPCFrame(streamID: 1, kind: .cancel)) == .cancel)
        #expect(state.received(TTRPCFrame(streamID: 1, kind: .cancel)) == .ignore)
    }

    @Test mutating func `data on a stream that is unknown or finished is refused`() {
        #expect(state.received(Self.data(1, "x")).refusal == .invalidArgument)
        #expect(state.received(Self.request(1)) == Self.start)
        state.answered(1)
        #expect(state.received(Self.data(1, "x")).refusal == .invalidArgument)
    }

    @Test mutating func `an end without data is accepted`() {
        #expect(state.received(Self.request(1, flags: .remoteClosed)) == Self.start)
        #expect(state.received(Self.data(1, flags: [.remoteClosed, .noData])) == .ignore)
    }

    @Test(arguments: ["", "x"])
    mutating func `a second message fails the call once`(text: String) {
        #expect(state.received(Self.request(1)) == Self.start)
        guard case .fail(let error) = state.received(Self.data(1, text)) else {
            Issue.record("the call goes on")
            return
        }
        #expect(error.code == .invalidArgument)
        #expect(state.received(Self.data(1, text)).refusal == .invalidArgument)
    }

    @Test mutating func `frames that are none of a client's are ignored`() {
        #expect(state.received(TTRPCFrame(streamID: 1, kind: nil)) == .ignore)
        #expect(state.received(TTRPCFrame(streamID: 1, kind: .response)) == .ignore)
    }

    @Test mutating func `an oversized request uses up its stream id`() {
        let onFrame = state.receivedOversized(
            streamID: 1, kind: .request, byteCount: 9, limit: 8)
        #expect(onFrame.refusal == .resourceExhausted)
        #expect(state.received(Self.request(1)).refusal == .invalidArgument)
    }

    @Test mutating func `oversized data fails its call`() {
        #expect(state.received(Self.request(1)) == Self.start)
        guard
            case .fail(let error) = state.receivedOversized(
                streamID: 1, kind: .data, byteCount: 9, limit: 8)
        else {
            Issue.record("the call goes on")
            return
        }
        #expect(error.code == .resourceExhausted)
        #expect(state.receivedOversized(streamID: 1, kind: nil, byteCount: 9, limit: 8) == .ignore)
    }

    @Test mutating func `a draining connection takes no more calls`() {
        #expect(state.received(Self.request(1)) == Self.start)
        state.beganDraining()
        #expect(state.received(Self.request(3)).refusal == .unavailable)
        #expect(state.runningCount == 1)
    }
}

extension TTRPCServerState.OnFrame {
    /// The status of a refusal.
    fileprivate var refusal: StatusCode? {
        if case .refuse(let error) = self { return error.code }
        return nil
    }
}

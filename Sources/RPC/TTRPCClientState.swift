package import NIOCore

/// The client's side of a ttrpc connection, as a value: which calls wait for what, and what a frame
/// means for them.
package struct TTRPCClientState: Sendable {
    /// What to do with a frame.
    package enum OnFrame: Sendable, Equatable {
        /// The call is answered with this message, and over.
        case answer(ByteBuffer)
        /// One message of a streaming call.
        case message(ByteBuffer)
        /// The streaming call's last message.
        case lastMessage(ByteBuffer)
        /// The streaming call ended well.
        case end
        /// The call is over with this error.
        case fail(RPCError)
        /// The same, and the server is to be told that nobody waits any more.
        case giveUp(RPCError)
        case ignore
    }

    private var kinds: [UInt32: CallKind] = [:]
    private var lastStreamID: UInt32 = 0

    package init() {}

    /// How many calls are not over.
    package var callCount: Int { kinds.count }

    /// The stream id of a new call; nil when all have been used.
    package mutating func open(_ kind: CallKind) -> UInt32? {
        let streamID = lastStreamID == 0 ? 1 : lastStreamID &+ 2
        guard streamID > lastStreamID else { return nil }
        lastStreamID = streamID
        kinds[streamID] = kind
        return streamID
    }

    /// A call is over for us. Returns whether it was not before.
    package mutating func close(_ streamID: UInt32) -> Bool {
        kinds.removeValue(forKey: streamID) != nil
    }

    /// A whole frame came. Frames of calls that are over are late, not wrong.
    package mutating func received(_ frame: TTRPCFrame) -> OnFrame {
        guard let kind = kinds[frame.streamID] else { return .ignore }
        switch frame.kind {
        case .response:
            kinds[frame.streamID] = nil
            return response(frame.data, kind)
        case .data:
            guard kind == .serverStreaming else {
                kinds[frame.streamID] = nil
                return .giveUp(RPCError(.internal, "a data frame came for a unary call"))
            }
            let isEnd = frame.flags.contains(.remoteClosed)
            if isEnd { kinds[frame.streamID] = nil }
            guard !frame.flags.contains(.noData) else { return isEnd ? .end : .ignore }
            return isEnd ? .lastMessage(frame.data) : .message(frame.data)
        case .request, .cancel, nil:
            return .ignore
        }
    }

    /// A frame with too much data came; its data is skipped.
    package mutating func receivedOversized(
        streamID: UInt32, kind: TTRPCFrame.Kind?, byteCount: Int, limit: Int
    ) -> OnFrame {
        guard kind == .response || kind == .data, kinds.removeValue(forKey: streamID) != nil else {
            return .ignore
        }
        let error = RPCError(
            .resourceExhausted, "a frame of \(byteCount) bytes exceeds the limit of \(limit)")
        return kind == .data ? .giveUp(error) : .fail(error)
    }

    private func response(_ data: ByteBuffer, _ kind: CallKind) -> OnFrame {
        do throws(RPCError) {
            let response = try TTRPCResponse(decoding: data)
            if let error = response.error { return .fail(error) }
            guard kind == .serverStreaming else { return .answer(response.payload) }
            return response.payload.readableBytes > 0 ? .lastMessage(response.payload) : .end
        } catch {
            return .fail(error)
        }
    }
}

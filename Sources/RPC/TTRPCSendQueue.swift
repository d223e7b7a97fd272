package import NIOCore

/// What waits to be sent on a ttrpc connection, and in which order it goes.
///
/// ttrpc has no flow control, so one stream that sends much would hold up all others. Two rules
/// keep that from happening: answers that are one frame go first, and streams take turns, one
/// frame each. The writers bound the bytes: a stream's by `byteCount(of:)`, the answers' by not
/// reading more requests while `answerByteCount` is high.
package struct TTRPCSendQueue: Sendable {
    /// What one frame will say.
    package enum Item: Sendable, Equatable {
        /// The response of a unary call.
        case answer(ByteBuffer)
        /// The status of a call that failed.
        case failure(RPCError)
        /// One message of a stream.
        case message(ByteBuffer)
        /// The OK end of a stream.
        case end
        /// Clients: a call.
        case request(TTRPCRequest, flags: TTRPCFrame.Flags)
        /// Clients: nobody waits for the call any more.
        case cancel
    }

    /// One item with the stream it belongs to.
    package struct Entry: Sendable, Equatable {
        package let streamID: UInt32
        package let item: Item
    }

    private var answers = CircularBuffer<Entry>()
    private var streams: [UInt32: (items: CircularBuffer<Item>, byteCount: Int)] = [:]
    /// The streams that have something to send, in the order of their turns.
    private var turns = CircularBuffer<UInt32>()

    /// Payload bytes of the answers that wait.
    package private(set) var answerByteCount = 0
    /// Payload bytes that wait in all streams together.
    package private(set) var streamsByteCount = 0

    /// Nothing waits.
    package init() {}

    /// Whether nothing waits.
    package var isEmpty: Bool { answers.isEmpty && turns.isEmpty }

    /// Payload bytes that wait in one stream.
    package func byteCount(of streamID: UInt32) -> Int { streams[streamID]?.byteCount ?? 0 }

    /// Queues what is one frame by itself.
    package mutating func append(_ item: Item, to streamID: UInt32) {
        answerByteCount += item.byteCount
        answers.append(Entry(streamID: streamID, item: item))
    }

    /// Queues a part of a stream, behind the stream's earlier parts.
    package mutating func appendToStream(_ item: Item, _ streamID: UInt32) {
        if streams[streamID] == nil { turns.append(streamID) }
        var stream = streams.removeValue(forKey: streamID) ?? (CircularBuffer(), 0)
        stream.items.append(item)
        stream.byteCount += item.byteCount
        streamsByteCount += item.byteCount
        streams[streamID] = stream
    }

    /// Drops what waits in a stream: the peer does not want it any more.
    package mutating func drop(_ streamID: UInt32) {
        guard let stream = streams.removeValue(forKey: streamID) else { return }
        streamsByteCount -= stream.byteCount
        turns.removeAll { $0 == streamID }
    }

    /// What to send next.
    package mutating func next() -> Entry? {
        if let entry = answers.popFirst() {
            answerByteCount -= entry.item.byteCount
            return entry
        }
        guard let streamID = turns.popFirst(), var stream = streams.removeValue(forKey: streamID),
            let item = stream.items.popFirst()
        else { return nil }
        stream.byteCount -= item.byteCount
        streamsByteCount -= item.byteCount
        if !stream.items.isEmpty {
            streams[streamID] = stream
            turns.append(streamID)
        }
        return Entry(streamID: streamID, item: item)
    }
}

extension TTRPCSendQueue.Item {
    /// What it costs in memory; small things are not free.
    fileprivate var byteCount: Int {
        switch self {
        case .answer(let payload), .message(let payload): payload.readableBytes + 64
        case .request(let request, _): request.payload.readableBytes + 64
        case .failure(let error): error.message.utf8.count + 64
        case .end, .cancel: 64
        }
    }
}

extension ByteBuffer {
    /// Appends the frame of `entry`. A response that is too large for a frame becomes a status.
    /// - Throws: `RPCError` RESOURCE_EXHAUSTED for a request that is too large.
    package mutating func writeTTRPCFrame(_ entry: TTRPCSendQueue.Entry) throws(RPCError) {
        let streamID = entry.streamID
        switch entry.item {
        case .answer(let payload):
            do throws(RPCError) {
                try writeTTRPCResponse(payload: payload, streamID: streamID)
            } catch {
                writeTTRPCResponse(error: error, streamID: streamID)
            }
        case .failure(let error):
            writeTTRPCResponse(error: error, streamID: streamID)
        case .message(let message):
            writeTTRPCHeader(
                byteCount: message.readableBytes, streamID: streamID, kind: .data)
            writeImmutableBuffer(message)
        case .end:
            writeTTRPCHeader(
                byteCount: 0, streamID: streamID, kind: .data, flags: [.remoteClosed, .noData])
        case .request(let request, let flags):
            try writeTTRPCRequest(request, streamID: streamID, flags: flags)
        case .cancel:
            writeTTRPCHeader(byteCount: 0, streamID: streamID, kind: .cancel)
        }
    }
}

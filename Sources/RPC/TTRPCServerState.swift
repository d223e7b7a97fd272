internal import NIOCore

/// The server's side of a ttrpc connection, as a value: which streams there are, and what a frame
/// means (containerd/ttrpc PROTOCOL.md).
///
/// ```
///            start                 answered                released
///  (none) ─────────▶ answering ───────────────▶ answered ───────────▶ (none)
///                        │  cancel, fail                                ▲
///                        └──────────────────────▶ (same as answered) ───┘
/// ```
///
/// A stream counts against the limit until its handler is over (*released*), whatever the peer
/// did to it, so that a flood of cancelled calls costs no more than one of patient ones.
package struct TTRPCServerState: Sendable {
    /// What to do with a frame.
    package enum OnFrame: Sendable, Equatable {
        /// Start the call it asks for.
        case start(TTRPCRequest)
        /// Answer with this status; no handler is concerned.
        case refuse(RPCError)
        /// Cancel the stream's handler and answer with this status in its place.
        case fail(RPCError)
        /// Cancel the stream's handler; the peer wants no answer.
        case cancel
        case ignore
    }

    private let callsMax: Int
    private let metadataBytesMax: Int
    private var lastStreamID: UInt32 = 0
    /// The streams whose handler runs; true: the peer still waits for the end of the answer.
    private var streams: [UInt32: Bool] = [:]
    private var isDraining = false
    private var names = TTRPCNames()

    /// The state of a new connection.
    /// - Parameters:
    ///   - callsMax: handlers that run at the same time.
    ///   - metadataBytesMax: metadata of one call.
    package init(callsMax: Int, metadataBytesMax: Int) {
        self.callsMax = callsMax
        self.metadataBytesMax = metadataBytesMax
    }

    /// How many handlers run.
    package var runningCount: Int { streams.count }

    /// From now on new calls are refused with UNAVAILABLE.
    package mutating func beganDraining() {
        isDraining = true
    }

    /// A whole frame came.
    package mutating func received(_ frame: TTRPCFrame) -> OnFrame {
        switch frame.kind {
        case .request:
            receivedRequest(frame)
        case .data:
            receivedData(frame)
        case .cancel:
            abandon(frame.streamID) ? .cancel : .ignore
        case .response, nil:
            .ignore
        }
    }

    /// A frame with too much data came; its data is skipped.
    package mutating func receivedOversized(
        streamID: UInt32, kind: TTRPCFrame.Kind?, byteCount: Int, limit: Int
    ) -> OnFrame {
        let error = RPCError(
            .resourceExhausted, "a frame of \(byteCount) bytes exceeds the limit of \(limit)")
        switch kind {
        case .request:
            if let error = take(streamID) { return .refuse(error) }
            return .refuse(error)
        case .data:
            return abandon(streamID) ? .fail(error) : .refuse(error)
        case .cancel, .response, nil:
            return .ignore
        }
    }

    /// The end of a stream's answer was queued. Frames on it are too late from here on.
    package mutating func answered(_ streamID: UInt32) {
        if streams[streamID] != nil { streams[streamID] = false }
    }

    /// A stream's handler is over.
    package mutating func released(_ streamID: UInt32) {
        streams[streamID] = nil
    }

    private mutating func receivedRequest(_ frame: TTRPCFrame) -> OnFrame {
        if let error = take(frame.streamID) { return .refuse(error) }
        guard !isDraining else {
            return .refuse(RPCError(.unavailable, "the server is shutting down"))
        }
        guard streams.count < callsMax else {
            return .refuse(
                RPCError(
                    .resourceExhausted, "more than \(callsMax) calls at once on one connection"))
        }
        guard !frame.flags.contains(.remoteOpen) else {
            return .refuse(
                RPCError(.unimplemented, "streaming requests are not supported over ttrpc"))
        }
        do throws(RPCError) {
            let request = try TTRPCRequest(
                decoding: frame.data, metadataBytesMax: metadataBytesMax, names: &names)
            streams[frame.streamID] = true
            return .start(request)
        } catch {
            return .refuse(error)
        }
    }

    /// Every call has its one request message in its request frame, so that all that data frames
    /// may still say is that nothing more comes.
    private mutating func receivedData(_ frame: TTRPCFrame) -> OnFrame {
        guard streams[frame.streamID] == true else {
            return .refuse(
                RPCError(.invalidArgument, "stream \(frame.streamID) is no longer active"))
        }
        if frame.flags.contains(.noData), frame.data.readableBytes == 0 { return .ignore }
        _ = abandon(frame.streamID)
        return .fail(
            RPCError(
                .invalidArgument,
                "the request was complete; a data frame of \(frame.data.readableBytes) bytes came"))
    }

    /// Uses up a new stream id; returns why it cannot be one.
    private mutating func take(_ streamID: UInt32) -> RPCError? {
        guard streamID % 2 == 1 else {
            return RPCError(.invalidArgument, "stream id \(streamID) is not odd")
        }
        guard streamID > lastStreamID else {
            return RPCError(
                .invalidArgument,
                "stream id \(streamID) is used or not above the last one, \(lastStreamID)")
        }
        lastStreamID = streamID
        return nil
    }

    /// Returns whether the peer still waited for an answer.
    private mutating func abandon(_ streamID: UInt32) -> Bool {
        guard streams[streamID] == true else { return false }
        streams[streamID] = false
        return true
    }
}

internal import HTTPTypes
internal import NIOCore
internal import RPC

/// What the library reports while it reads.
extension HTTP2Connection {
    /// A request's header block begins.
    func requestBegan(stream id: Int32) {
        headers.reset()
        isInHeaderBlock = true
        openStreamCount += 1
        lifetime.openedStream()
        if openStreamCount > limits.concurrentCallsMax {
            headers.refuse()
            session?.submitReset(stream: id, .refusedStream)
        }
    }

    /// A block of fields other than a request's head begins: trailers, which nobody reads.
    func trailersBegan() {
        headers.reset()
        headers.refuse()
        isInHeaderBlock = true
    }

    /// A request's header block is complete.
    func requestHeadReceived(stream id: Int32, isEnd: Bool) {
        isInHeaderBlock = false
        guard endReason == nil, !headers.isRefused else { return }
        guard !headers.isOversize else {
            let error = RPCError(
                .resourceExhausted,
                "header list exceeds the limit of \(limits.headerListBytesMax) bytes")
            return refuse(stream: id, httpStatus: 431, error)
        }
        if let lastCallHead, headers.hasSameFields(as: lastHeaders) {
            return startCall(
                lastCallHead.route, stream: id, head: lastCallHead.head,
                metadata: lastCallHead.metadata, isEnd: isEnd)
        }
        var head = GRPCRequestHead()
        var metadata = Metadata()
        var isPOST = false
        var route: Router.Route?
        var unknownPath = ""
        unsafe headers.forEach { name, value in
            if unsafe name.first != UInt8(ascii: ":") {
                if unsafe head.add(name: name, value: value) {
                    unsafe metadata.addGRPC(name: name, value: value)
                }
            } else if unsafe name.elementsEqual(":path".utf8) {
                route = unsafe routes.route(path: value, in: runner.router)
                if route == nil { unknownPath = unsafe String(decoding: value, as: UTF8.self) }
            } else if unsafe name.elementsEqual(":method".utf8) {
                isPOST = unsafe value.elementsEqual("POST".utf8)
            }
        }
        switch head.verdict(isPOST: isPOST) {
        case .call:
            guard let route else { return refuseUnknown(stream: id, path: unknownPath) }
            lastCallHead = (route, head, metadata)
            swap(&headers, &lastHeaders)
            startCall(route, stream: id, head: head, metadata: metadata, isEnd: isEnd)
        case .notGRPC:
            let isCallPath = route != nil && isPOST
            if let http, !isCallPath {
                startExchange(http, stream: id, isEnd: isEnd)
            } else {
                refuseOther(stream: id, isCallPath: isCallPath)
            }
        case .refuse(let httpStatus, let error):
            refuse(stream: id, httpStatus: httpStatus, error)
        }
    }

    private func startCall(
        _ route: Router.Route, stream id: Int32, head: GRPCRequestHead, metadata: Metadata,
        isEnd: Bool
    ) {
        guard hasRoomForHandler(stream: id) else { return }
        let stream = GRPCStream(id: id, connection: self, head: head)
        keep(stream)
        stream.begin(route, metadata: metadata)
        requestBegan(stream, isEnd: isEnd)
    }

    /// Serves a request that is no call.
    private func startExchange(_ http: any HTTPHandler, stream id: Int32, isEnd: Bool) {
        guard hasRoomForHandler(stream: id) else { return }
        guard let request = headers.httpRequest, request.method != .connect else {
            session?.submitResponse(
                HTTP2FieldList([GRPCField(":status", "400"), GRPCField("content-length", "0")]),
                endingStream: id)
            return
        }
        let stream = HTTPStream(id: id, connection: self, request: request, handler: http)
        keep(stream)
        requestBegan(stream, isEnd: isEnd)
    }

    private func hasRoomForHandler(stream id: Int32) -> Bool {
        if runningCallCount < limits.concurrentCallsMax, hasQueueRoom { return true }
        // No handler ran, so the client may safely try again.
        session?.submitReset(stream: id, .refusedStream)
        return false
    }

    private func keep(_ stream: HTTP2Stream) {
        streams[stream.id] = stream
        runningCallCount += 1
    }

    private func requestBegan(_ stream: HTTP2Stream, isEnd: Bool) {
        if isEnd {
            requestEnded(stream: stream.id)
        } else {
            incompleteStreams.append(stream.id)
        }
    }

    /// Bytes of a request came; the pointer is valid only inside.
    func dataReceived(stream id: Int32, _ bytes: UnsafeRawBufferPointer) {
        // What a connection holds is bounded by its streams' windows; its own stays open, so that
        // a stream whose handler waits does not hold up the others.
        session?.consumeConnection(bytes.count)
        guard endReason == nil else { return }
        unsafe streams[id]?.receivedData(bytes)
    }

    /// A request is complete.
    func requestEnded(stream id: Int32) {
        guard let stream = streams[id], !stream.isRemoteClosed else { return }
        stream.isRemoteClosed = true
        stream.receivedEnd()
    }

    /// A response is whole, and its request is not.
    func responseEndedEarly(stream id: Int32) {
        if let stream = streams[id] {
            stream.endedEarly()
        } else {
            session?.submitReset(stream: id, .noError)
        }
    }

    /// The client reset a stream.
    func resetReceived(stream id: Int32) {
        guard streams[id]?.isRunning == true else { return }
        if !resets.take(now: now) {
            goAway(.enhanceYourCalm, "too many calls were reset before they ended")
        }
    }

    /// The library has closed a stream; it was not necessarily one of ours.
    func streamClosed(_ id: Int32) {
        openStreamCount -= 1
        if openStreamCount == 0 { lifetime.closedLastStream(now: now) }
        streams.removeValue(forKey: id)?.close()
    }

    /// The client pinged, or answered a ping.
    func pingReceived(_ number: UInt64, isAnswer: Bool) {
        if isAnswer {
            perform(lifetime.pingAnswered(number))
        } else if !pings.receivedPing(now: now, hasCalls: openStreamCount > 0) {
            goAway(.enhanceYourCalm, "too_many_pings")
        }
    }

    /// A frame came that does nothing for a call: SETTINGS, PRIORITY, DATA without data or end.
    func idleFrameReceived() {
        if !idleFrames.take(now: now) {
            goAway(.enhanceYourCalm, "too many frames that do nothing")
        }
    }

    /// A stream was reset because of what the client sent on it.
    func streamErrorSent() {
        if !streamErrors.take(now: now) {
            goAway(.enhanceYourCalm, "too many stream errors")
        }
    }
}

/// One Engine.IO session as a value: what came goes in, and what to do comes out.
///
/// ```
/// polling ──WebSocket opens──▶ probing ──"5"──▶ webSocket        any ──▶ closed
///                                 └──WebSocket closes──▶ polling
/// ```
/// While it probes, packets are kept for whichever transport remains, so that none is lost in the
/// exchange; the GET that waits is let go.
struct EngineIOState {
    enum Phase: Equatable {
        case polling
        case probing
        case webSocket
        case closed(Reason)
    }

    /// Why a session ended.
    enum Reason: String, Equatable, Sendable {
        case byClient = "client namespace disconnect"
        case transportClosed = "transport close"
        case pingTimeout = "ping timeout"
        case malformed = "parse error"
        case overlapping = "overlapping requests"
        case byServer = "forced close"
    }

    enum Effect: Equatable {
        /// For the protocol above.
        case deliver(String)
        /// To be sent by the WebSocket at once.
        case answerProbe
        /// Whoever waits for packets is to ask again.
        case wake
    }

    enum OnPoll: Equatable {
        case answer([EngineIOPacket])
        /// There is nothing; ask again when woken.
        case wait
        /// 400.
        case refuse
    }

    private let queueBytesMax: Int
    private let payloadBytesMax: Int
    private let payloadPacketsMax: Int
    private(set) var phase: Phase
    private var queue: [EngineIOPacket] = []
    private var queuedByteCount = 0
    private var isPollWaiting = false
    private var isPosting = false
    private var mustRelease = false
    private var awaitsPong = false
    private var isDraining = false

    /// - Parameters:
    ///   - queueBytesMax: above it there is no room for more messages.
    ///   - payloadBytesMax: of one polling answer, about.
    ///   - payloadPacketsMax: of one polling answer.
    init(isWebSocket: Bool, queueBytesMax: Int, payloadBytesMax: Int, payloadPacketsMax: Int) {
        phase = isWebSocket ? .webSocket : .polling
        self.queueBytesMax = queueBytesMax
        self.payloadBytesMax = payloadBytesMax
        self.payloadPacketsMax = payloadPacketsMax
    }

    var isClosed: Bool { if case .closed = phase { true } else { false } }

    /// Whether more messages may be queued now.
    var hasRoom: Bool { queuedByteCount < queueBytesMax }

    // MARK: What is to be sent

    /// Queues a packet.
    mutating func queue(_ packet: EngineIOPacket) -> [Effect] {
        guard !isClosed, !isDraining else { return [] }
        queue.append(packet)
        queuedByteCount += packet.text.utf8.count + 1
        return [.wake]
    }

    /// Time for a ping.
    mutating func pingDue() -> [Effect] {
        guard !isClosed else { return [] }
        awaitsPong = true
        return queue(EngineIOPacket(.ping))
    }

    /// Time for the answer to the ping to be here; without it the session ends.
    mutating func pongDue() -> [Effect] {
        awaitsPong ? close(.pingTimeout) : []
    }

    /// Ends the session once what is queued was taken.
    mutating func drain() -> [Effect] {
        guard !queue.isEmpty, !isClosed else { return close(.byServer) }
        isDraining = true
        return [.wake]
    }

    private mutating func take() -> [EngineIOPacket] {
        var taken: [EngineIOPacket] = []
        var room = payloadBytesMax
        while let next = queue.first, taken.count < payloadPacketsMax,
            taken.isEmpty || next.text.utf8.count < room
        {
            room -= next.text.utf8.count + 1
            queuedByteCount -= next.text.utf8.count + 1
            taken.append(queue.removeFirst())
        }
        if isDraining, queue.isEmpty { close(.byServer) }
        return taken
    }

    // MARK: Polling

    /// A GET came, or asks again.
    mutating func poll(isNew: Bool) -> (OnPoll, [Effect]) {
        if isNew {
            guard !isPollWaiting else { return (.refuse, close(.overlapping)) }
            guard phase == .polling || phase == .probing else { return (.refuse, []) }
        }
        isPollWaiting = false
        if case .closed(let reason) = phase {
            // Who said the farewell needs none.
            return (.answer([EngineIOPacket(reason == .byClient ? .noop : .close)]), [])
        }
        if mustRelease || phase != .polling {
            mustRelease = false
            return (.answer([EngineIOPacket(.noop)]), [])
        }
        let packets = take()
        guard packets.isEmpty else { return (.answer(packets), [.wake]) }
        isPollWaiting = true
        return (.wait, [])
    }

    /// The client of the waiting GET has gone.
    mutating func pollGone() -> [Effect] {
        guard isPollWaiting else { return [] }
        isPollWaiting = false
        return close(.transportClosed)
    }

    /// A POST begins; false: 400.
    mutating func postBegan() -> (isAllowed: Bool, [Effect]) {
        guard phase == .polling || phase == .probing else { return (false, []) }
        guard !isPosting else { return (false, close(.overlapping)) }
        isPosting = true
        return (true, [])
    }

    /// A POST's payload came; nil: it cannot be read, or is too large.
    mutating func posted(_ packets: [EngineIOPacket]?) -> [Effect] {
        isPosting = false
        guard let packets else { return close(.malformed) }
        return packets.flatMap { received($0) }
    }

    /// The client of a POST has gone before its payload was here.
    mutating func postGone() -> [Effect] {
        isPosting = false
        return close(.transportClosed)
    }

    // MARK: WebSocket

    /// A WebSocket was opened for this session; false: it is not wanted.
    mutating func webSocketOpened() -> Bool {
        guard phase == .polling else { return false }
        phase = .probing
        return true
    }

    /// A packet came by the WebSocket.
    mutating func receivedByWebSocket(_ packet: EngineIOPacket?) -> [Effect] {
        guard let packet else { return close(.malformed) }
        switch (phase, packet.kind) {
        case (.probing, .ping) where packet.text == "probe":
            mustRelease = isPollWaiting
            return [.answerProbe, .wake]
        case (.probing, .upgrade):
            phase = .webSocket
            return [.wake]
        case (.probing, _):
            // The client may give the WebSocket up, and goes on polling.
            return []
        case (.webSocket, _):
            return received(packet)
        default:
            return []
        }
    }

    /// The WebSocket is gone.
    mutating func webSocketClosed() -> [Effect] {
        switch phase {
        case .probing:
            phase = .polling
            return [.wake]
        case .webSocket:
            return close(.transportClosed)
        case .polling, .closed:
            return []
        }
    }

    /// What the WebSocket is to send now; nil: nothing more, ever.
    mutating func takeForWebSocket() -> [EngineIOPacket]? {
        switch phase {
        case .webSocket: take()
        case .closed: nil
        case .polling, .probing: []
        }
    }

    // MARK: Both

    private mutating func received(_ packet: EngineIOPacket) -> [Effect] {
        switch packet.kind {
        case .message: return [.deliver(packet.text)]
        case .pong:
            awaitsPong = false
            return []
        case .close: return close(.byClient)
        case .noop, .upgrade: return []
        case .open, .ping: return close(.malformed)
        }
    }

    /// Ends the session; what was queued is dropped.
    @discardableResult
    mutating func close(_ reason: Reason) -> [Effect] {
        guard !isClosed else { return [] }
        phase = .closed(reason)
        queue = []
        queuedByteCount = 0
        return [.wake]
    }
}

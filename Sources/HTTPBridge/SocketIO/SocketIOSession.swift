internal import NIOCore
internal import Operations
internal import Synchronization
internal import Transport

/// One client of the Socket.IO server: its session, whichever transport carries it, and the task that
/// tells it what happens. Safe to use from any task.
final class SocketIOSession: Sendable {
    /// Who the client of a session is.
    typealias Identify = @Sendable (_ token: String?) async throws -> Identity
    /// Calls `admitted` once it listens, and tells a client what happens until it is cancelled or the
    /// client's credential ceases to work.
    typealias Feed = @Sendable (Identity, SocketIOSession) async throws -> Void

    private struct State {
        var engine: EngineIOState
        var socket: SocketIOState
        var token: String?
        /// The one task beside the requests that a session has: kept here, cancelled with it.
        var feed: Task<Void, Never>?
        var timer: RepeatedTask?
    }

    let id: String
    private let limits: SocketIOLimits
    private let state: Mutex<State>
    private let news = Broadcast()
    private let identify: Identify
    private let feed: Feed
    private let identified: @Sendable () -> Void
    private let ended: @Sendable () -> Void

    /// - Parameters:
    ///   - identify: by the token of its CONNECT, else by its handshake.
    ///   - feed: started once the client is identified.
    ///   - identified: called once the client may listen.
    ///   - ended: called once.
    init(
        id: String, isWebSocket: Bool, limits: SocketIOLimits, identify: @escaping Identify,
        feed: @escaping Feed, identified: @escaping @Sendable () -> Void,
        ended: @escaping @Sendable () -> Void
    ) {
        self.id = id
        self.limits = limits
        self.identify = identify
        self.feed = feed
        self.identified = identified
        self.ended = ended
        state = Mutex(
            State(
                engine: EngineIOState(
                    isWebSocket: isWebSocket, queueBytesMax: limits.queueBytesMax,
                    payloadBytesMax: limits.payloadBytesMax,
                    payloadPacketsMax: limits.payloadPacketsMax),
                socket: SocketIOState(id: id + "c")))
    }

    /// The answer to the handshake.
    func opening(upgrades: [String]) -> EngineIOPacket {
        EngineIOPacket(.open, limits.opening(sid: id, upgrades: upgrades))
    }

    /// Begins the heartbeat, and the wait for a client that says who it is.
    func start(on eventLoop: any EventLoop) {
        let delay = TimeAmount.milliseconds(limits.pingMilliseconds)
        eventLoop.scheduleTask(in: .milliseconds(limits.connectMilliseconds)) { [weak self] in
            self?.connectDue()
        }
        let patience = TimeAmount.milliseconds(limits.pongMilliseconds)
        let timer = eventLoop.scheduleRepeatedTask(initialDelay: delay, delay: delay) { _ in
            self.beat()
            eventLoop.scheduleTask(in: patience) { self.pongDue() }
        }
        let isOver = state.withLock { state in
            state.timer = timer
            return state.engine.isClosed
        }
        if isOver { timer.cancel() }
    }

    private func beat() {
        apply { $0.engine.pingDue() }
    }

    private func connectDue() {
        apply { state in
            // At once: who does not take what is queued would stay until a ping is missed.
            state.socket.connectTimedOut().isEmpty ? [] : state.engine.close(.byServer)
        }
    }

    private func pongDue() {
        apply { $0.engine.pongDue() }
    }

    // MARK: Requests

    /// Serves a GET: waits until there is something.
    /// - Returns: the payload; nil for 400.
    /// - Throws: `CancellationError` once the client has gone.
    func poll() async throws -> String? {
        var isNew = true
        while true {
            let generation = news.generation
            var verdict = EngineIOState.OnPoll.refuse
            let asks = isNew
            apply { state in
                let (found, effects) = state.engine.poll(isNew: asks)
                verdict = found
                return effects
            }
            switch verdict {
            case .answer(let packets): return EngineIOPacket.payload(packets)
            case .refuse: return nil
            case .wait: await news.wait(since: generation)
            }
            isNew = false
            if Task.isCancelled {
                apply { $0.engine.pollGone() }
                throw CancellationError()
            }
        }
    }

    /// Serves a POST.
    /// - Parameter payload: reads the body; nil for one that is too large or no text.
    /// - Returns: false for 400.
    func post(_ payload: () async throws -> String?) async throws -> Bool {
        var isAllowed = false
        apply { state in
            let (allowed, effects) = state.engine.postBegan()
            isAllowed = allowed
            return effects
        }
        guard isAllowed else { return false }
        let text: String?
        do {
            text = try await payload()
        } catch {
            apply { $0.engine.postGone() }
            throw error
        }
        let packets = text.flatMap { EngineIOPacket.packets(of: $0) }
        let delivered = apply { $0.engine.posted(packets) }
        await deliver(delivered)
        return packets != nil
    }

    /// Serves a WebSocket until either side closes it.
    /// - Parameter isUpgrade: of a session that polled until now.
    func serve(_ socket: WebSocket, isUpgrade: Bool) async {
        if isUpgrade, !state.withLock({ $0.engine.webSocketOpened() }) {
            return socket.close(.policyViolation)
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.write(to: socket) }
            await self.read(socket)
            self.apply { $0.engine.webSocketClosed() }
            socket.close(.normal)
            group.cancelAll()
        }
    }

    private func read(_ socket: WebSocket) async {
        while let message = try? await socket.receive() {
            guard case .text(let text) = message else { continue }
            var answersProbe = false
            let delivered = apply { state in
                let effects = state.engine.receivedByWebSocket(EngineIOPacket(text))
                answersProbe = effects.contains(.answerProbe)
                return effects
            }
            if answersProbe { try? await socket.send(EngineIOPacket(.pong, "probe").encoded) }
            await deliver(delivered)
            if state.withLock({ $0.engine.isClosed }) { return }
        }
    }

    private func write(to socket: WebSocket) async {
        while !Task.isCancelled {
            let generation = news.generation
            var taken: [EngineIOPacket]?
            apply { state in
                taken = state.engine.takeForWebSocket()
                return []
            }
            guard let packets = taken else { break }
            guard !packets.isEmpty else {
                await news.wait(since: generation)
                continue
            }
            for packet in packets {
                // A peer that does not read holds this up, and with it whoever sends.
                guard (try? await socket.send(packet.encoded)) != nil else { return }
            }
            news.wake()
        }
        socket.close(.normal)
    }

    // MARK: What is sent

    /// Sends a Socket.IO message; suspends while the client does not take those before it.
    /// - Throws: `CancellationError` once the session has ended.
    func send(_ message: String) async throws {
        while true {
            let generation = news.generation
            let (isClosed, hasRoom) = state.withLock { ($0.engine.isClosed, $0.engine.hasRoom) }
            if isClosed || Task.isCancelled { throw CancellationError() }
            guard !hasRoom else { break }
            await news.wait(since: generation)
        }
        apply { $0.engine.queue(EngineIOPacket(.message, message)) }
    }

    /// Ends the session from this side.
    func close() {
        apply { $0.engine.close(.byServer) }
    }

    // MARK: What came

    private func deliver(_ messages: [String]) async {
        for message in messages {
            var identifies = false
            apply { state in
                let effects = state.socket.received(message)
                for case .identify(let token) in effects {
                    state.token = token
                    identifies = true
                }
                return Self.engine(effects, &state.engine)
            }
            if identifies { await admit() }
        }
    }

    private func admit() async {
        let token = state.withLock { $0.token }
        do {
            let identity = try await identify(token)
            guard identity.caller.principal != nil else { throw Identification.missing }
            state.withLock { state in
                guard !state.engine.isClosed else { return }
                let feed = self.feed
                state.feed = Task {
                    do {
                        try await feed(identity, self)
                    } catch {
                        self.feedEnded(error)
                    }
                }
            }
        } catch {
            feedEnded(error)
        }
    }

    /// The client is told what happens from now on.
    func admitted() {
        apply { state in Self.engine(state.socket.admitted(), &state.engine) }
        identified()
    }

    /// Refuses a client that was not admitted yet. One that was is told that it may no longer listen;
    /// or, where something else went wrong, it loses the session: what cannot be told any more must
    /// not seem to be all there is.
    private func feedEnded(_ error: any Error) {
        guard !(error is CancellationError) else { return }
        let refusal = error as? OperationError
        apply { state in
            state.feed = nil
            if !state.socket.isConnected {
                return Self.engine(
                    state.socket.refused(
                        refusal?.message ?? Fault.unexpected.message,
                        code: refusal?.reason ?? Fault.unexpected.code), &state.engine)
            }
            guard refusal?.code == .unauthenticated else {
                return state.engine.close(.byServer)
            }
            state.engine.forgetQueue()
            return Self.engine(state.socket.disconnect(), &state.engine)
        }
    }

    // MARK: Effects

    /// Changes the state and does what follows.
    /// - Returns: what is to be delivered to the protocol above.
    @discardableResult
    private func apply(_ change: (inout State) -> [EngineIOState.Effect]) -> [String] {
        let (effects, over) = state.withLock { state -> ([EngineIOState.Effect], State?) in
            let wasClosed = state.engine.isClosed
            let effects = change(&state)
            guard state.engine.isClosed, !wasClosed else { return (effects, nil) }
            let over = state
            state.feed = nil
            state.timer = nil
            return (effects, over)
        }
        if let over {
            over.feed?.cancel()
            over.timer?.cancel()
            ended()
        }
        var delivered: [String] = []
        for effect in effects {
            switch effect {
            case .deliver(let message): delivered.append(message)
            case .wake: news.wake()
            case .answerProbe: break
            }
        }
        return delivered
    }

    private static func engine(
        _ effects: [SocketIOState.Effect], _ engine: inout EngineIOState
    ) -> [EngineIOState.Effect] {
        effects.flatMap { effect -> [EngineIOState.Effect] in
            switch effect {
            case .send(let message): engine.queue(EngineIOPacket(.message, message))
            case .identify: []
            case .close: engine.drain()
            }
        }
    }
}

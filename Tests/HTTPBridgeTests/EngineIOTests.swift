import Testing

@testable import HTTPBridge

/// The cases of the protocol's published test suite that need no network (socketio/engine.io-protocol).
@Suite struct EngineIOTests {
    private func session(isWebSocket: Bool = false) -> EngineIOState {
        EngineIOState(
            isWebSocket: isWebSocket, queueBytesMax: 100, payloadBytesMax: 50,
            payloadPacketsMax: 4)
    }

    private func message(_ text: String) -> EngineIOPacket { EngineIOPacket(.message, text) }

    @Test func `a payload is packets with a separator between them`() {
        let packets = [message("a"), EngineIOPacket(.ping), message("é")]
        #expect(EngineIOPacket.payload(packets) == "4a\u{1E}2\u{1E}4é")
        #expect(EngineIOPacket.packets(of: "4a\u{1E}2\u{1E}4é") == packets)
        #expect(EngineIOPacket.packets(of: "4a\u{1E}bAQID") == [message("a")])
        #expect(EngineIOPacket.packets(of: "") == nil)
        #expect(EngineIOPacket.packets(of: "4a\u{1E}") == nil)
        #expect(EngineIOPacket.packets(of: "9a") == nil)
        #expect(EngineIOPacket("abc") == nil)
    }

    @Test func `a poll waits until there is something, and takes all that fits`() {
        var state = session()
        #expect(state.poll(isNew: true).0 == .wait)
        #expect(state.queue(message("a")) == [.wake])
        #expect(state.queue(message(String(repeating: "b", count: 60))) == [.wake])
        #expect(state.poll(isNew: false).0 == .answer([message("a")]))
        #expect(
            state.poll(isNew: true).0 == .answer([message(String(repeating: "b", count: 60))]))
        #expect(state.poll(isNew: true).0 == .wait)
    }

    @Test func `a poll takes no more packets than clients do`() {
        var state = session()
        for text in ["a", "b", "c", "d", "e"] { _ = state.queue(message(text)) }
        #expect(state.poll(isNew: true).0 == .answer(["a", "b", "c", "d"].map(message)))
        #expect(state.poll(isNew: true).0 == .answer([message("e")]))
        // What clients of python-engineio take.
        #expect(SocketIOLimits().payloadPacketsMax == 16)
    }

    @Test func `a client that says farewell has its waiting poll let go`() {
        var state = session()
        _ = state.poll(isNew: true)
        _ = state.postBegan()
        #expect(state.posted([EngineIOPacket(.close)]) == [.wake])
        #expect(state.poll(isNew: false).0 == .answer([EngineIOPacket(.noop)]))
        #expect(state.poll(isNew: true).0 == .refuse)
    }

    @Test func `the client of a post that goes away takes the session along`() {
        var state = session()
        _ = state.postBegan()
        #expect(state.postGone() == [.wake])
        #expect(state.phase == .closed(.transportClosed))
    }

    @Test func `a second poll or post at the same time ends the session`() {
        var polled = session()
        _ = polled.poll(isNew: true)
        #expect(polled.poll(isNew: true).0 == .refuse)
        #expect(polled.phase == .closed(.overlapping))
        #expect(polled.poll(isNew: false).0 == .answer([EngineIOPacket(.close)]))
        var posted = session()
        #expect(posted.postBegan().isAllowed)
        #expect(!posted.postBegan().isAllowed)
        #expect(posted.phase == .closed(.overlapping))
    }

    @Test func `a post delivers its messages in order, and one that cannot be read ends it`() {
        var state = session()
        _ = state.postBegan()
        #expect(
            state.posted([message("a"), EngineIOPacket(.pong), message("b")])
                == [.deliver("a"), .deliver("b")])
        _ = state.postBegan()
        #expect(state.posted(nil) == [.wake])
        #expect(state.phase == .closed(.malformed))
    }

    @Test func `a ping without an answer ends the session, and one with an answer does not`() {
        var state = session()
        #expect(state.pingDue() == [.wake])
        #expect(state.poll(isNew: true).0 == .answer([EngineIOPacket(.ping)]))
        _ = state.postBegan()
        _ = state.posted([EngineIOPacket(.pong)])
        #expect(state.pongDue() == [])
        _ = state.pingDue()
        _ = state.pongDue()
        #expect(state.phase == .closed(.pingTimeout))
        #expect(state.queue(message("late")) == [])
    }

    @Test func `an upgrade lets the waiting poll go and loses nothing`() {
        var state = session()
        _ = state.poll(isNew: true)
        let opened = state.webSocketOpened()
        #expect(opened)
        #expect(
            state.receivedByWebSocket(EngineIOPacket(.ping, "probe")) == [.answerProbe, .wake])
        #expect(state.poll(isNew: false).0 == .answer([EngineIOPacket(.noop)]))
        _ = state.queue(message("kept"))
        #expect(state.takeForWebSocket() == [])
        #expect(state.poll(isNew: true).0 == .answer([EngineIOPacket(.noop)]))
        #expect(state.receivedByWebSocket(EngineIOPacket(.upgrade)) == [.wake])
        #expect(state.takeForWebSocket() == [message("kept")])
        #expect(state.poll(isNew: true).0 == .refuse)
        #expect(!state.postBegan().isAllowed)
        let again = state.webSocketOpened()
        #expect(!again)
        #expect(!state.isClosed)
    }

    @Test func `an upgrade that is given up goes on polling with what was kept`() {
        var state = session()
        let opened = state.webSocketOpened()
        #expect(opened)
        let again = state.webSocketOpened()
        #expect(!again)
        _ = state.queue(message("kept"))
        #expect(state.webSocketClosed() == [.wake])
        #expect(state.poll(isNew: true).0 == .answer([message("kept")]))
    }

    @Test func `a WebSocket carries everything, and its end is the session's`() {
        var state = session(isWebSocket: true)
        #expect(state.receivedByWebSocket(message("a")) == [.deliver("a")])
        #expect(state.receivedByWebSocket(EngineIOPacket(.pong)) == [])
        _ = state.queue(message("b"))
        #expect(state.takeForWebSocket() == [message("b")])
        _ = state.webSocketClosed()
        #expect(state.phase == .closed(.transportClosed))
        #expect(state.takeForWebSocket() == nil)
    }

    @Test func `what only a server says, and what is no packet, ends the session`() {
        for packet in [EngineIOPacket(.open), EngineIOPacket(.ping), nil] {
            var state = session(isWebSocket: true)
            _ = state.receivedByWebSocket(packet)
            #expect(state.phase == .closed(.malformed))
        }
        var closing = session(isWebSocket: true)
        _ = closing.receivedByWebSocket(EngineIOPacket(.close))
        #expect(closing.phase == .closed(.byClient))
    }

    @Test func `there is no room once enough waits, and again when it was taken`() {
        var state = session()
        #expect(state.hasRoom)
        _ = state.queue(message(String(repeating: "a", count: 100)))
        #expect(!state.hasRoom)
        _ = state.poll(isNew: true)
        #expect(state.hasRoom)
    }

    @Test func `a session that ends says first what it still has to say`() {
        var state = session()
        _ = state.queue(message("bye"))
        #expect(state.drain() == [.wake])
        #expect(!state.isClosed)
        #expect(state.queue(message("more")) == [])
        #expect(state.poll(isNew: true).0 == .answer([message("bye")]))
        #expect(state.phase == .closed(.byServer))
    }

    @Test func `the client of a waiting poll that goes away takes the session along`() {
        var state = session()
        #expect(state.pollGone() == [])
        _ = state.poll(isNew: true)
        #expect(state.pollGone() == [.wake])
        #expect(state.phase == .closed(.transportClosed))
    }
}

import JSON
import Testing

@testable import HTTPBridge

/// The cases of the protocol's published test suite that need no network (socketio/socket.io-protocol).
@Suite struct SocketIOTests {
    @Test(arguments: [
        ("0", SocketIOPacket(.connect)),
        ("0{\"token\":\"t\"}", SocketIOPacket(.connect, data: ["token": "t"])),
        ("0/admin,", SocketIOPacket(.connect, namespace: "/admin")),
        ("1", SocketIOPacket(.disconnect)),
        ("2[\"a\",1]", SocketIOPacket(.event, data: ["a", 1])),
        ("212[\"a\"]", SocketIOPacket(.event, acknowledgement: 12, data: ["a"])),
        (
            "2/admin,7[\"a\"]",
            SocketIOPacket(.event, namespace: "/admin", acknowledgement: 7, data: ["a"])
        ),
        ("37[]", SocketIOPacket(.acknowledgement, acknowledgement: 7, data: [])),
    ])
    func `a packet is read, and written as it was`(text: String, packet: SocketIOPacket) {
        #expect(SocketIOPacket(text) == packet)
        #expect(packet.encoded == text)
    }

    @Test(arguments: [
        "", "7", "x", "2", "2{}", "2[]", "2[true]", "2[\"a\"", "0[]", "0{", "1{}", "4",
        "299999999999999999999[\"a\"]", "5[\"a\"]", "51[\"a\"]",
    ])
    func `what is no packet is not read`(text: String) {
        #expect(SocketIOPacket(text) == nil)
    }

    private func connected() -> SocketIOState {
        var state = SocketIOState(id: "s")
        _ = state.received("0")
        _ = state.admitted()
        return state
    }

    @Test func `a client connects with its token, or without`() {
        var state = SocketIOState(id: "s")
        #expect(state.received("0{\"token\":\"t\"}") == [.identify(token: "t")])
        #expect(!state.isConnected)
        #expect(state.admitted() == [.send("0{\"sid\":\"s\"}")])
        #expect(state.isConnected)
        var bare = SocketIOState(id: "s")
        #expect(bare.received("0") == [.identify(token: nil)])
    }

    @Test func `a client that is refused learns why, and may try again`() {
        var state = SocketIOState(id: "s")
        _ = state.received("0{\"token\":\"wrong\"}")
        #expect(
            state.refused("no", code: "UNAUTHENTICATED")
                == [.send("4{\"message\":\"no\",\"data\":{\"code\":\"UNAUTHENTICATED\"}}")])
        #expect(state.received("0{\"token\":\"right\"}") == [.identify(token: "right")])
    }

    @Test func `there is one namespace`() {
        var state = SocketIOState(id: "s")
        #expect(
            state.received("0/admin,")
                == [.send("4/admin,{\"message\":\"Invalid namespace\"}")])
        #expect(state.received("2/admin,[\"a\"]") == [.close])
    }

    @Test func `what a client says has no effect, and is acknowledged where it asks for that`() {
        var state = connected()
        #expect(state.received("2[\"hello\"]") == [])
        #expect(state.received("27[\"hello\"]") == [.send("37[]")])
        #expect(state.received("30[]") == [])
        #expect(state.received("1") == [.close])
        #expect(state.received("2[\"late\"]") == [])
    }

    @Test(arguments: ["2[\"early\"]", "1", "garbage", "30[]"])
    func `anything before the connection is made ends it`(text: String) {
        var state = SocketIOState(id: "s")
        #expect(state.received(text) == [.close])
    }

    @Test(arguments: ["0", "4{}", "garbage"])
    func `what breaks the protocol later ends it too`(text: String) {
        var state = connected()
        #expect(state.received(text) == [.close])
    }

    @Test func `who does not connect in time is closed, and who may no longer listen is told`() {
        var late = SocketIOState(id: "s")
        #expect(late.connectTimedOut() == [.close])
        var ended = SocketIOState(id: "s")
        _ = ended.received("garbage")
        #expect(ended.connectTimedOut() == [.close])
        var state = connected()
        #expect(state.connectTimedOut() == [])
        #expect(state.disconnect() == [.send("1"), .close])
        // What it is told last waits for it.
        #expect(state.connectTimedOut() == [])
    }

    @Test func `who is being identified when the time is over is let in, or refused for good`() {
        var right = SocketIOState(id: "s")
        _ = right.received("0")
        #expect(right.connectTimedOut() == [])
        #expect(right.admitted() == [.send("0{\"sid\":\"s\"}")])
        var wrong = SocketIOState(id: "s")
        _ = wrong.received("0")
        #expect(wrong.connectTimedOut() == [])
        #expect(wrong.refused("no", code: "C").last == .close)
        #expect(wrong.received("0") == [])
    }

    @Test func `who has not said who it is takes a tenth of the places, and no other's`() {
        var limits = SocketIOLimits()
        #expect(limits.unidentifiedMax == 100 && limits.connectMilliseconds == 5_000)
        limits.sessionsMax = 20
        var places = SocketIOPlaces<Int>(limits)
        func open(_ ids: ClosedRange<Int>) -> [SocketIOPlaces<Int>.Refusal?] {
            ids.map { places.open("\($0)", $0) }
        }
        #expect(open(1...3) == [nil, nil, .unidentified(max: 2)])
        places.identified("1")
        places.ended("2")
        #expect(places["1"] == 1 && places["2"] == nil && places["3"] == nil)
        for id in 4...22 {
            #expect(open(id...id) == [nil])
            places.identified("\(id)")
        }
        #expect(open(23...23) == [.sessions(max: 20)])
        // One that ends before it is told known leaves nothing behind.
        places.ended("4")
        places.identified("4")
        #expect(open(24...24) == [nil])
    }
}

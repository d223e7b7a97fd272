import HTTPTypes
import Testing

@testable import Transport

@Suite struct HTTPExchangeStateTests {
    private func state(_ isHead: Bool = false, declared: Int? = nil) -> HTTPExchangeState {
        HTTPExchangeState(isHead: isHead, declaredByteCount: declared, bodyBytesMax: 100)
    }

    private let ok = HTTPResponse(status: .ok)

    @Test func `a body is kept up to its limit`() {
        var state = state()
        #expect(state.received(60) == .keep)
        #expect(state.received(40) == .keep)
        #expect(state.received(1) == .fail(.tooLarge(limit: 100)))
        #expect(state.received(1) == .drop)
    }

    @Test func `a body that says that it is too large is not kept at all`() {
        var state = state(declared: 101)
        #expect(state.bodyFailure == .tooLarge(limit: 100))
        #expect(state.received(1) == .drop)
    }

    @Test func `a response has one head, then its body, then its end`() {
        var state = state()
        #expect(state.send(1) == .misuse("a head goes before the body"))
        #expect(state.sendHead(ok) == .send)
        #expect(state.sendHead(ok) == .misuse("a response has one head"))
        #expect(state.send(1) == .send)
        #expect(state.finish() == .finish)
        #expect(state.finish() == .ignore)
        #expect(state.send(1) == .refuse)
        #expect(state.received(1) == .drop)
    }

    @Test func `a body is neither longer nor shorter than its content-length`() {
        var longer = state()
        let head = HTTPResponse(status: .ok, headerFields: [.contentLength: "2"])
        _ = longer.sendHead(head)
        #expect(longer.send(3) == .misuse("the body is longer than its content-length"))
        var shorter = state()
        _ = shorter.sendHead(head)
        _ = shorter.send(1)
        #expect(shorter.finish() == .abort)
    }

    @Test func `what has no body swallows it`() {
        var head = state(true)
        _ = head.sendHead(HTTPResponse(status: .ok, headerFields: [.contentLength: "2"]))
        #expect(head.send(2) == .swallow)
        #expect(head.finish() == .finish)
        var empty = state()
        _ = empty.sendHead(HTTPResponse(status: .noContent))
        #expect(empty.send(2) == .swallow)
    }

    @Test func `an informational status is no answer`() {
        var state = state()
        #expect(state.sendHead(HTTPResponse(status: .continue)) != .send)
    }

    @Test func `a body fails once, and not after its end`() {
        var state = state()
        let first = state.failBody(.tooSlow)
        let second = state.failBody(.malformed)
        #expect(first && !second)
        var whole = self.state()
        whole.receivedEnd()
        let afterEnd = whole.failBody(.tooSlow)
        #expect(!afterEnd)
    }
}

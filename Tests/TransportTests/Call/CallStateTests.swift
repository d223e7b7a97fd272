import RPC
import Testing

@testable import Transport

@Suite struct CallStateTests {
    @Test func `a unary call starts its handler when its one message is complete`() {
        var state = CallState(kind: .unary)
        #expect(state.receivedMessage() == .keep)
        #expect(state.phase == .collecting)
        #expect(state.receivedEnd() == .start)
        #expect(state.isAnswering)
        #expect(state.handlerReturned() == .answer)
        #expect(state.phase == .over)
    }

    @Test(arguments: [CallKind.unary, .serverStreaming])
    func `a second message ends a call that takes one`(kind: CallKind) {
        var state = CallState(kind: kind)
        _ = state.receivedMessage()
        guard case .fail(let error) = state.receivedMessage() else {
            Issue.record("expected a failure")
            return
        }
        #expect(error.code == .unimplemented)
    }

    @Test(arguments: [CallKind.unary, .serverStreaming])
    func `no message at all ends a call that takes one`(kind: CallKind) {
        var state = CallState(kind: kind)
        guard case .fail(let error) = state.receivedEnd() else {
            Issue.record("expected a failure")
            return
        }
        #expect(error.code == .unimplemented)
    }

    @Test(arguments: [CallKind.clientStreaming, .bidirectional])
    func `a call that streams requests runs from the start`(kind: CallKind) {
        var state = CallState(kind: kind)
        #expect(state.phase == .running)
        #expect(state.receivedMessage() == .queue)
        #expect(state.receivedMessage() == .queue)
        #expect(state.receivedEnd() == .endReading)
        #expect(state.receivedEnd() == .ignore)
    }

    @Test func `a message after the end is a violation`() {
        var state = CallState(kind: .bidirectional)
        _ = state.receivedEnd()
        guard case .fail(let error) = state.receivedMessage() else {
            Issue.record("expected a failure")
            return
        }
        #expect(error.code == .internal)
    }

    @Test func `an abandoned handler counts until it returns, and its answer is dropped`() {
        var state = CallState(kind: .bidirectional)
        #expect(state.aborted() == .cancelHandler)
        #expect(state.phase == .abandoned)
        #expect(state.aborted() == .ignore)
        #expect(state.receivedMessage() == .drop)
        #expect(state.receivedEnd() == .ignore)
        #expect(!state.isAnswering)
        #expect(state.handlerReturned() == .release)
        #expect(state.phase == .over)
    }

    @Test func `a call that ends before its request is complete has no handler to wait for`() {
        var state = CallState(kind: .unary)
        #expect(state.aborted() == .release)
        #expect(state.phase == .over)
        #expect(state.aborted() == .ignore)
    }
}

import Messages
import Model
import ProtobufRuntime
import Store
import Testing

@testable import Operations

struct WatchFilterTests {
    private static func row(_ events: [ExecutionEvent]) -> JournalRow {
        let bytes = unsafe EventBatch(events: events).withProtobufBytes { bytes in
            unsafe Array(bytes)
        }
        return JournalRow(
            number: ExecutionNumber(rawValue: 1), firstSequence: events.first?.sequence ?? 1,
            eventCount: Int32(events.count), batch: bytes)
    }

    /// Computed: the leak checker does not see through the enums of a stored one.
    private static var events: [ExecutionEvent] {
        [
            ExecutionEvent(
                sequence: 3, kind: .nodeCompleted(NodeCompleted(nodePath: "a", outputJSON: "1"))),
            ExecutionEvent(
                sequence: 4, kind: .executionCompleted(ExecutionCompleted(outputJSON: "2"))),
        ]
    }

    @Test func `a whole row is passed on as it is stored`() throws {
        let row = Self.row(Self.events)
        let filter = WatchFilter(afterSequence: 2, withoutPayloads: false)
        #expect(try filter.message(row) == .stored(row.batch))
    }

    @Test func `a row that begins too early is cut`() throws {
        let filter = WatchFilter(afterSequence: 3, withoutPayloads: false)
        #expect(
            try filter.message(Self.row(Self.events))
                == .changed(EventBatch(events: [Self.events[1]])))
    }

    @Test func `a row that was seen is left out`() throws {
        let filter = WatchFilter(afterSequence: 4, withoutPayloads: false)
        #expect(try filter.message(Self.row(Self.events)) == nil)
    }

    @Test func `every payload is left out, and nothing else`() throws {
        let error = ExecutionError(code: "C", message: "m", detailsJSON: "\"secret\"")
        let kinds: [ExecutionEvent.Kind] = [
            .executionCreated(ExecutionCreated(id: "kept", inputJSON: "\"secret\"")),
            .executionCompleted(ExecutionCompleted(outputJSON: "\"secret\"")),
            .executionFailed(ExecutionFailed(error: error)),
            .nodeCompleted(
                NodeCompleted(nodePath: "kept", outputJSON: "\"secret\"", handledError: error)),
            .nodeFailed(NodeFailed(nodePath: "kept", error: error)),
            .interruptClosed(InterruptClosed(interruptID: "kept", dataJSON: "\"secret\"")),
        ]
        let events = kinds.enumerated().map {
            ExecutionEvent(sequence: Int64($0.offset + 1), kind: $0.element)
        }
        let filter = WatchFilter(afterSequence: 0, withoutPayloads: true)
        guard case .changed(let batch) = try filter.message(Self.row(events)) else {
            Issue.record("expected a changed batch")
            return
        }
        #expect(batch.events.map(\.sequence) == events.map(\.sequence))
        #expect(!batch.protobufJSON.contains("secret"))
        #expect(batch.protobufJSON.contains("kept"))
    }

    @Test func `a row that does not decode is an internal error`() {
        let row = JournalRow(
            number: ExecutionNumber(rawValue: 1), firstSequence: 1, eventCount: 1,
            batch: [0xFF, 0xFF])
        let error = #expect(throws: OperationError.self) {
            _ = try WatchFilter(afterSequence: 0, withoutPayloads: true).message(row)
        }
        #expect(error?.code == .internal)
    }
}

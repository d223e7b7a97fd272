import Messages
import ProtobufRuntime
import Store
import StoreConformance
import Testing

struct CutBatchTests {
    private func joined(_ cut: CutBatch) -> [UInt8]? {
        CutBatch.joined(
            cut.rest,
            cut.parts.compactMap { part in
                CutBatch.value(part.bytes, isCompressed: part.isCompressed, count: part.count)
                    .map { (part.offset, $0) }
            })
    }

    @Test("what is cut out is put back byte for byte")
    func roundTrip() throws {
        let batch = Samples.payloads(1).batch
        let cut = try #require(CutBatch(batch))
        #expect(cut.rest.count < 1_000)
        #expect(cut.parts.map(\.isCompressed) == [true, false, true, true])
        #expect(cut.parts[0].hash == cut.parts[3].hash)
        #expect(joined(cut) == batch)
    }

    /// One large value in each field of each event that is a payload, and elsewhere.
    @Test("without payloads, what was cut out is left empty, and everything else is put back")
    func outline() throws {
        func events(_ text: String) -> [ExecutionEvent.Kind] {
            [
                .executionCreated(ExecutionCreated(workflowID: "w", inputJSON: text, priority: 7)),
                .nodeCompleted(NodeCompleted(nodePath: "n", outputJSON: text, chosenHandle: "h")),
                .interruptClosed(InterruptClosed(interruptID: "i", reason: "r", dataJSON: text)),
                .nodeProgressed(NodeProgressed(nodePath: "n", dataJSON: text)),
                .loopStarted(LoopStarted(nodePath: "n", itemsJSON: text)),
                .bodyEnded(BodyEnded(nodePath: "n", index: 3, outputJSON: text)),
                .executionCompleted(ExecutionCompleted(outputJSON: text)),
            ]
        }
        let long = String(repeating: "long ", count: 4_000)
        let kept: [ExecutionEvent.Kind] = [
            .logWritten(LogWritten(nodePath: "n", message: long)),
            .nodeFailed(NodeFailed(error: ExecutionError(code: "C", message: long))),
            .nodeCompleted(NodeCompleted(nodePath: "small", outputJSON: "1")),
        ]
        func batch(_ kinds: [ExecutionEvent.Kind]) -> EventBatch {
            EventBatch(
                events: kinds.enumerated().map {
                    ExecutionEvent(sequence: Int64($0.offset + 1), kind: $0.element)
                })
        }
        let whole = unsafe batch(events(long) + kept).withProtobufBytes { unsafe [UInt8]($0) }
        let cut = try #require(CutBatch(whole))
        #expect(cut.parts.count == 9)
        var read: [Int] = []
        let outline = CutBatch.outline(cut.rest, offsets: cut.parts.map(\.offset)) { index in
            read.append(index)
            let part = cut.parts[index]
            return CutBatch.value(
                part.bytes, isCompressed: part.isCompressed, count: part.count) ?? []
        }
        #expect(read == [7, 8])
        let expected = unsafe batch(events("") + kept).withProtobufBytes { unsafe [UInt8]($0) }
        let found = try unsafe #require(outline).withUnsafeBytes {
            try unsafe EventBatch(protobufBytes: $0)
        }
        let again = unsafe found.withProtobufBytes { unsafe [UInt8]($0) }
        #expect(again == expected)
        #expect(CutBatch.outline([0x0A, 0xFF], offsets: [1]) { _ in [] } == nil)
    }

    @Test("small batches, and what is no batch, stay in one piece")
    func uncut() {
        #expect(CutBatch([]) == nil)
        #expect(CutBatch([UInt8](repeating: 7, count: 9_000)) == nil)
        #expect(
            CutBatch([0x0A, 0xFF, 0xFF, 0xFF, 0x7F] + [UInt8](repeating: 0, count: 9_000)) == nil)
    }

    @Test("whatever bytes come, cutting loses none", arguments: 0..<100)
    func anyBytes(seed: Int) {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        func next() -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 40)
        }
        var batch = Samples.payloads(1).batch
        for _ in 0..<(seed % 7) { batch[next() % min(batch.count, 400)] = UInt8(next() % 256) }
        if seed % 3 == 0 { batch = Array(batch.prefix(next() % batch.count)) }
        if let cut = CutBatch(batch) { #expect(joined(cut) == batch) }
    }
}

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

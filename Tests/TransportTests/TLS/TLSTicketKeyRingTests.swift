import Testing

@testable import Transport

@Suite struct TLSTicketKeyRingTests {
    private let start = ContinuousClock.now
    private let period = TLSTicketKeyRing.period

    private func bytes(_ byte: UInt8) -> [UInt8] {
        [UInt8](repeating: byte, count: TLSTicketKeyRing.Key.byteCount)
    }

    @Test func `a key seals for one period and opens for one more`() throws {
        var ring = TLSTicketKeyRing()
        let first = try #require(ring.sealing(at: start) { bytes(1) })
        let almost = start + period - .seconds(1)
        #expect(ring.sealing(at: almost) { bytes(9) } == first)
        #expect(ring.opening(Array(first.name), at: almost)?.isNewest == true)

        let second = try #require(ring.sealing(at: start + period) { bytes(2) })
        #expect(second.bytes == bytes(2))
        let old = try #require(ring.opening(Array(first.name), at: start + period))
        #expect(old.key == first)
        #expect(!old.isNewest)
        #expect(ring.opening(Array(first.name), at: start + period * 2) == nil)
        #expect(ring.opening(Array(second.name), at: start + period * 2)?.isNewest == false)
    }

    @Test func `after a long rest nothing old is kept`() throws {
        var ring = TLSTicketKeyRing()
        let first = try #require(ring.sealing(at: start) { bytes(1) })
        _ = ring.sealing(at: start + period * 9) { bytes(2) }
        #expect(ring.opening(Array(first.name), at: start) == nil)
    }

    @Test func `an unknown name opens nothing, and without randomness nothing is sealed`() {
        var ring = TLSTicketKeyRing()
        #expect(ring.sealing(at: start) { nil } == nil)
        #expect(ring.opening([UInt8](repeating: 1, count: 16), at: start) == nil)
    }
}

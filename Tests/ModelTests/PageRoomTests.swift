import Model
import Testing

/// What one page has room for.
struct PageRoomTests {
    private static func taken(_ sizes: [Int], rows: Int = .max, bytes: Int) -> Int {
        var room = PageRoom(rows: rows, bytes: bytes)
        return sizes.prefix { room.take($0) }.count
    }

    @Test func `it ends at its rows or its bytes, and has room for one row of any size`() {
        #expect(Self.taken([1, 1, 1], rows: 2, bytes: 10_000) == 2)
        #expect(Self.taken([400, 400, 400], bytes: 2 * 656) == 2)
        #expect(Self.taken([400, 400, 400], bytes: 2 * 656 - 1) == 1)
        #expect(Self.taken([50_000, 1], bytes: 1_000) == 1)
        #expect(Self.taken([1], rows: 0, bytes: 1_000) == 0)
    }
}

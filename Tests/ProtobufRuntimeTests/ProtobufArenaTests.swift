internal import ProtobufRuntime
import Testing

@Suite("The arena")
struct ProtobufArenaTests {
    @Test("hands out aligned memory that does not overlap")
    func alignment() {
        var arena = ProtobufArena()
        defer { arena.free() }
        var end = 0
        var blocks: [(start: Int, size: Int)] = []
        for size in [0, 1, 15, 16, 17, 1000, 5000, 3, 1 << 20, 7] {
            let block = unsafe arena.allocate(byteCount: size)
            unsafe block.initializeMemory(as: UInt8.self, repeating: 0xAA, count: size)
            let start = Int(bitPattern: block)
            #expect(start % 16 == 0)
            for other in blocks where size > 0 && other.size > 0 {
                #expect(start + size <= other.start || other.start + other.size <= start)
            }
            blocks.append((start, size))
            end = max(end, start)
        }
        #expect(end > 0)
    }

    @Test("refuses what exceeds the budget, and nothing before")
    func budget() {
        var arena = ProtobufArena(budget: 64)
        defer { arena.free() }
        let first = unsafe arena.allocateWithinBudget(byteCount: 48) != nil
        #expect(first)
        let early = arena.isExhausted
        #expect(!early)
        let second = unsafe arena.allocateWithinBudget(byteCount: 17) != nil
        #expect(!second)
        let late = arena.isExhausted
        #expect(late)
        let third = unsafe arena.allocateWithinBudget(byteCount: 16) != nil
        #expect(third)
        let used = arena.used
        #expect(used == 64)
    }

    @Test("refuses sizes that no memory has", arguments: [-1, .min, .max])
    func absurdSizes(_ size: Int) {
        var arena = ProtobufArena(decoding: 10)
        defer { arena.free() }
        let given = unsafe arena.allocateWithinBudget(byteCount: size) != nil
        #expect(!given)
    }

    @Test("can be used again once it is freed")
    func reuse() {
        var arena = ProtobufArena()
        for _ in 0..<3 {
            let block = unsafe arena.allocate(byteCount: 100)
            unsafe block.initializeMemory(as: UInt8.self, repeating: 1, count: 100)
            arena.free()
        }
        arena.free()
    }

    @Test(
        "has a budget of sixteen times the bytes, at least 64 KiB, and less for long messages",
        arguments: [
            (0, 65_536), (2000, 65_536), (4096, 65_536), (4097, 65_552), (1 << 20, 16 << 20),
            (4 << 20, 40 << 20), (64 << 20, 160 << 20),
        ])
    func budgets(_ byteCount: Int, _ budget: Int) {
        #expect(ProtobufArena.budget(forDecoding: byteCount) == budget)
    }
}

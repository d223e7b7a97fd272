/// Where protobuf-c's trees live: memory that is handed out in order and freed at once.
///
/// It comes from the heap in growing chunks, the first so small that malloc answers from its
/// thread's cache. While decoding, a budget bounds everything that protobuf-c asks for, since hostile
/// bytes can cost many times their size (2,000 bytes of empty repeated messages: 104 KB).
///
/// Belongs to one call on one thread. Who makes one frees it: `defer { arena.free() }`, so that it
/// outlives every pointer into it.
@safe
package struct ProtobufArena: ~Copyable {
    private var cursor: UnsafeMutableRawPointer?
    /// Bytes left in the chunk at `cursor`.
    private var available = 0
    /// All chunks, linked through their first word.
    private var chunks: UnsafeMutableRawPointer?
    private var nextChunkSize = 1008
    /// Bytes that may still be handed out; rounding may take it just below zero.
    private var remaining: Int
    /// The most that all allocations together may take.
    package let budget: Int
    /// Whether the budget was met.
    package private(set) var isExhausted = false

    /// Bytes handed out so far.
    package var used: Int { budget - remaining }

    /// Room for a chunk's link, keeping what follows aligned.
    private static let linkSize = 16
    private static let largestRegularChunk = 1 << 18

    /// An arena to encode in, without a budget: what is encoded is our own.
    package init() {
        self.init(budget: .max)
    }

    /// An arena to decode `byteCount` bytes in.
    package init(decoding byteCount: Int) {
        self.init(budget: Self.budget(forDecoding: byteCount))
    }

    /// An arena of at most `budget` bytes.
    package init(budget: Int) {
        remaining = budget
        self.budget = budget
    }

    /// The most a tree decoded from `byteCount` bytes may take: sixteen times as much, at least 64 KiB
    /// so that small messages of many small parts pass, and from about 2 MiB on only twice what is
    /// received plus 32 MiB, since long messages are long for their texts.
    package static func budget(forDecoding byteCount: Int) -> Int {
        max(64 << 10, min(16 * byteCount, 2 * byteCount + (32 << 20)))
    }

    /// Frees everything handed out; the arena can be used again with what its budget has left.
    package mutating func free() {
        while let chunk = unsafe chunks {
            unsafe chunks = chunk.load(as: UnsafeMutableRawPointer?.self)
            unsafe chunk.deallocate()
        }
        unsafe cursor = nil
        available = 0
    }

    /// `byteCount` bytes, not initialized and aligned to 16; nil when the budget is met.
    package mutating func allocateWithinBudget(byteCount: Int) -> UnsafeMutableRawPointer? {
        guard byteCount >= 0, byteCount <= remaining else {
            isExhausted = true
            return nil
        }
        let size = (byteCount + 15) & ~15
        if size > available || available == 0 { addChunk(for: size) }
        remaining -= size
        let result = unsafe cursor
        unsafe cursor = unsafe cursor.map { unsafe $0 + size }
        available -= size
        return unsafe result
    }

    /// `byteCount` bytes, not initialized and aligned to 16, of an arena to encode in.
    package mutating func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
        guard let block = unsafe allocateWithinBudget(byteCount: byteCount) else {
            preconditionFailure("an arena to encode in has no budget")
        }
        return unsafe block
    }

    private mutating func addChunk(for size: Int) {
        // Never more than the budget has left, so that it bounds what comes from the heap too.
        let chunkSize = Self.linkSize + max(size, min(nextChunkSize - Self.linkSize, remaining))
        nextChunkSize = min(nextChunkSize * 4, Self.largestRegularChunk)
        let chunk = UnsafeMutableRawPointer.allocate(byteCount: chunkSize, alignment: 16)
        unsafe chunk.storeBytes(of: chunks, as: UnsafeMutableRawPointer?.self)
        unsafe chunks = chunk
        unsafe cursor = chunk + Self.linkSize
        available = chunkSize - Self.linkSize
    }
}

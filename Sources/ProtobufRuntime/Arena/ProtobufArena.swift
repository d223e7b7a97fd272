package import CProtobufC

/// Where protobuf-c's trees live: memory that is handed out in order and freed at once.
///
/// A small message fits into the stack space it starts with; more comes from the heap in growing
/// chunks. While decoding, a budget bounds everything that protobuf-c asks for, since hostile bytes
/// can cost many times their size (2,000 bytes of empty repeated messages: 104 KB).
///
/// Belongs to one call on one thread.
@safe
package struct ProtobufArena: ~Copyable {
    private var cursor: UnsafeMutableRawPointer
    private var end: UnsafeMutableRawPointer
    /// Heap chunks, linked through their first word.
    private var chunks: UnsafeMutableRawPointer?
    private var nextChunkSize = 4096
    /// Bytes that may still be handed out; rounding may take it just below zero.
    private var remaining: Int
    /// Whether the budget was met.
    package private(set) var isExhausted = false

    /// Room for a chunk's link, keeping what follows aligned.
    private static let linkSize = 16
    private static let largestRegularChunk = 1 << 18
    /// What every call has without asking the heap; at most 1,024, which Swift puts on the stack.
    package static let stackSize = 1024

    /// An arena that starts with `space`, which must outlive it and be aligned to 16 bytes.
    package init(space: UnsafeMutableRawBufferPointer, budget: Int) {
        // Never empty: `stackSize` bytes.
        let start = unsafe space.baseAddress.unsafelyUnwrapped
        unsafe cursor = start
        unsafe end = start + space.count
        remaining = budget
    }

    deinit {
        var chunk = unsafe chunks
        while let current = unsafe chunk {
            unsafe chunk = current.load(as: UnsafeMutableRawPointer?.self)
            unsafe current.deallocate()
        }
    }

    /// `byteCount` bytes, not initialized and aligned to 16; nil when the budget is met.
    package mutating func allocate(byteCount: Int) -> UnsafeMutableRawPointer? {
        guard byteCount >= 0, byteCount <= remaining else {
            isExhausted = true
            return nil
        }
        let size = (byteCount + 15) & ~15
        remaining -= size
        if unsafe size > end - cursor {
            addChunk(for: size)
        }
        let result = unsafe cursor
        unsafe cursor = result + size
        return unsafe result
    }

    private mutating func addChunk(for size: Int) {
        let chunkSize = max(nextChunkSize, size + Self.linkSize)
        nextChunkSize = min(nextChunkSize * 2, Self.largestRegularChunk)
        let chunk = UnsafeMutableRawPointer.allocate(byteCount: chunkSize, alignment: 16)
        unsafe chunk.storeBytes(of: chunks, as: UnsafeMutableRawPointer?.self)
        unsafe chunks = chunk
        unsafe cursor = chunk + Self.linkSize
        unsafe end = chunk + chunkSize
    }
}

/// protobuf-c's `alloc`: `context` is the arena.
private func allocateInArena(
    context: UnsafeMutableRawPointer?, size: Int
) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    return unsafe context.assumingMemoryBound(to: ProtobufArena.self).pointee
        .allocate(byteCount: size)
}

/// protobuf-c's `free`: the arena frees all at once.
private func freeInArena(context: UnsafeMutableRawPointer?, block: UnsafeMutableRawPointer?) {}

extension ProtobufArena {
    /// The most a tree decoded from `byteCount` bytes may take: sixteen times as much, at least 64 KiB
    /// so that small messages of many small parts pass, and from 2 MiB on only what is received plus
    /// 32 MiB, since long messages are long for their texts.
    package static func budget(forDecoding byteCount: Int) -> Int {
        max(64 << 10, min(16 * byteCount, 2 * byteCount + (32 << 20)))
    }

    /// Decodes `bytes` into a tree and hands it to `body`; the tree is gone afterwards.
    /// - Throws: `ProtobufDecodingError` for malformed bytes or a tree above the budget, and what
    ///   `body` throws.
    package static func decode<Result>(
        _ bytes: UnsafeRawBufferPointer,
        _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>?,
        _ messageName: String,
        budget: Int? = nil,
        _ body: (UnsafeRawPointer) throws(ProtobufDecodingError) -> Result
    ) throws(ProtobufDecodingError) -> Result {
        let budget = budget ?? Self.budget(forDecoding: bytes.count)
        let result = unsafe withUnsafeTemporaryAllocation(
            byteCount: stackSize, alignment: 16
        ) { space -> Swift.Result<Result, ProtobufDecodingError> in
            var arena = unsafe ProtobufArena(space: space, budget: budget)
            let tree = unsafe withUnsafeMutablePointer(to: &arena) { arena in
                var allocator = unsafe ProtobufCAllocator(
                    alloc: allocateInArena, free: freeInArena, allocator_data: arena)
                return unsafe protobuf_c_message_unpack(
                    descriptor, &allocator, bytes.count,
                    bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
            }
            guard let tree = unsafe tree else {
                let reason =
                    arena.isExhausted
                    ? "\(bytes.count) bytes need more than the \(budget) bytes of memory allowed for them"
                    : "\(bytes.count) bytes are not a valid message"
                return .failure(ProtobufDecodingError(messageName: messageName, reason: reason))
            }
            do throws(ProtobufDecodingError) {
                return .success(try unsafe body(UnsafeRawPointer(tree)))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Packs the tree that `build` makes and hands `body` the bytes, which are gone afterwards.
    package static func encode<Result>(
        _ build: (inout ProtobufArena) -> UnsafeMutableRawPointer,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try unsafe withUnsafeTemporaryAllocation(byteCount: stackSize, alignment: 16) { space in
            var arena = unsafe ProtobufArena(space: space, budget: .max)
            let tree = unsafe build(&arena).assumingMemoryBound(to: ProtobufCMessage.self)
            let size = unsafe protobuf_c_message_get_packed_size(tree)
            let output = unsafe arena.allocateUnbounded(byteCount: size)
            let written = unsafe protobuf_c_message_pack(
                tree, output.assumingMemoryBound(to: UInt8.self))
            return try unsafe body(UnsafeRawBufferPointer(start: output, count: written))
        }
    }
}

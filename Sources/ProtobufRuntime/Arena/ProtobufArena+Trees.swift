package import CProtobufC

/// What generated code unpacks, builds and packs trees with. Everything lives until `free()`.
extension ProtobufArena {
    /// Decodes `bytes` into a tree.
    /// - Throws: `ProtobufDecodingError` for malformed bytes or a tree above the budget.
    package mutating func unpack(
        _ bytes: UnsafeRawBufferPointer,
        _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>?, _ messageName: String
    ) throws(ProtobufDecodingError) -> UnsafeRawPointer {
        let tree = unsafe withUnsafeMutablePointer(to: &self) { arena in
            var allocator = unsafe ProtobufCAllocator(
                alloc: allocateInArena, free: freeInArena, allocator_data: arena)
            return unsafe protobuf_c_message_unpack(
                descriptor, &allocator, bytes.count,
                bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        }
        guard let tree = unsafe tree else {
            let reason =
                isExhausted
                ? "\(bytes.count) bytes need more than the \(budget) bytes of memory they may use"
                : "\(bytes.count) bytes are not a valid message"
            throw ProtobufDecodingError(messageName: messageName, reason: reason)
        }
        return UnsafeRawPointer(tree)
    }

    /// Encodes a tree.
    package mutating func pack(_ tree: UnsafeMutableRawPointer) -> UnsafeRawBufferPointer {
        let tree = unsafe tree.assumingMemoryBound(to: ProtobufCMessage.self)
        let size = unsafe protobuf_c_message_get_packed_size(tree)
        let output = unsafe allocate(byteCount: size)
        let written = unsafe protobuf_c_message_pack(
            tree, output.assumingMemoryBound(to: UInt8.self))
        return unsafe UnsafeRawBufferPointer(start: output, count: written)
    }

    /// The text's bytes; no pointer for none, which is how protobuf-c knows a default.
    package mutating func copy(_ text: String) -> ProtobufCBinaryData {
        if text.isEmpty { return unsafe ProtobufCBinaryData(len: 0, data: nil) }
        var text = text
        return text.withUTF8 { bytes in unsafe copy(UnsafeRawBufferPointer(bytes)) }
    }

    /// The bytes; no pointer for none.
    package mutating func copy(_ bytes: [UInt8]) -> ProtobufCBinaryData {
        unsafe bytes.withUnsafeBytes { bytes in unsafe copy(bytes) }
    }

    private mutating func copy(_ bytes: UnsafeRawBufferPointer) -> ProtobufCBinaryData {
        guard let source = bytes.baseAddress, unsafe !bytes.isEmpty else {
            return unsafe ProtobufCBinaryData(len: 0, data: nil)
        }
        let block = unsafe allocate(byteCount: bytes.count)
        unsafe block.copyMemory(from: source, byteCount: bytes.count)
        return unsafe ProtobufCBinaryData(
            len: bytes.count, data: block.assumingMemoryBound(to: UInt8.self))
    }
}

/// protobuf-c's `alloc`: `context` is the arena.
private func allocateInArena(
    context: UnsafeMutableRawPointer?, size: Int
) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    return unsafe context.assumingMemoryBound(to: ProtobufArena.self).pointee
        .allocateWithinBudget(byteCount: size)
}

/// protobuf-c's `free`: the arena frees all at once.
private func freeInArena(context: UnsafeMutableRawPointer?, block: UnsafeMutableRawPointer?) {}

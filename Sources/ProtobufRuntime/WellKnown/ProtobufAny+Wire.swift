package import CWellKnownTypes

extension ProtobufAny {
    /// Decodes the protobuf wire form.
    public init(protobufBytes bytes: UnsafeRawBufferPointer) throws(ProtobufDecodingError) {
        var arena = ProtobufArena(decoding: bytes.count)
        defer { arena.free() }
        let tree = try unsafe arena.unpack(
            bytes, google__protobuf__any__descriptor_pointer(), Self.protobufName)
        try unsafe self.init(c: tree.assumingMemoryBound(to: Google__Protobuf__Any.self))
    }

    /// Hands `body` the protobuf wire form; the buffer is valid only inside.
    public func withProtobufBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        var arena = ProtobufArena()
        defer { arena.free() }
        let tree = unsafe c(in: &arena)
        return try unsafe body(arena.pack(tree))
    }

    /// Copies a tree that protobuf-c made.
    package init(c: UnsafePointer<Google__Protobuf__Any>) throws(ProtobufDecodingError) {
        self.init(
            typeURL: try unsafe ProtobufField.string(
                c.pointee.type_url, Self.protobufName, "type_url"),
            value: unsafe ProtobufField.bytes(c.pointee.value))
    }

    /// Builds the tree that protobuf-c packs; it lives as long as the arena.
    package func c(in arena: inout ProtobufArena) -> UnsafeMutablePointer<Google__Protobuf__Any> {
        let c = unsafe arena.allocate(byteCount: MemoryLayout<Google__Protobuf__Any>.stride)
            .bindMemory(to: Google__Protobuf__Any.self, capacity: 1)
        unsafe google__protobuf__any__init(c)
        unsafe c.pointee.type_url = unsafe arena.copy(typeURL)
        unsafe c.pointee.value = unsafe arena.copy(value)
        return unsafe c
    }
}

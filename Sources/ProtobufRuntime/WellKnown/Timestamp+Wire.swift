package import CWellKnownTypes

extension Timestamp {
    /// Decodes the protobuf wire form.
    public init(protobufBytes bytes: UnsafeRawBufferPointer) throws(ProtobufDecodingError) {
        var arena = ProtobufArena(decoding: bytes.count)
        defer { arena.free() }
        let tree = try unsafe arena.unpack(
            bytes, google__protobuf__timestamp__descriptor_pointer(), Self.protobufName)
        try unsafe self.init(c: tree.assumingMemoryBound(to: Google__Protobuf__Timestamp.self))
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
    package init(c: UnsafePointer<Google__Protobuf__Timestamp>) throws(ProtobufDecodingError) {
        self.init(
            seconds: unsafe c.pointee.seconds, nanos: unsafe c.pointee.nanos)
    }

    /// Builds the tree that protobuf-c packs; it lives as long as the arena.
    package func c(in arena: inout ProtobufArena) -> UnsafeMutablePointer<
        Google__Protobuf__Timestamp
    > {
        let c = unsafe arena.allocate(byteCount: MemoryLayout<Google__Protobuf__Timestamp>.stride)
            .bindMemory(to: Google__Protobuf__Timestamp.self, capacity: 1)
        unsafe google__protobuf__timestamp__init(c)
        unsafe c.pointee.seconds = seconds
        unsafe c.pointee.nanos = nanos
        return unsafe c
    }
}

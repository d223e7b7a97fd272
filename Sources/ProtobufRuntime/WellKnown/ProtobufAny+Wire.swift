package import CWellKnownTypes

extension ProtobufAny {
    /// Decodes the protobuf wire form.
    public init(protobufBytes bytes: UnsafeRawBufferPointer) throws(ProtobufDecodingError) {
        self = try unsafe ProtobufArena.decode(
            bytes, google__protobuf__any__descriptor_pointer(), Self.protobufName
        ) { (tree: UnsafeRawPointer) throws(ProtobufDecodingError) in
            try unsafe Self(c: tree.assumingMemoryBound(to: Google__Protobuf__Any.self))
        }
    }

    /// Hands `body` the protobuf wire form; the buffer is valid only inside.
    public func withProtobufBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try unsafe ProtobufArena.encode({ arena in
            unsafe UnsafeMutableRawPointer(c(in: &arena))
        }, body)
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
        let c = unsafe arena.allocate(Google__Protobuf__Any.self)
        unsafe google__protobuf__any__init(c)
        unsafe c.pointee.type_url = unsafe arena.copy(typeURL)
        unsafe c.pointee.value = unsafe arena.copy(value)
        return unsafe c
    }
}

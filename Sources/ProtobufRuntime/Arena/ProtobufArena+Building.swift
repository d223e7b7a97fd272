package import CProtobufC

/// What generated code builds trees with. Everything lives as long as the arena.
extension ProtobufArena {
    /// `byteCount` bytes of an arena without budget.
    package mutating func allocateUnbounded(byteCount: Int) -> UnsafeMutableRawPointer {
        guard let block = unsafe allocate(byteCount: byteCount) else {
            preconditionFailure("an encoding arena has no budget")
        }
        return unsafe block
    }

    /// Room for one `C`, not initialized.
    package mutating func allocate<C>(_ type: C.Type) -> UnsafeMutablePointer<C> {
        unsafe allocateUnbounded(byteCount: MemoryLayout<C>.stride).bindMemory(to: type, capacity: 1)
    }

    /// The text's bytes; no pointer for none, which is how protobuf-c knows a default.
    package mutating func copy(_ text: String) -> ProtobufCBinaryData {
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
        let block = unsafe allocateUnbounded(byteCount: bytes.count)
        unsafe block.copyMemory(from: source, byteCount: bytes.count)
        return unsafe ProtobufCBinaryData(
            len: bytes.count, data: block.assumingMemoryBound(to: UInt8.self))
    }

    /// An array of numbers; no pointer for an empty one.
    package mutating func scalars<Scalar: BitwiseCopyable>(
        _ values: [Scalar]
    ) -> UnsafeMutablePointer<Scalar>? {
        unsafe array(values) { value, _ in value }
    }

    /// An array whose elements `convert` makes; no pointer for an empty one.
    package mutating func array<Values: Collection, C>(
        _ values: Values, _ convert: (Values.Element, inout ProtobufArena) -> C
    ) -> UnsafeMutablePointer<C>? {
        guard !values.isEmpty else { return nil }
        let start = unsafe allocateUnbounded(byteCount: MemoryLayout<C>.stride * values.count)
            .bindMemory(to: C.self, capacity: values.count)
        var next = unsafe start
        for value in values {
            unsafe next.initialize(to: convert(value, &self))
            unsafe next += 1
        }
        return unsafe start
    }
}

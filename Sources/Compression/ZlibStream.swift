internal import CZlib

/// A `z_stream` at an address of its own, as zlib keeps a pointer to it. Frees zlib's state at its end.
@safe struct ZlibStream: ~Copyable {
    /// What one call did.
    struct Result {
        var code: Int32
        /// Whether the room for output was used up, so that there may be more.
        var isFull: Bool
    }

    private static let pieceBytes = 16 << 10

    private let pointer: UnsafeMutablePointer<z_stream>
    private let end: (UnsafeMutablePointer<z_stream>) -> Int32

    init(
        begin: (UnsafeMutablePointer<z_stream>) -> Int32,
        end: @escaping (UnsafeMutablePointer<z_stream>) -> Int32
    ) throws(CompressionError) {
        unsafe pointer = .allocate(capacity: 1)
        unsafe pointer.initialize(to: z_stream())
        unsafe self.end = end
        guard unsafe begin(pointer) == Z_OK else {
            throw CompressionError(.outOfMemory, "zlib has no memory for a stream")
        }
    }

    deinit {
        _ = unsafe end(pointer)
        unsafe pointer.deallocate()
    }

    /// The input of the calls that follow; it must outlive them.
    func setInput(_ bytes: UnsafeRawBufferPointer) {
        let base = unsafe bytes.bindMemory(to: UInt8.self).baseAddress
        unsafe pointer.pointee.next_in = UnsafeMutablePointer(mutating: base)
        unsafe pointer.pointee.avail_in = UInt32(bytes.count)
    }

    /// How many bytes of the input have not been taken.
    var inputCount: Int { unsafe Int(pointer.pointee.avail_in) }

    /// The next of them; only where there is one.
    var nextInputByte: UInt8 { unsafe pointer.pointee.next_in.pointee }

    func withPointer(_ body: (UnsafeMutablePointer<z_stream>) -> Void) { unsafe body(pointer) }

    /// Makes one call with room for a piece of output, at most `countMax` bytes.
    func run(
        appendingTo output: inout [UInt8], countMax: Int,
        _ call: (UnsafeMutablePointer<z_stream>) -> Int32
    ) -> Result {
        let room = min(Self.pieceBytes, countMax)
        var code = Z_OK
        let piece = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            unsafe pointer.pointee.next_out = buffer.baseAddress
            unsafe pointer.pointee.avail_out = UInt32(room)
            code = unsafe call(pointer)
            count = unsafe room - Int(pointer.pointee.avail_out)
        }
        output.append(contentsOf: piece)
        return Result(code: code, isFull: piece.count == room)
    }
}

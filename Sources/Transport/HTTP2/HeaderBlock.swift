#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The fields of the header block that is being received. One per connection, reused: HTTP/2 does
/// not interleave header blocks (RFC 9113 section 4.3).
struct HeaderBlock {
    /// One field's place in `bytes`.
    private struct Field {
        let nameStart: Int
        let nameCount: Int
        let valueCount: Int
    }

    private var bytes: [UInt8] = []
    private var fields: [Field] = []
    /// As HTTP/2 counts it: name, value and 32 bytes each.
    private(set) var listByteCount = 0
    private(set) var isOversize = false
    /// Nobody wants the fields.
    private(set) var isRefused = false
    private let listBytesMax: Int

    /// A block that keeps at most `listBytesMax` bytes.
    init(listBytesMax: Int) {
        self.listBytesMax = listBytesMax
    }

    /// A new block begins.
    mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
        fields.removeAll(keepingCapacity: true)
        listByteCount = 0
        isOversize = false
        isRefused = false
    }

    /// What comes in this block is not kept.
    mutating func refuse() {
        isRefused = true
    }

    /// Takes in a field, unless the list is over its limit; what follows costs no memory then.
    mutating func append(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        guard !isOversize, !isRefused else { return }
        listByteCount += name.count + value.count + 32
        guard listByteCount <= listBytesMax else {
            isOversize = true
            return
        }
        fields.append(
            Field(nameStart: bytes.count, nameCount: name.count, valueCount: value.count))
        unsafe bytes.append(contentsOf: name)
        unsafe bytes.append(contentsOf: value)
    }

    /// Whether both hold the same fields in the same order.
    func hasSameFields(as other: HeaderBlock) -> Bool {
        guard bytes.count == other.bytes.count, fields.count == other.fields.count else {
            return false
        }
        let haveSameBytes = unsafe bytes.withUnsafeBytes { mine in
            unsafe other.bytes.withUnsafeBytes { unsafe isEqual(mine, $0) }
        }
        guard haveSameBytes else { return false }
        return unsafe fields.withUnsafeBytes { mine in
            unsafe other.fields.withUnsafeBytes { unsafe isEqual(mine, $0) }
        }
    }

    /// Both are of the same length.
    private func isEqual(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Bool {
        guard let start = one.baseAddress, let otherStart = other.baseAddress else { return true }
        return unsafe memcmp(start, otherStart, one.count) == 0
    }

    /// Hands `body` every field in order; the pointers are valid only inside.
    func forEach(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void)
    {
        unsafe bytes.withUnsafeBytes { bytes in
            for field in fields {
                let valueStart = field.nameStart + field.nameCount
                unsafe body(
                    UnsafeRawBufferPointer(rebasing: bytes[field.nameStart..<valueStart]),
                    UnsafeRawBufferPointer(
                        rebasing: bytes[valueStart..<valueStart + field.valueCount]))
            }
        }
    }
}

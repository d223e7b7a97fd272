internal import Compression
internal import Cryptography

/// A journal row's batch with its large values cut out, so that a store keeps each value once,
/// compressed, however many rows hold it.
///
/// The values are found in the encoding: fields of events' messages from `partBytesMin` bytes on. Cutting
/// touches no length, so that putting the values back in gives the very bytes.
package struct CutBatch: Sendable {
    /// One large value.
    package struct Part: Sendable {
        /// Where it begins in the whole batch.
        package let offset: Int
        /// How long it is there.
        package let count: Int
        /// SHA-256 of it.
        package let hash: [UInt8]
        /// As it is kept.
        package let bytes: [UInt8]
        /// Whether `bytes` are a zlib stream (RFC 1950).
        package let isCompressed: Bool
    }

    /// Values from this size on are kept by themselves.
    package static let partBytesMin = 8 << 10
    /// Fast: what is gained by more is little beside what it costs.
    private static let level = 2

    /// Everything but the parts, in order.
    package let rest: [UInt8]
    /// In order; never empty.
    package let parts: [Part]

    /// nil where there is nothing large in it.
    package init?(_ batch: [UInt8]) {
        guard batch.count >= Self.partBytesMin else { return nil }
        let ranges = WireScan.largeValues(in: batch, bytesMin: Self.partBytesMin)
        guard !ranges.isEmpty else { return nil }
        var rest: [UInt8] = []
        var end = 0
        var parts: [Part] = []
        for range in ranges {
            rest.append(contentsOf: batch[end..<range.lowerBound])
            end = range.upperBound
            parts.append(Self.part(Array(batch[range]), at: range.lowerBound))
        }
        rest.append(contentsOf: batch[end...])
        self.rest = rest
        self.parts = parts
    }

    private static func part(_ value: [UInt8], at offset: Int) -> Part {
        let hash = Digest.sha256.hash(value)
        let compressed = try? Zlib.compress(value, as: .zlib, level: level)
        // What hardly shrinks is not worth the time of its readers.
        if let compressed, compressed.count < value.count - value.count / 8 {
            return Part(
                offset: offset, count: value.count, hash: hash, bytes: compressed,
                isCompressed: true)
        }
        return Part(
            offset: offset, count: value.count, hash: hash, bytes: value, isCompressed: false)
    }

    /// The value of a part as it is kept; nil where it cannot be read.
    package static func value(_ bytes: [UInt8], isCompressed: Bool, count: Int) -> [UInt8]? {
        guard isCompressed else { return bytes.count == count ? bytes : nil }
        guard let value = try? Zlib.decompress(bytes, as: .zlib, limit: count),
            value.count == count
        else { return nil }
        return value
    }

    /// The whole batch.
    /// - Parameter parts: in order, with where each begins; nil where they do not fit.
    package static func joined(_ rest: [UInt8], _ parts: [(offset: Int, value: [UInt8])])
        -> [UInt8]?
    {
        var batch: [UInt8] = []
        batch.reserveCapacity(parts.reduce(rest.count) { $0 + $1.value.count })
        var taken = 0
        for (offset, value) in parts {
            let count = offset - batch.count
            guard count >= 0, taken + count <= rest.count else { return nil }
            batch.append(contentsOf: rest[taken..<(taken + count)])
            taken += count
            batch.append(contentsOf: value)
        }
        batch.append(contentsOf: rest[taken...])
        return batch
    }
}

/// Walks an encoded `EventBatch` as far down as the values of events.
private struct WireScan {
    private let bytes: [UInt8]
    private let bytesMin: Int
    private var found: [Range<Int>] = []

    /// EventBatch, ExecutionEvent, and the event's own message.
    private static let depthMax = 3

    static func largeValues(in bytes: [UInt8], bytesMin: Int) -> [Range<Int>] {
        var scan = WireScan(bytes: bytes, bytesMin: bytesMin)
        return scan.walk(0..<bytes.count, depth: 1) ? scan.found : []
    }

    private init(bytes: [UInt8], bytesMin: Int) {
        self.bytes = bytes
        self.bytesMin = bytesMin
    }

    /// - Returns: false for what is no such message.
    private mutating func walk(_ range: Range<Int>, depth: Int) -> Bool {
        var index = range.lowerBound
        while index < range.upperBound {
            guard let tag = varint(&index, range.upperBound) else { return false }
            switch tag & 7 {
            case 0: guard varint(&index, range.upperBound) != nil else { return false }
            case 1: index += 8
            case 5: index += 4
            case 2:
                guard let count = varint(&index, range.upperBound),
                    count <= UInt64(range.upperBound - index)
                else { return false }
                let value = index..<(index + Int(count))
                index = value.upperBound
                guard value.count >= bytesMin else { continue }
                if depth == Self.depthMax {
                    found.append(value)
                } else if !walk(value, depth: depth + 1) {
                    return false
                }
            default: return false
            }
            guard index <= range.upperBound else { return false }
        }
        return true
    }

    private func varint(_ index: inout Int, _ end: Int) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
            guard index < end else { return nil }
            let byte = bytes[index]
            index += 1
            value |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 { return value }
        }
        return nil
    }
}

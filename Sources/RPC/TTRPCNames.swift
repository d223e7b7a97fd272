internal import NIOCore

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The service and method names that the requests of a connection bring again and again, so that
/// most calls make no string of them. Bounded; which names are kept changes nothing but the cost.
package struct TTRPCNames: Sendable {
    private static let countMax = 16
    private static let bytesMax = 256
    private var names: [(bytes: [UInt8], text: String)] = []
    private var oldest = 0

    /// No names.
    package init() {}

    /// The text of `bytes`; nil where they are not UTF-8.
    mutating func text(_ bytes: ByteBuffer) -> String? {
        let count = bytes.readableBytes
        let known = unsafe bytes.withUnsafeReadableBytes { raw -> String? in
            guard let start = raw.baseAddress, count > 0 else { return "" }
            for name in names where name.bytes.count == count {
                let isSame = unsafe name.bytes.withUnsafeBytes { other in
                    unsafe other.baseAddress.map { unsafe memcmp($0, start, count) == 0 } ?? false
                }
                if isSame { return name.text }
            }
            return nil
        }
        if let known { return known }
        guard let text = bytes.validatedText else { return nil }
        if count <= Self.bytesMax { keep((Array(bytes.readableBytesView), text)) }
        return text
    }

    private mutating func keep(_ name: (bytes: [UInt8], text: String)) {
        if names.count < Self.countMax {
            names.append(name)
        } else {
            names[oldest] = name
            oldest = (oldest + 1) % Self.countMax
        }
    }
}

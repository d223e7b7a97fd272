#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Where a peer is, as far as one sender goes. Whoever has an IPv6 address has a whole network of
/// them, /64 at least: they count as one.
enum SourceNetwork {
    /// Of `HOST:PORT`, with an IPv6 host in brackets.
    /// - Returns: the IPv4 address, also where it is mapped into IPv6; `PREFIX::/64` in hexadecimal
    ///   digits; what is no address as it is.
    static func text(_ remoteAddress: String) -> String {
        guard let colon = remoteAddress.lastIndex(of: ":") else { return remoteAddress }
        let host = remoteAddress[..<colon].filter { $0 != "[" && $0 != "]" }
        var address = in6_addr()
        guard unsafe inet_pton(AF_INET6, host, &address) == 1 else { return host }
        let bytes = unsafe withUnsafeBytes(of: address) { unsafe Array($0) }
        if bytes.dropLast(4).elementsEqual(Self.mappedPrefix) {
            return bytes.suffix(4).map { "\($0)" }.joined(separator: ".")
        }
        let groups = stride(from: 0, to: 8, by: 2).map { index in
            String(UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]), radix: 16)
        }
        return groups.joined(separator: ":") + "::/64"
    }

    /// `::ffff:0:0/96` (RFC 4291, section 2.5.5.2).
    private static let mappedPrefix = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
}

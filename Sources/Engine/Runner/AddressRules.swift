/// Which addresses `http` nodes may connect to: public unicast ones, and what the operator allows.
struct AddressRules: Sendable {
    private let allowed: Set<String>

    /// - Parameter allowed: `HOST:PORT`, or `HOST` for every port; IPv6 hosts in brackets.
    init(allowed: [String]) {
        self.allowed = Set(allowed.map { $0.lowercased() })
    }

    /// Whether the operator allows this target by the name or by the address that it is asked by.
    func isAllowed(host: String, address: String, port: Int) -> Bool {
        [host, address].contains { name in
            let name = name.lowercased()
            let written = name.contains(":") && !name.hasPrefix("[") ? "[\(name)]" : name
            return allowed.contains(written) || allowed.contains("\(written):\(port)")
        }
    }

    /// Whether `address`, an IP address in text, is reachable for everyone on the Internet: not
    /// loopback, link-local, private or otherwise special (RFC 6890 and the registries it names).
    static func isPublic(_ address: String) -> Bool {
        if let bytes = v4(address) { return isPublic(v4: bytes) }
        guard let words = v6(address) else { return false }
        return isPublic(v6: words)
    }

    private static func isPublic(v4 bytes: [UInt8]) -> Bool {
        switch (bytes[0], bytes[1], bytes[2]) {
        case (0, _, _), (10, _, _), (127, _, _), (224...255, _, _): false
        case (100, 64...127, _), (169, 254, _), (172, 16...31, _), (192, 168, _): false
        case (192, 0, 0), (192, 0, 2), (192, 88, 99), (198, 18...19, _): false
        case (198, 51, 100), (203, 0, 113): false
        default: true
        }
    }

    private static func isPublic(v6 words: [UInt16]) -> Bool {
        let low = [
            UInt8(words[6] >> 8), UInt8(words[6] & 255), UInt8(words[7] >> 8),
            UInt8(words[7] & 255),
        ]
        if words[0..<6] == [0, 0, 0, 0, 0, 0xFFFF] { return isPublic(v4: low) }
        if words[0..<6] == [0x64, 0xFF9B, 0, 0, 0, 0] { return isPublic(v4: low) }
        // Global unicast is 2000::/3; within it these are not for everyone.
        guard words[0] & 0xE000 == 0x2000 else { return false }
        if words[0] == 0x2001, words[1] < 0x0200 || words[1] == 0x0DB8 { return false }
        if words[0] == 0x2002 || words[0] == 0x3FFF && words[1] < 0x1000 { return false }
        return true
    }

    private static func v4(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { UInt8($0) }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    private static func v6(_ text: String) -> [UInt16]? {
        var text = text.lowercased()
        if let zone = text.firstIndex(of: "%") { text = String(text[..<zone]) }
        // An IPv4 tail stands for the last two words.
        if let colon = text.lastIndex(of: ":"), text[colon...].contains(".") {
            guard let tail = v4(String(text[text.index(after: colon)...])) else { return nil }
            let words = [
                UInt16(tail[0]) << 8 | UInt16(tail[1]), UInt16(tail[2]) << 8 | UInt16(tail[3]),
            ]
            text =
                String(text[...colon]) + words.map { String($0, radix: 16) }.joined(separator: ":")
        }
        func words(_ part: Substring) -> [UInt16]? {
            if part.isEmpty { return [] }
            let pieces = part.split(separator: ":", omittingEmptySubsequences: false)
            let words = pieces.compactMap { UInt16($0, radix: 16) }
            return words.count == pieces.count ? words : nil
        }
        guard let gap = text.firstRange(of: "::") else {
            guard let all = words(text[...]), all.count == 8 else { return nil }
            return all
        }
        guard let head = words(text[..<gap.lowerBound]), let tail = words(text[gap.upperBound...]),
            head.count + tail.count < 8
        else { return nil }
        return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    }
}

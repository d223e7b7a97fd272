/// The values of `format` that are checked; any other is refused when a schema is compiled.
enum SchemaFormat: String, CaseIterable, Sendable {
    case dateTime = "date-time"
    case date, time, duration, email, uri, uuid, ipv4, ipv6

    func accepts(_ text: String) -> Bool {
        var reader = FormatReader(text)
        switch self {
        case .dateTime: return reader.dateTime() && reader.isAtEnd
        case .date: return reader.date() && reader.isAtEnd
        case .time: return reader.time() && reader.isAtEnd
        case .duration: return reader.duration() && reader.isAtEnd
        case .email: return Self.isEmail(text)
        case .uri: return Self.isURI(text)
        case .uuid: return reader.uuid() && reader.isAtEnd
        case .ipv4: return reader.ipv4() && reader.isAtEnd
        case .ipv6: return Self.isIPv6(text)
        }
    }

    /// A mailbox of RFC 5321 whose local part is a dot-atom, with a domain name or an address literal.
    private static func isEmail(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count <= 254, let at = bytes.lastIndex(of: UInt8(ascii: "@")) else {
            return false
        }
        let local = bytes[..<at]
        guard (1...64).contains(local.count) else { return false }
        let atoms = local.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isLocal = atoms.allSatisfy { atom in
            !atom.isEmpty
                && atom.allSatisfy { isAlphanumeric($0) || "!#$%&'*+-/=?^_`{|}~".utf8.contains($0) }
        }
        let domain = bytes[(at + 1)...]
        if domain.first == UInt8(ascii: "["), domain.last == UInt8(ascii: "]") {
            let literal = String(decoding: domain.dropFirst().dropLast(), as: UTF8.self)
            return isLocal
                && (SchemaFormat.ipv4.accepts(literal)
                    || (literal.hasPrefix("IPv6:") && isIPv6(String(literal.dropFirst(5)))))
        }
        let labels = domain.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return isLocal
            && labels.allSatisfy { label in
                (1...63).contains(label.count) && label.first != UInt8(ascii: "-")
                    && label.last != UInt8(ascii: "-")
                    && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
            }
    }

    /// An absolute URI of RFC 3986: a scheme, and only characters that may stand in one.
    private static func isURI(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), let first = bytes.first,
            isAlphanumeric(first), first > UInt8(ascii: "9"),
            bytes[..<colon].allSatisfy({ isAlphanumeric($0) || "+-.".utf8.contains($0) })
        else { return false }
        var index = colon + 1
        var fragments = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "%"):
                guard index + 2 < bytes.count, isHexadecimal(bytes[index + 1]),
                    isHexadecimal(bytes[index + 2])
                else { return false }
                index += 2
            case UInt8(ascii: "#"):
                fragments += 1
                guard fragments == 1 else { return false }
            case let byte:
                guard isAlphanumeric(byte) || "-._~:/?[]@!$&'()*+,;=".utf8.contains(byte) else {
                    return false
                }
            }
            index += 1
        }
        return isAuthority(bytes[(colon + 1)...])
    }

    /// Whether what follows the scheme has no `[` or `]` but around an address, and a numeric port.
    private static func isAuthority(_ rest: ArraySlice<UInt8>) -> Bool {
        let brackets: (UInt8) -> Bool = { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "]") }
        guard rest.starts(with: "//".utf8) else { return !rest.contains(where: brackets) }
        let authority = rest.dropFirst(2).prefix { !"/?#".utf8.contains($0) }
        guard !rest.dropFirst(2 + authority.count).contains(where: brackets) else { return false }
        let host =
            authority.lastIndex(of: UInt8(ascii: "@")).map { authority[($0 + 1)...] } ?? authority
        guard !authority[..<host.startIndex].contains(where: brackets) else { return false }
        var port = host
        if host.first == UInt8(ascii: "[") {
            guard let close = host.firstIndex(of: UInt8(ascii: "]")),
                isIPv6(String(decoding: host[(host.startIndex + 1)..<close], as: UTF8.self))
            else { return false }
            port = host[(close + 1)...]
            guard port.isEmpty || port.first == UInt8(ascii: ":") else { return false }
        } else {
            guard !host.contains(where: brackets) else { return false }
            port = host.firstIndex(of: UInt8(ascii: ":")).map { host[$0...] } ?? []
        }
        return port.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
    }

    /// An address of RFC 4291 section 2.2, without a zone.
    private static func isIPv6(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count <= 45 else { return false }
        var groups = 0
        var isShortened = false
        var index = 0
        if bytes.starts(with: "::".utf8) {
            isShortened = true
            index = 2
            if bytes.count == 2 { return true }
        }
        while index < bytes.count {
            let start = index
            while index < bytes.count, isHexadecimal(bytes[index]) { index += 1 }
            if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
                guard SchemaFormat.ipv4.accepts(String(decoding: bytes[start...], as: UTF8.self))
                else { return false }
                groups += 2
                break
            }
            guard (1...4).contains(index - start) else { return false }
            groups += 1
            if index == bytes.count { break }
            guard bytes[index] == UInt8(ascii: ":") else { return false }
            index += 1
            guard index < bytes.count else { return false }
            if bytes[index] == UInt8(ascii: ":") {
                guard !isShortened else { return false }
                isShortened = true
                index += 1
            }
        }
        return isShortened ? groups < 8 : groups == 8
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }
}

/// Reads the fixed-shape formats from left to right.
private struct FormatReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { position == bytes.count }

    private mutating func take(_ wanted: Character) -> Bool {
        guard position < bytes.count, bytes[position] == wanted.asciiValue else { return false }
        position += 1
        return true
    }

    /// A number of exactly `digits` digits within `range`.
    private mutating func number(_ digits: Int, in range: ClosedRange<Int>) -> Int? {
        guard position + digits <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[position..<position + digits] {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        position += digits
        return range.contains(value) ? value : nil
    }

    /// `full-date` of RFC 3339.
    mutating func date() -> Bool {
        guard let year = number(4, in: 0...9_999), take("-"), let month = number(2, in: 1...12),
            take("-"), let day = number(2, in: 1...31)
        else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return day <= days[month - 1]
    }

    /// `full-time` of RFC 3339; second 60 only where a leap second can be, at 23:59:60 UTC.
    mutating func time() -> Bool {
        guard let hour = number(2, in: 0...23), take(":"), let minute = number(2, in: 0...59),
            take(":"), let second = number(2, in: 0...60)
        else { return false }
        if take(".") {
            let start = position
            while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
            guard position > start else { return false }
        }
        var offset = 0
        if !take("Z"), !take("z") {
            let isAhead = take("+")
            guard isAhead || take("-"), let hours = number(2, in: 0...23), take(":"),
                let minutes = number(2, in: 0...59)
            else { return false }
            offset = (isAhead ? 1 : -1) * (hours * 60 + minutes)
        }
        return second < 60 || (hour * 60 + minute - offset + 2 * 1_440) % 1_440 == 1_439
    }

    mutating func dateTime() -> Bool { date() && (take("T") || take("t")) && time() }

    /// `duration` of RFC 3339 appendix A.
    mutating func duration() -> Bool {
        guard take("P") else { return false }
        let weeks = units("W")
        // Weeks stand alone; whatever follows them is found not to be the end.
        if weeks > 0 || position > 1 { return weeks > 0 }
        let dates = units("YMD")
        guard dates >= 0 else { return false }
        guard take("T") else { return dates > 0 }
        return units("HMS") > 0
    }

    /// Reads numbers with these units in order, none left out between; -1 if they are not so.
    private mutating func units(_ names: String) -> Int {
        var taken = 0
        var next = names[...]
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
            let start = position
            while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
            guard position < bytes.count,
                let place = next.firstIndex(where: { $0.asciiValue == bytes[position] }),
                taken == 0 || place == next.startIndex
            else {
                position = start
                return -1
            }
            position += 1
            taken += 1
            next = next[next.index(after: place)...]
        }
        return taken
    }

    mutating func uuid() -> Bool {
        for (index, length) in [8, 4, 4, 4, 12].enumerated() {
            if index > 0, !take("-") { return false }
            for _ in 0..<length {
                guard position < bytes.count else { return false }
                switch bytes[position] {
                case 0x30...0x39, 0x41...0x46, 0x61...0x66: position += 1
                default: return false
                }
            }
        }
        return true
    }

    mutating func ipv4() -> Bool {
        for index in 0..<4 {
            if index > 0, !take(".") { return false }
            let start = position
            while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
            let digits = bytes[start..<position]
            guard (1...3).contains(digits.count), digits.count == 1 || digits.first != 0x30,
                let value = Int(String(decoding: digits, as: UTF8.self)), value < 256
            else { return false }
        }
        return true
    }
}

/// Keys that tell by their beginning whose they are.
enum KeyPrefix {
    /// A beginning, and how many bytes follow it at least.
    private static let prefixes: [(prefix: [UInt8], countMin: Int)] = [
        ("ghp_", 20), ("gho_", 20), ("ghu_", 20), ("ghs_", 20), ("ghr_", 20), ("github_pat_", 20),
        ("glpat-", 16), ("sk-", 20), ("sk_live_", 10), ("sk_test_", 10), ("rk_live_", 10),
        ("pk_live_", 10), ("whsec_", 16), ("xoxb-", 10), ("xoxp-", 10), ("xoxa-", 10),
        ("xoxs-", 10), ("xoxr-", 10), ("xapp-", 10), ("AIza", 30), ("ya29", 20), ("npm_", 30),
        ("pypi-", 30), ("hf_", 20), ("dop_v1_", 30), ("shpat_", 20), ("SG", 40), ("key-", 28),
        // Our own.
        ("sb_", 20), ("sdk_", 20), ("key_", 20), ("tkt_", 20), ("lin_", 20), ("lnk_", 20),
    ].map { (Array($0.0.utf8), $0.1) }

    static func isKey(_ word: ArraySlice<UInt8>) -> Bool {
        guard word.count >= 14 else { return false }
        if isAmazonKey(word) { return true }
        return prefixes.contains { prefix, countMin in
            word.count >= prefix.count + countMin && word.starts(with: prefix)
                && word.dropFirst(prefix.count).contains(where: TextScan.isDigit)
        }
    }

    private static func isAmazonKey(_ word: ArraySlice<UInt8>) -> Bool {
        guard word.count == 20,
            ["AKIA", "ASIA", "AROA", "AIDA"].contains(where: { word.starts(with: $0.utf8) })
        else { return false }
        return word.allSatisfy { byte in
            TextScan.isDigit(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
        }
    }
}

/// JSON Web Tokens, signed or encrypted, by their form: a header that begins `{"`, and two to four
/// further parts.
enum WebToken {
    /// The token whose first word goes from `start` to `end`.
    static func find(_ bytes: [UInt8], at start: Int, _ end: Int) -> Range<Int>? {
        guard end - start >= 10, bytes[start...].starts(with: "eyJ".utf8), end < bytes.count,
            bytes[end] == UInt8(ascii: ".")
        else { return nil }
        var index = end
        var parts = 1
        while index < bytes.count, bytes[index] == UInt8(ascii: "."), parts < 5 {
            var next = index + 1
            while next < bytes.count, TextScan.isToken(bytes[next]) { next += 1 }
            // The payload is never empty; a signature may be missing.
            if next == index + 1, parts == 1 { return nil }
            parts += 1
            index = next
        }
        return parts >= 3 || index - end > 8 ? start..<index : nil
    }
}

/// What follows `Basic`: base64 of `name:password`.
enum BasicCredential {
    static func isCredential(_ text: ArraySlice<UInt8>) -> Bool {
        let digits = Array(text.prefix { $0 != UInt8(ascii: "=") })
        guard text.count >= 8, text.count % 4 == 0 else { return false }
        var bits: UInt32 = 0
        var count = 0
        var hasColon = false
        for digit in digits {
            guard let value = value(digit) else { return false }
            bits = bits << 6 | value
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            let byte = UInt8(truncatingIfNeeded: bits >> UInt32(count))
            if byte < 0x20 || byte == 0x7F { return false }
            if byte == UInt8(ascii: ":") { hasColon = true }
        }
        return hasColon
    }

    private static func value(_ digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}

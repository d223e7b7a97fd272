/// Stands for a secret in what a node's expressions yield, until its request is sent. Nobody who does
/// not hold the server's keys can write one, and it is good in one execution only.
///
/// It is made of characters that URLs, headers and JSON strings leave as they are.
enum SecretMark {
    static let head = "SIGNALBOX-SECRET-"

    static func text(prefix: String, name: String) -> String { prefix + name + "." }

    /// The names of the secrets whose marks are in `text`.
    static func names(in text: String, prefixes: [String]) -> Set<String> {
        var names: Set<String> = []
        for prefix in prefixes {
            var rest = text[...]
            while let mark = rest.firstRange(of: prefix) {
                rest = rest[mark.upperBound...]
                guard let end = rest.firstIndex(of: ".") else { break }
                names.insert(String(rest[..<end]))
            }
        }
        return names
    }

    /// Whether `text` may begin with a mark.
    static func begins(_ text: String) -> Bool { text.hasPrefix(head) }
}

/// Bytes as text.
enum Hexadecimal {
    static func text(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

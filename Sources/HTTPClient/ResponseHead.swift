/// The head of an answer, made of its lines as they come. Interim answers (1xx) before it and
/// trailers after it leave nothing behind, but count.
struct ResponseHead {
    /// Of the answer, or of the last interim one; 0 before there is any.
    private(set) var status = 0
    private(set) var headers: [(name: String, value: String)] = []
    /// Of all lines, with their ends.
    private(set) var bytes = 0
    /// Whether the head of the answer itself has ended.
    private(set) var isComplete = false

    /// Takes one line, with or without its end.
    mutating func take(_ line: some Collection<UInt8>) {
        bytes += line.count
        guard !isComplete else { return }
        let text = Self.trimmed(line)
        if let status = Self.status(text) {
            self.status = status
            headers = []
        } else if text.isEmpty {
            isComplete = status >= 200
        } else if let first = line.first, Self.isBlank(first), !headers.isEmpty {
            // A value that goes on (RFC 9112, section 5.2).
            headers[headers.count - 1].value += " " + String(decoding: text, as: UTF8.self)
        } else if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
            headers.append(
                (
                    String(decoding: Self.trimmed(text[..<colon]), as: UTF8.self),
                    String(decoding: Self.trimmed(text[text.index(after: colon)...]), as: UTF8.self)
                ))
        }
    }

    /// Of `HTTP/1.1 200 OK` and `HTTP/2 200`.
    private static func status(_ line: ArraySlice<UInt8>) -> Int? {
        guard line.starts(with: "HTTP/".utf8),
            let space = line.firstIndex(of: UInt8(ascii: " "))
        else { return nil }
        let digits = line[line.index(after: space)...].prefix { (0x30...0x39).contains($0) }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    private static func trimmed(_ bytes: some Collection<UInt8>) -> ArraySlice<UInt8> {
        var rest = Array(bytes)[...]
        while let first = rest.first, isBlank(first) { rest = rest.dropFirst() }
        while let last = rest.last, isBlank(last) { rest = rest.dropLast() }
        return rest
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        [0x20, 0x09, 0x0D, 0x0A].contains(byte)
    }
}

/// Reads the parts of an instant's or a span's text.
struct TextScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) {
        rest = text[...].utf8
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// Takes one of these characters if it is next.
    mutating func take(_ characters: Unicode.Scalar...) -> Bool {
        guard let next = rest.first, characters.contains(Unicode.Scalar(next)) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// A number of exactly that many digits, or of 1 to 18 where nil.
    mutating func number(digits: Int?) -> Int64? {
        let run = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let count = digits ?? run.count
        guard run.count >= count, (1...18).contains(count) else { return nil }
        let value = run.prefix(count).reduce(0 as Int64) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        rest = rest.dropFirst(count)
        return value
    }

    /// Nanoseconds from an optional fraction of one to nine digits; nil if it is none.
    mutating func fraction() -> Int32? {
        guard take(".") else { return 0 }
        let before = rest.count
        guard let value = number(digits: nil) else { return nil }
        let count = before - rest.count
        guard count <= 9 else { return nil }
        return Int32((0..<(9 - count)).reduce(value) { value, _ in value * 10 })
    }

    /// Seconds east of UTC from `Z` or `+hh:mm`.
    mutating func offset() -> Int64? {
        if take("Z", "z") { return 0 }
        let isWest = rest.first == UInt8(ascii: "-")
        guard take("+", "-"), let hours = number(digits: 2), take(":"),
            let minutes = number(digits: 2), hours < 24, minutes < 60
        else { return nil }
        return (hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
    }
}

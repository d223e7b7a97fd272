/// A JSON number that keeps the text it was written as: `1.10` stays `1.10`, and a 30-digit integer
/// keeps its digits.
///
/// Equality, order and hash are by numeric value, exactly: `1`, `1.0` and `10e-1` are equal.
package struct JSONNumber: Sendable, Hashable, Comparable {
    /// The number as it was written; always valid JSON.
    package let text: String

    init(checkedText: String) { text = checkedText }

    /// The number written as `text`, or nil if that is not a JSON number within ``JSONLimits``.
    package init?(text: String) {
        guard
            case .number(let number)? = try? JSONScanner.parse(
                Array(text.utf8), limits: .standard),
            number.text.utf8.count == text.utf8.count
        else { return nil }
        self = number
    }

    package init(_ value: some BinaryInteger) { text = String(value) }

    /// The shortest number that reads back as `value`; nil for infinities and NaN.
    package init?(_ value: Double) {
        guard value.isFinite else { return nil }
        if value == value.rounded(), abs(value) < 1e15 {
            text = value == 0 && value.sign == .minus ? "-0" : String(Int64(value))
        } else {
            text = value.description
        }
    }

    /// The nearest double; infinite where the number is beyond its range.
    package var doubleValue: Double { Double(text) ?? .nan }

    /// The number as an integer, if it is one and fits; `1.0` and `1e3` are integers.
    package var int64Value: Int64? {
        if let plain = Int64(text) { return plain }
        let decimal = Decimal(text)
        guard decimal.exponent >= 0, decimal.digits.count + decimal.exponent <= 19 else {
            return nil
        }
        let digits = decimal.digits + Array(repeating: 0, count: decimal.exponent)
        let magnitude = String(decoding: digits.map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
        return digits.isEmpty ? 0 : Int64((decimal.isNegative ? "-" : "") + magnitude)
    }

    /// Whether the value has no fraction.
    package var isInteger: Bool { Decimal(text).exponent >= 0 }

    package static func == (left: Self, right: Self) -> Bool {
        if left.text == right.text { return true }
        return Decimal(left.text) == Decimal(right.text)
    }

    package static func < (left: Self, right: Self) -> Bool {
        if let left = Int64(left.text), let right = Int64(right.text) { return left < right }
        return Decimal(left.text) < Decimal(right.text)
    }

    package func hash(into hasher: inout Hasher) { Decimal(text).hash(into: &hasher) }

    /// Whether this number is a whole multiple of `divisor`, exactly.
    ///
    /// Nil if `divisor` is not positive or has more than 18 significant digits.
    package func isMultiple(of divisor: JSONNumber) -> Bool? {
        let value = Decimal(text)
        let divisor = Decimal(divisor.text)
        guard !divisor.isNegative, !divisor.digits.isEmpty, divisor.digits.count <= 18 else {
            return nil
        }
        if value.digits.isEmpty { return true }
        // `value` has no trailing zero, so a finer exponent than the divisor's cannot divide.
        guard value.exponent >= divisor.exponent else { return false }
        let modulus = divisor.digits.reduce(0 as UInt128) { $0 * 10 + UInt128($1) }
        var remainder = value.digits.reduce(0 as UInt128) { ($0 * 10 + UInt128($1)) % modulus }
        var power = value.exponent - divisor.exponent
        var factor: UInt128 = 10 % modulus
        while power > 0 {
            if power & 1 == 1 { remainder = remainder * factor % modulus }
            factor = factor * factor % modulus
            power >>= 1
        }
        return remainder == 0
    }
}

/// A number as `±digits × 10^exponent`, with no leading or trailing zero digit: one form a value.
private struct Decimal: Hashable, Comparable {
    var isNegative = false
    /// Digit values 0–9, most significant first; empty for zero.
    var digits: [UInt8] = []
    var exponent = 0

    init(_ text: String) {
        var seenPoint = false
        var bytes = text.utf8.makeIterator()
        while let byte = bytes.next() {
            switch byte {
            case UInt8(ascii: "-"):
                isNegative = true
            case UInt8(ascii: "."):
                seenPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                // The scanner has held the exponent to `JSONLimits.exponentMax`.
                var isDown = false
                var written = 0
                while let byte = bytes.next() {
                    if byte == UInt8(ascii: "-") { isDown = true }
                    if byte >= UInt8(ascii: "0") { written = written * 10 + Int(byte & 0x0F) }
                }
                exponent += isDown ? -written : written
            default:
                if !digits.isEmpty || byte != UInt8(ascii: "0") { digits.append(byte & 0x0F) }
                if seenPoint { exponent -= 1 }
            }
        }
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        if digits.isEmpty { (isNegative, exponent) = (false, 0) }
    }

    static func < (left: Self, right: Self) -> Bool {
        if left.isNegative != right.isNegative { return left.isNegative }
        return left.isNegative
            ? right.isMagnitudeLess(than: left) : left.isMagnitudeLess(than: right)
    }

    private func isMagnitudeLess(than other: Self) -> Bool {
        if digits.isEmpty || other.digits.isEmpty { return digits.isEmpty && !other.digits.isEmpty }
        let scale = digits.count + exponent
        let otherScale = other.digits.count + other.exponent
        if scale != otherScale { return scale < otherScale }
        return digits.lexicographicallyPrecedes(other.digits)
    }
}

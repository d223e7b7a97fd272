/// Reads durations as definitions write them: ISO 8601 (`PT1H30M`, `P2D`) or short (`90s`, `1h30m`,
/// `500ms`). Fractions are allowed; years and months are not, since their length depends on a date.
package enum DurationText {
    /// The longest duration accepted: ten years of 365 days.
    package static let max = Duration.seconds(3_650 * 86_400)

    /// The duration that `text` says, or nil if it says none or one beyond ``max``.
    package static func parse(_ text: String) -> Duration? {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, bytes.count <= 64 else { return nil }
        let microseconds = first == UInt8(ascii: "P") ? iso(bytes.dropFirst()) : short(bytes[...])
        guard let microseconds else { return nil }
        let duration = Duration.microseconds(microseconds)
        return duration <= max ? duration : nil
    }

    private static func iso(_ text: ArraySlice<UInt8>) -> Int64? {
        var rest = text
        var total: Int64 = 0
        var inTime = false
        var rank = 0
        guard !rest.isEmpty else { return nil }
        while let byte = rest.first {
            if byte == UInt8(ascii: "T") {
                guard !inTime, rest.count > 1 else { return nil }
                inTime = true
                rest = rest.dropFirst()
                continue
            }
            guard let amount = number(&rest), let unit = rest.popFirst() else { return nil }
            let place: (rank: Int, microseconds: Int64)
            switch (inTime, unit) {
            case (false, UInt8(ascii: "W")): place = (1, 7 * 86_400_000_000)
            case (false, UInt8(ascii: "D")): place = (2, 86_400_000_000)
            case (true, UInt8(ascii: "H")): place = (3, 3_600_000_000)
            case (true, UInt8(ascii: "M")): place = (4, 60_000_000)
            case (true, UInt8(ascii: "S")): place = (5, 1_000_000)
            default: return nil
            }
            guard place.rank > rank, let sum = add(total, amount, place.microseconds) else {
                return nil
            }
            rank = place.rank
            total = sum
        }
        return rank > 0 ? total : nil
    }

    private static func short(_ text: ArraySlice<UInt8>) -> Int64? {
        var rest = text
        var total: Int64 = 0
        var rank = 0
        while !rest.isEmpty {
            guard let amount = number(&rest) else { return nil }
            let unit = rest.prefix { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") }
            rest = rest.dropFirst(unit.count)
            let place: (rank: Int, microseconds: Int64)
            switch String(decoding: unit, as: UTF8.self) {
            case "d": place = (1, 86_400_000_000)
            case "h": place = (2, 3_600_000_000)
            case "m": place = (3, 60_000_000)
            case "s": place = (4, 1_000_000)
            case "ms": place = (5, 1_000)
            default: return nil
            }
            guard place.rank > rank, let sum = add(total, amount, place.microseconds) else {
                return nil
            }
            rank = place.rank
            total = sum
        }
        return rank > 0 ? total : nil
    }

    /// A decimal number, taken off the front, in millionths.
    private static func number(_ text: inout ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        var digits = 0
        var fraction: Int64?
        while let byte = text.first {
            if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                digits += 1
                if let scale = fraction {
                    guard scale >= 1 else { return nil }
                    value += Int64(byte - 48) * scale
                    fraction = scale / 10
                } else {
                    guard digits <= 12 else { return nil }
                    value = value * 10 + Int64(byte - 48) * 1_000_000
                }
            } else if byte == UInt8(ascii: "."), fraction == nil, digits > 0 {
                fraction = 100_000
            } else {
                break
            }
            text = text.dropFirst()
        }
        return digits > 0 && fraction != 100_000 ? value : nil
    }

    private static func add(_ total: Int64, _ millionths: Int64, _ unit: Int64) -> Int64? {
        let product = millionths.multipliedFullWidth(by: unit)
        let (quotient, _) =
            (product.high >= 500_000
                ? (Int64.max, 0) : Int64(1_000_000).dividingFullWidth(product))
        let (sum, overflow) = total.addingReportingOverflow(quotient)
        return overflow ? nil : sum
    }
}

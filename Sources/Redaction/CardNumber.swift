/// Numbers of payment cards.
enum CardNumber {
    /// Whether these are the digits of a card: a length and first digits that are given out, and a
    /// check digit that is right (ISO/IEC 7812-1, Luhn).
    static func isCard(digits: ArraySlice<UInt8>) -> Bool {
        guard (13...19).contains(digits.count), digits.allSatisfy(TextScan.isDigit) else {
            return false
        }
        return isIssued(digits) && hasCheckDigit(digits)
    }

    private static func isIssued(_ digits: ArraySlice<UInt8>) -> Bool {
        let first = digits.prefix(4).reduce(0) { $0 * 10 + Int($1 & 0x0F) }
        let count = digits.count
        switch first {
        case 4000...4999: return count == 13 || count == 16 || count == 19
        case 5100...5599, 2221...2720: return count == 16
        case 3400...3499, 3700...3799: return count == 15
        case 3000...3059, 3600...3699, 3800...3999: return count == 14 || count == 16
        case 6011, 6440...6599: return count == 16 || count == 19
        case 3528...3589: return (16...19).contains(count)
        case 6200...6299: return (16...19).contains(count)
        case 5000...5099, 5600...5899, 6300...6399, 6700...6799: return (13...19).contains(count)
        default: return false
        }
    }

    private static func hasCheckDigit(_ digits: ArraySlice<UInt8>) -> Bool {
        var sum = 0
        for (index, digit) in digits.reversed().enumerated() {
            let value = Int(digit & 0x0F) * (index % 2 == 1 ? 2 : 1)
            sum += value > 9 ? value - 9 : value
        }
        return sum % 10 == 0
    }
}

/// What a digit, `+` or `(` begins: a payment card, a social security number, a phone number, or
/// nothing.
///
/// A number is masked whole or not at all: digits that belong to a longer number, a decimal, a date or
/// an identifier are left alone.
struct NumberScan {
    /// What was found, and where to go on.
    let found: (masked: Range<Int>?, next: Int)

    /// - Parameter at: must not lie within a number.
    init(_ bytes: [UInt8], at start: Int, _ rules: Set<RedactionRules.BuiltIn>) {
        let run = DigitRun(bytes, at: start)
        // What belongs to a word, a decimal or a longer number is passed over.
        guard run.isAlone else {
            found = (nil, run.firstGroupEnd)
            return
        }
        if rules.contains(.card), let range = run.card {
            found = (range, range.upperBound)
        } else if rules.contains(.ssn), let range = run.socialSecurity {
            found = (range, range.upperBound)
        } else if rules.contains(.phone), let range = run.phone {
            found = (range, range.upperBound)
        } else {
            found = (nil, run.firstGroupEnd)
        }
    }
}

/// Groups of digits, at most so many, with what separates them.
private struct DigitRun {
    private struct Group {
        let range: Range<Int>
        /// What lies between it and the next group.
        var separator: ArraySlice<UInt8> = []
    }

    private static let groupsMax = 8
    /// A group with more digits than any card has is no part of anything.
    private static let digitsMax = 24

    private let bytes: [UInt8]
    private let start: Int
    private var groups: [Group] = []
    let firstGroupEnd: Int
    let isAlone: Bool

    init(_ bytes: [UInt8], at start: Int) {
        self.bytes = bytes
        self.start = start
        var index = start
        if !TextScan.isDigit(bytes[start]) {
            // `+` or `(`, or `+(`.
            index += 1
            if index < bytes.count, bytes[start] == UInt8(ascii: "+"),
                bytes[index] == UInt8(ascii: "(")
            {
                index += 1
            }
        }
        var groups: [Group] = []
        var firstEnd = index
        while index < bytes.count, TextScan.isDigit(bytes[index]), groups.count < Self.groupsMax {
            let begin = index
            while index < bytes.count, TextScan.isDigit(bytes[index]) { index += 1 }
            groups.append(Group(range: begin..<index))
            if groups.count == 1 { firstEnd = index }
            guard index - begin <= Self.digitsMax else { break }
            var next = index
            while next < bytes.count, next - index < 3, Self.separates(bytes[next]) { next += 1 }
            guard next < bytes.count, TextScan.isDigit(bytes[next]) else { break }
            groups[groups.count - 1].separator = bytes[index..<next]
            index = next
        }
        self.groups = groups
        firstGroupEnd = max(firstEnd, start + 1)
        isAlone = !groups.isEmpty && !Self.isJoined(bytes, before: start)
    }

    private static func separates(_ byte: UInt8) -> Bool {
        [0x20, 0x2D, 0x2E, 0x28, 0x29].contains(byte)
    }

    /// Whether what stands before belongs to the same word or number.
    private static func isJoined(_ bytes: [UInt8], before start: Int) -> Bool {
        guard start > 0 else { return false }
        let byte = bytes[start - 1]
        if TextScan.isToken(byte) || byte >= 0x80 { return true }
        return byte == UInt8(ascii: ".") && start > 1 && TextScan.isDigit(bytes[start - 2])
    }

    /// Whether what stands behind belongs to the same word or number.
    private func isJoined(after end: Int) -> Bool {
        guard end < bytes.count else { return false }
        let byte = bytes[end]
        if TextScan.isToken(byte) || byte >= 0x80 { return true }
        return byte == UInt8(ascii: ".") && end + 1 < bytes.count
            && TextScan.isDigit(bytes[end + 1])
    }

    private func separators(_ count: Int) -> Set<[UInt8]> {
        Set(groups.prefix(count - 1).map { Array($0.separator) })
    }

    private static let cardShapes = [
        [4, 4, 4, 4], [4, 6, 5], [4, 6, 4], [4, 4, 4, 4, 3], [4, 4, 5],
    ]

    var card: Range<Int>? {
        guard TextScan.isDigit(bytes[start]), let first = groups.first else { return nil }
        if CardNumber.isCard(digits: bytes[first.range]), !isJoined(after: first.range.upperBound) {
            return first.range
        }
        for shape in Self.cardShapes where groups.count >= shape.count {
            let part = groups.prefix(shape.count)
            let joints = separators(shape.count)
            guard part.map(\.range.count) == shape, joints == [[0x20]] || joints == [[0x2D]],
                let last = part.last, !isJoined(after: last.range.upperBound),
                CardNumber.isCard(digits: part.flatMap { bytes[$0.range] }[...])
            else { continue }
            return start..<last.range.upperBound
        }
        return nil
    }

    /// `AAA-GG-SSSS` with numbers that are given out.
    var socialSecurity: Range<Int>? {
        guard TextScan.isDigit(bytes[start]), groups.count >= 3,
            groups.prefix(3).map(\.range.count) == [3, 2, 4]
        else { return nil }
        let joints = separators(3)
        let end = groups[2].range.upperBound
        guard joints == [[0x2D]] || joints == [[0x20]], !isJoined(after: end) else { return nil }
        let parts = groups.prefix(3).map { group in
            bytes[group.range].reduce(0) { $0 * 10 + Int($1 & 0x0F) }
        }
        guard parts[0] != 0, parts[0] != 666, parts[0] < 900, parts[1] != 0, parts[2] != 0 else {
            return nil
        }
        return start..<end
    }

    /// `+49 30 1234567`, `(555) 123-4567`, `555-123-4567`.
    var phone: Range<Int>? {
        if bytes[start] == UInt8(ascii: "+") { return internationalPhone }
        guard groups.count >= 3, groups.prefix(3).map(\.range.count) == [3, 3, 4] else {
            return nil
        }
        let end = groups[2].range.upperBound
        guard !isJoined(after: end) else { return nil }
        let joints = groups.prefix(2).map { Array($0.separator) }
        if bytes[start] == UInt8(ascii: "(") {
            let isClosed = joints[0] == [0x29, 0x20] || joints[0] == [0x29]
            return isClosed && (joints[1] == [0x2D] || joints[1] == [0x20]) ? start..<end : nil
        }
        let isSame = joints[0] == joints[1]
        return isSame && (joints[0] == [0x2D] || joints[0] == [0x2E]) ? start..<end : nil
    }

    private var internationalPhone: Range<Int>? {
        var digits = 0
        var end = start
        for group in groups {
            guard digits + group.range.count <= 15 else { break }
            digits += group.range.count
            end = group.range.upperBound
        }
        guard digits >= 8, !isJoined(after: end) else { return nil }
        return start..<end
    }
}

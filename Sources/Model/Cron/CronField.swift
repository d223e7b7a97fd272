/// One field of a cron expression: which values it takes, and what names stand for them.
struct CronField {
    let name: String
    let values: ClosedRange<Int>
    /// In capitals, the first for the lowest value.
    var names: [String] = []
    /// The value that one beyond the highest stands for: 7 is Sunday as well as 0.
    var wrapped: Int?

    static let second = CronField(name: "second", values: 0...59)
    static let minute = CronField(name: "minute", values: 0...59)
    static let hour = CronField(name: "hour", values: 0...23)
    static let dayOfMonth = CronField(name: "day of the month", values: 1...31)
    static let month = CronField(
        name: "month", values: 1...12,
        names: [
            "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
        ])
    static let dayOfWeek = CronField(
        name: "day of the week", values: 0...6,
        names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], wrapped: 7)

    /// A piece of the expression's text and where it stands.
    struct Text {
        /// In capitals.
        let characters: [UInt8]
        /// Of its first character in the expression, from 1.
        let position: Int

        var text: String { String(decoding: characters, as: UTF8.self) }

        /// The parts between separators, with their places; empty ones too.
        func split(_ separator: Character) -> [Text] {
            var parts: [Text] = []
            var start = 0
            for (index, byte) in characters.enumerated() where byte == separator.asciiValue {
                parts.append(self[start..<index])
                start = index + 1
            }
            parts.append(self[start..<characters.count])
            return parts
        }

        subscript(range: Range<Int>) -> Text {
            Text(characters: Array(characters[range]), position: position + range.lowerBound)
        }

        func fault(_ message: String) -> CronError { CronError(position: position, message) }
    }

    /// The values of a comma-separated list's one element: `*`, `5`, `1-5`, `*/10`, `1-30/5`, `5/10`.
    func values(_ element: Text, allowsQuestionMark: Bool = false) throws(CronError) -> UInt64 {
        let stepped = element.split("/")
        guard stepped.count <= 2, let range = stepped.first else {
            throw element.fault("\(name): expected one '/' at most, got '\(element.text)'")
        }
        var step = 1
        if stepped.count == 2 {
            let size = values.upperBound - values.lowerBound + 1
            guard let number = Self.number(stepped[1].characters), (1...size).contains(number)
            else {
                throw stepped[1].fault(
                    "\(name): expected a step of 1 to \(size), got '\(stepped[1].text)'")
            }
            step = number
        }
        if range.text == "*" || (range.text == "?" && allowsQuestionMark && stepped.count == 1) {
            return Self.bits(from: values.lowerBound, through: values.upperBound, step: step)
        }
        let ends = range.split("-")
        guard ends.count <= 2, let first = ends.first else {
            throw range.fault("\(name): expected one '-' at most, got '\(range.text)'")
        }
        let low = try value(first)
        guard ends.count == 2 else {
            let high = stepped.count == 2 ? values.upperBound : low
            return wrap(Self.bits(from: low, through: max(low, high), step: step))
        }
        let high = try value(ends[1])
        guard low <= high else {
            throw range.fault(
                "\(name): expected a range that grows, got '\(range.text)'; a list such as "
                    + "'\(first.text)-\(values.upperBound),\(values.lowerBound)-\(ends[1].text)' "
                    + "goes round")
        }
        return wrap(Self.bits(from: low, through: high, step: step))
    }

    /// One value, as a number or a name.
    func value(_ text: Text) throws(CronError) -> Int {
        if let index = names.firstIndex(of: text.text) { return values.lowerBound + index }
        let high = wrapped ?? values.upperBound
        guard let number = Self.number(text.characters), (values.lowerBound...high).contains(number)
        else {
            let named = names.isEmpty ? "" : " or \(names.first ?? "")-\(names.last ?? "")"
            throw text.fault(
                "\(name): expected \(values.lowerBound)-\(high)\(named), got '\(text.text)'")
        }
        return number
    }

    private func wrap(_ bits: UInt64) -> UInt64 {
        guard let wrapped, bits >> UInt64(wrapped) & 1 == 1 else { return bits }
        return bits & ~(1 << UInt64(wrapped)) | 1 << UInt64(values.lowerBound)
    }

    private static func bits(from low: Int, through high: Int, step: Int) -> UInt64 {
        stride(from: low, through: high, by: step).reduce(0) { $0 | 1 << UInt64($1) }
    }

    /// At most three digits and nothing else.
    static func number(_ characters: some Collection<UInt8>) -> Int? {
        guard (1...3).contains(characters.count),
            characters.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return characters.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}

/// The text form of spans, as proto3 JSON has it.
extension ProtobufDuration {
    /// For example `1.500s`: with no, three, six or nine digits. A span that is not valid is shown as
    /// the nearest end of each part's range.
    public var text: String {
        let seconds = min(max(self.seconds, -Self.longestSeconds), Self.longestSeconds)
        let nanos = min(max(self.nanos, -999_999_999), 999_999_999)
        let sign = seconds < 0 || nanos < 0 ? "-" : ""
        return "\(sign)\(seconds.magnitude)\(fractionText(nanos: abs(nanos)))s"
    }

    /// A span from its text; nil for anything else, and beyond 10,000 years.
    public init?(text: String) {
        var scanner = TextScanner(text)
        let isNegative = scanner.take("-")
        guard let seconds = scanner.number(digits: nil), let nanos = scanner.fraction(),
            scanner.take("s"), scanner.isAtEnd
        else { return nil }
        self.init(seconds: isNegative ? -seconds : seconds, nanos: isNegative ? -nanos : nanos)
        guard isValid else { return nil }
    }
}

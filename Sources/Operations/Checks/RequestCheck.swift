internal import JSON
internal import Messages
internal import ProtobufRuntime

/// Collects everything that is wrong with a request, so that a caller learns it all at once.
struct RequestCheck {
    private(set) var violations: [OperationError.Violation] = []

    /// Notes a fault of `field`.
    mutating func fault(_ field: String, _ description: String) {
        violations.append(.init(field: field, description: description))
    }

    /// A text of at most `bytesMax` bytes; with `isNeeded`, of at least one.
    mutating func text(_ field: String, _ value: String, bytesMax: Int, isNeeded: Bool = false) {
        let count = value.utf8.count
        if count > bytesMax {
            fault(field, "expected at most \(bytesMax) bytes, got \(count)")
        } else if isNeeded, count == 0 {
            fault(field, "expected a value, got none")
        }
    }

    /// A name that an author chose: 1 to `bytesMax` of `A-Z a-z 0-9 _ - .`.
    mutating func name(_ field: String, _ value: String, bytesMax: Int) {
        text(field, value, bytesMax: bytesMax, isNeeded: true)
        let isPlain = value.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
        if !isPlain {
            fault(
                field,
                "expected only A-Z a-z 0-9 _ - . in a name, got '\(OperationError.shown(value))'")
        }
    }

    /// A JSON document of at most `bytesMax` bytes, or nothing.
    mutating func json(_ field: String, _ value: String, bytesMax: Int) {
        guard !value.isEmpty else { return }
        let count = value.utf8.count
        guard count <= bytesMax else {
            return fault(field, "expected at most \(bytesMax) bytes, got \(count)")
        }
        do throws(JSONError) {
            _ = try JSONText(validating: value)
        } catch {
            fault(field, "expected a JSON document: \(error)")
        }
    }

    /// A number within bounds.
    mutating func range<Number: BinaryInteger>(
        _ field: String, _ value: Number, _ bounds: ClosedRange<Number>
    ) {
        if !bounds.contains(value) {
            fault(
                field, "expected \(bounds.lowerBound) to \(bounds.upperBound), got \(value)")
        }
    }

    /// A page size of 1 to 1,000, or 0 for the usual one.
    mutating func pageSize(_ value: Int32, usual: Int) -> Int {
        guard value != 0 else { return usual }
        range("page_size", value, 1...1_000)
        return Int(value)
    }

    /// A value of an enum that this server knows.
    mutating func known<Value: ProtobufEnum>(_ field: String, _ value: Value) {
        if !Value.allCases.contains(value) {
            fault(field, "expected a known value, got \(value.rawValue)")
        }
    }

    /// An instant protobuf allows, or nothing.
    mutating func instant(_ field: String, _ value: Timestamp?) {
        guard let value, !value.isValid else { return }
        fault(
            field,
            "expected an instant of the years 1 to 9999, got \(value.seconds) s and \(value.nanos) ns"
        )
    }

    /// Ends the check.
    /// - Throws: one error with everything that was found.
    func finish() throws(OperationError) {
        guard let first = violations.first else { return }
        let more = violations.count > 1 ? " (and \(violations.count - 1) more)" : ""
        throw OperationError(
            .invalidArgument, reason: "INVALID_ARGUMENT",
            "\(first.field): \(first.description)\(more)", violations: violations)
    }
}

/// An execution's integer: unique and growing within one store, never used twice.
public struct ExecutionNumber: RawRepresentable, Sendable, Hashable, Comparable,
    CustomStringConvertible
{
    /// At least 1.
    public let rawValue: Int64

    /// The execution with this number.
    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// In decimal.
    public var description: String { String(rawValue) }

    /// Orders by value, which is the order of creation.
    public static func < (left: ExecutionNumber, right: ExecutionNumber) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// How a caller names an execution: every door accepts either form.
public enum ExecutionReference: Sendable, Hashable, CustomStringConvertible {
    case id(ExecutionID)
    case number(ExecutionNumber)

    /// Parses a UUID or a decimal number of at least 1; nil for anything else.
    public init?(_ text: some StringProtocol) {
        if let id = ExecutionID(text) {
            self = .id(id)
        } else if let number = Int64(text), number >= 1, text.first != "+", text.first != "0" {
            self = .number(ExecutionNumber(rawValue: number))
        } else {
            return nil
        }
    }

    /// The form it was given in.
    public var description: String {
        switch self {
        case .id(let id): id.description
        case .number(let number): number.description
        }
    }
}

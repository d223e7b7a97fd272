internal import HTTPTypes

/// The items of a query in the order they came, decoded.
package struct QueryItems: Sendable, Equatable {
    private struct Item: Sendable, Equatable {
        let name: String
        let value: String
    }

    private let items: [Item]

    /// The names that came, in order, each as often as it came.
    package var names: [String] { items.map(\.name) }

    /// Names and values, in order.
    package var pairs: [(name: String, value: String)] { items.map { ($0.name, $0.value) } }

    /// Reads the text after the `?`.
    /// - Throws: `Fault` 400 for broken percent-encoding or a NUL.
    init(_ query: Substring) throws(Fault) {
        var items: [Item] = []
        for part in query.split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(pair[0], plusIsSpace: true),
                let value = pair.count == 1
                    ? "" : PercentEncoding.decode(pair[1], plusIsSpace: true),
                !name.utf8.contains(0), !value.utf8.contains(0)
            else {
                throw Fault(
                    .badRequest, code: "MALFORMED_TARGET",
                    "expected a query of percent-encoded UTF-8 without NUL")
            }
            items.append(Item(name: name, value: value))
        }
        self.items = items
    }

    /// The first value of `name`; nil if it did not come.
    package func first(_ name: String) -> String? {
        items.first { $0.name == name }?.value
    }

    /// Every value of `name`, in order.
    package func all(_ name: String) -> [String] {
        items.filter { $0.name == name }.map(\.value)
    }

    /// A whole number; nil if it did not come.
    /// - Throws: `Fault` 400 for anything else, or one outside `range`.
    package func integer(_ name: String, in range: ClosedRange<Int64>) throws(Fault) -> Int64? {
        guard let text = first(name) else { return nil }
        guard let number = Int64(text), range.contains(number) else {
            throw .invalid(
                name,
                "expected a whole number from \(range.lowerBound) to \(range.upperBound), got "
                    + "'\(text.prefix(64))'")
        }
        return number
    }

    /// `true` or `false`; nil if it did not come.
    /// - Throws: `Fault` 400 for anything else.
    package func bool(_ name: String) throws(Fault) -> Bool? {
        switch first(name) {
        case nil: return nil
        case "true": return true
        case "false": return false
        case let other?:
            throw .invalid(name, "expected true or false, got '\(other.prefix(64))'")
        }
    }
}

/// A call's metadata: an ordered multi-map from lower-case names to text or, for names that end in
/// `-bin`, bytes (grpc/grpc doc/PROTOCOL-HTTP2.md, "Custom-Metadata").
public struct Metadata: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// One name with one of its values.
    public struct Entry: Sendable, Equatable {
        /// Lower case.
        public let name: String
        /// What came with it.
        public let value: Value

        /// Bytes where the name ends in `-bin`, text otherwise.
        public enum Value: Sendable, Equatable {
            case text(String)
            case bytes([UInt8])
        }
    }

    /// All entries, in the order they came.
    public private(set) var entries: [Entry] = []

    /// No entries.
    public init() {}

    /// Text entries; names are made lower case.
    public init(dictionaryLiteral elements: (String, String)...) {
        for (name, text) in elements { add(name, text) }
    }

    /// Whether there are none.
    public var isEmpty: Bool { entries.isEmpty }

    /// The first text value of `name`; nil where there is none or it is binary.
    public subscript(name: String) -> String? {
        for entry in entries where entry.name == name {
            if case .text(let text) = entry.value { return text }
        }
        return nil
    }

    /// Adds a text entry.
    public mutating func add(_ name: String, _ text: String) {
        entries.append(Entry(name: name.lowercased(), value: .text(text)))
    }

    /// Adds a binary entry; `name` must end in `-bin`.
    public mutating func add(_ name: String, bytes: [UInt8]) {
        precondition(name.hasSuffix("-bin"), "binary metadata names end in -bin")
        entries.append(Entry(name: name.lowercased(), value: .bytes(bytes)))
    }
}

/// A string that is equal to another only where their bytes are.
///
/// Swift's `String` holds canonically equivalent texts equal; RFC 8259 compares code points.
struct ExactString: Hashable, Sendable {
    var text: String

    init(_ text: String) { self.text = text }

    static func == (left: Self, right: Self) -> Bool { areSame(left.text, right.text) }

    func hash(into hasher: inout Hasher) {
        Self.hash(text, into: &hasher)
    }

    static func areSame(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8)
    }

    static func hash(_ text: String, into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
        hasher.combine(0xFF as UInt8)
    }
}

/// What one page has room for: so many rows and so many bytes, and one row whatever its size. A value;
/// who reads a store asks it before reading more.
package struct PageRoom: Sendable {
    /// What a row takes beside what is measured, in bytes.
    private static let rowBytes = 256

    private var rows: Int
    private var bytes: Int
    private var isEmpty = true

    package init(rows: Int = .max, bytes: Int) {
        self.rows = rows
        self.bytes = bytes
    }

    /// Takes the next row.
    /// - Parameter size: of what is not small in it, in bytes.
    /// - Returns: false where it does not fit: it begins the next page.
    package mutating func take(_ size: Int) -> Bool {
        let rest = bytes - size - Self.rowBytes
        guard rows > 0, rest >= 0 || isEmpty else { return false }
        rows -= 1
        bytes = rest
        isEmpty = false
        return true
    }
}

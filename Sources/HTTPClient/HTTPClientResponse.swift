/// An answer, read whole.
package struct HTTPClientResponse: Sendable {
    package var status: Int
    /// In the order they came, with the names as they were written.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
}

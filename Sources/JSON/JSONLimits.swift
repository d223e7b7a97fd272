/// The bounds a JSON text is read under. A text past one of them is refused with a ``JSONError``.
package struct JSONLimits: Sendable, Equatable {
    /// The longest text, in bytes.
    package var bytesMax: Int
    /// The deepest nesting of arrays and objects; `[]` has depth 1.
    package var depthMax: Int

    /// The longest number, in bytes of its text.
    package static let numberBytesMax = 1_024
    /// The greatest magnitude of a number's exponent as it is written.
    package static let exponentMax = 99_999

    /// 16 MiB and 128 levels.
    package static let standard = JSONLimits()

    /// Limits of `bytesMax` bytes and `depthMax` levels.
    ///
    /// The scanner recurses once a level, so `depthMax` is held to 128 whatever is asked for.
    package init(bytesMax: Int = 16 << 20, depthMax: Int = 128) {
        self.bytesMax = bytesMax
        self.depthMax = min(depthMax, 128)
    }
}

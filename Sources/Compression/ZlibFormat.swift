/// How deflated bytes are wrapped.
package enum ZlibFormat: Sendable, Equatable, CaseIterable {
    /// RFC 1952; decompressing takes any number of members, one after the other.
    case gzip
    /// RFC 1950, which HTTP calls `deflate`.
    case zlib

    /// The `windowBits` of zlib: a window of 32 KiB, and 16 more for the gzip wrapper.
    var windowBits: Int32 { self == .gzip ? 15 + 16 : 15 }
}

/// How messages of one direction of a call are compressed.
package enum GRPCEncoding: Sendable, Equatable {
    case identity
    case gzip
    /// One we do not have, by its name.
    case unknown(String)

    /// What the server names in `grpc-accept-encoding`.
    package static let accepted = "identity,gzip"

    /// The encoding that `grpc-encoding` names.
    package init(name: some Collection<UInt8>) {
        switch true {
        case name.elementsEqual("identity".utf8): self = .identity
        case name.elementsEqual("gzip".utf8): self = .gzip
        default: self = .unknown(String(decoding: Array(name), as: UTF8.self))
        }
    }

    /// Whether a `grpc-accept-encoding` value lists gzip.
    package static func listsGzip(_ value: some Collection<UInt8>) -> Bool {
        value.split(separator: UInt8(ascii: ",")).contains { part in
            part.filter { $0 != UInt8(ascii: " ") }.elementsEqual("gzip".utf8)
        }
    }
}

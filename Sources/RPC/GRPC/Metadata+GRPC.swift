extension Metadata {
    /// Adds a header field as gRPC reads it: text, or one or more base64 values where the name
    /// ends in `-bin`. Values that are no base64 are left out; bad text is repaired.
    package mutating func addGRPC(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        let text = unsafe String(decoding: name, as: UTF8.self)
        guard text.hasSuffix("-bin") else {
            return add(text, unsafe String(decoding: value, as: UTF8.self))
        }
        for bytes in unsafe GRPCBinaryValue.decodeAll(value) {
            if let bytes { add(text, bytes: bytes) }
        }
    }

    /// The header fields that carry these entries. Names that the protocol keeps for itself, and
    /// what HTTP/2 does not let into a field, are left out.
    package var grpcFields: [GRPCField] {
        entries.compactMap { entry in
            guard Self.isSendable(name: entry.name) else { return nil }
            switch entry.value {
            case .bytes(let bytes):
                return GRPCField(entry.name, GRPCBinaryValue.encode(bytes))
            case .text(let text):
                let value = Array(text.utf8)
                guard value.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
                return GRPCField(entry.name, value)
            }
        }
    }

    private static func isSendable(name: String) -> Bool {
        let isToken = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        return isToken && !name.isEmpty && !name.hasPrefix("grpc-") && name != "content-type"
            && name != "connection" && name != "te" && name != "transfer-encoding"
            && name != "upgrade" && name != "keep-alive" && name != "proxy-connection"
    }
}

/// One header field of an answer.
package struct GRPCField: Sendable, Equatable {
    package let name: String
    package let value: [UInt8]

    package init(_ name: String, _ value: [UInt8]) {
        self.name = name
        self.value = value
    }

    package init(_ name: String, _ value: String) {
        self.init(name, Array(value.utf8))
    }
}

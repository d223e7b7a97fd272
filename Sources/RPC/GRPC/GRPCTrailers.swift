internal import NIOCore

/// The fields that end an answer (grpc/grpc doc/PROTOCOL-HTTP2.md, "Trailers").
package enum GRPCTrailers {
    /// The trailers of a call that ended with `error`, or well.
    /// - Parameter metadata: sent with them; holds the error's own.
    package static func fields(for error: RPCError?, metadata: Metadata) -> [GRPCField] {
        var fields = [GRPCField("grpc-status", "\((error?.code ?? .ok).rawValue)")]
        if let error {
            if !error.message.isEmpty {
                fields.append(
                    GRPCField("grpc-message", GRPCPercentEncoding.encode(bounded(error.message))))
            }
            if !error.details.isEmpty {
                let status = GRPCBinaryValue.encode(
                    Array(ByteBuffer(googleStatus: error).readableBytesView))
                if status.count <= detailBytesMax {
                    fields.append(GRPCField("grpc-status-details-bin", status))
                }
            }
        }
        if !metadata.isEmpty { fields += metadata.grpcFields }
        return fields
    }

    /// Clients refuse header lists over 8 KiB by default, and with them the status.
    private static let messageBytesMax = 2048
    private static let detailBytesMax = 4096

    private static func bounded(_ message: String) -> String {
        guard message.utf8.count > messageBytesMax else { return message }
        var prefix = ""
        for character in message {
            guard prefix.utf8.count + character.utf8.count <= messageBytesMax else { break }
            prefix.append(character)
        }
        return prefix + "…"
    }
}

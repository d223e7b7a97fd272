internal import NIOCore

/// The fields that end an answer (grpc/grpc doc/PROTOCOL-HTTP2.md, "Trailers").
package enum GRPCTrailers {
    /// The trailers of a call that ended with `error`, or well.
    /// - Parameter metadata: sent with them; holds the error's own.
    package static func fields(for error: RPCError?, metadata: Metadata) -> [GRPCField] {
        var fields = [GRPCField("grpc-status", "\((error?.code ?? .ok).rawValue)")]
        if let error {
            let shown = fitting(error)
            if !shown.message.isEmpty {
                fields.append(
                    GRPCField("grpc-message", GRPCPercentEncoding.encode(shown.message)))
            }
            if !shown.details.isEmpty {
                fields.append(
                    GRPCField(
                        "grpc-status-details-bin",
                        GRPCBinaryValue.encode(
                            Array(ByteBuffer(googleStatus: shown).readableBytesView))))
            }
        }
        if !metadata.isEmpty { fields += metadata.grpcFields }
        return fields
    }

    /// The same error as far as clients take it: they refuse header lists over 8 KiB by default, and with
    /// them the status. The two copies of the code and message must be equal, or clients discard the details.
    private static func fitting(_ error: RPCError) -> RPCError {
        var shown = error
        shown.message = bounded(error.message)
        shown.details = []
        var byteCount = ByteBuffer(googleStatus: shown).readableBytes
        for detail in error.details {
            var only = RPCError(error.code, "")
            only.details = [detail]
            let count = ByteBuffer(googleStatus: only).readableBytes
            // What does not fit leaves room for what comes after it.
            guard byteCount + count <= statusBytesMax else { continue }
            byteCount += count
            shown.details.append(detail)
        }
        return shown
    }

    /// The longest `grpc-message`, in bytes as it is sent.
    private static let messageBytesMax = 1_024
    /// The longest status in `grpc-status-details-bin`, in bytes before base64, which makes 5,120 of them.
    private static let statusBytesMax = 3_840

    private static func bounded(_ message: String) -> String {
        func sentByteCount(_ text: some StringProtocol) -> Int {
            text.utf8.reduce(0) { $0 + GRPCPercentEncoding.encodedByteCount($1) }
        }
        guard sentByteCount(message) > messageBytesMax else { return message }
        var prefix = ""
        // The dots are three bytes, nine as they are sent.
        var room = messageBytesMax - 9
        for character in message {
            room -= sentByteCount(String(character))
            guard room >= 0 else { break }
            prefix.append(character)
        }
        return prefix + "…"
    }
}

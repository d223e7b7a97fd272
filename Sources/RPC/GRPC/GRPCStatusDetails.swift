/// The `google.rpc.Status` in `grpc-status-details-bin`: `code` 1, `message` 2 and `details` 3, each
/// a `google.protobuf.Any` of `type_url` 1 and `value` 2 (googleapis google/rpc/status.proto).
///
/// Code and message equal those of the other trailers.
package enum GRPCStatusDetails {
    /// The serialized status of `error`.
    package static func encode(_ error: RPCError) -> [UInt8] {
        var status: [UInt8] = [0x08]
        appendVarint(UInt64(error.code.rawValue), to: &status)
        appendField(2, Array(error.message.utf8), to: &status)
        for detail in error.details {
            var any: [UInt8] = []
            appendField(1, Array(detail.typeURL.utf8), to: &any)
            appendField(2, detail.value, to: &any)
            appendField(3, any, to: &status)
        }
        return status
    }

    private static func appendField(_ number: UInt8, _ bytes: [UInt8], to output: inout [UInt8]) {
        output.append(number << 3 | 2)
        appendVarint(UInt64(bytes.count), to: &output)
        output += bytes
    }

    private static func appendVarint(_ value: UInt64, to output: inout [UInt8]) {
        var value = value
        while value >= 0x80 {
            output.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        output.append(UInt8(truncatingIfNeeded: value))
    }
}

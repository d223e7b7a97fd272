internal import HTTPTypes

/// What ties the log lines of one request together.
package struct RequestTrace: Sendable, Equatable {
    /// The W3C `traceparent` that came; empty where none or a malformed one did.
    package let traceparent: String
    /// 32 hexadecimal digits: of the `traceparent`, else made here.
    package let traceID: String
    /// The client's `x-request-id` where it is a plain one, else the trace's id.
    package let requestID: String

    /// Reads a request's fields.
    /// - Parameter random: makes a trace id where none came.
    init(_ fields: HTTPFields, random: () -> (UInt64, UInt64)) {
        let given = fields[.traceparent].flatMap(Self.checked)
        traceparent = given ?? ""
        if let given {
            traceID = String(given.dropFirst(3).prefix(32))
        } else {
            let (high, low) = random()
            traceID = Self.hex(high) + Self.hex(low)
        }
        let requested = fields[.requestID] ?? ""
        let isPlain =
            (1...128).contains(requested.utf8.count)
            && requested.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        requestID = isPlain ? requested : traceID
    }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Version, trace, parent and flags in lower-case hexadecimal; ids are not all zero.
    private static func checked(_ value: String) -> String? {
        let parts = value.split(separator: "-", omittingEmptySubsequences: false)
        let isLowerHex = parts.allSatisfy {
            $0.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
        }
        guard value.utf8.count == 55, parts.map(\.utf8.count) == [2, 32, 16, 2], isLowerHex,
            parts[0] != "ff", parts[1].contains(where: { $0 != "0" }),
            parts[2].contains(where: { $0 != "0" })
        else { return nil }
        return value
    }
}

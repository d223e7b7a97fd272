internal import Foundation
internal import HTTPTypes
internal import JSON
internal import Operations

/// Where a list goes on: base64 of `{"lastId", "limit"}`, or of `{"offset", "limit"}`. It is not
/// signed, so that what comes back is looked at like everything else.
struct ExecutionsClientCursor: Equatable {
    var limit: Int64
    /// The number of the last execution of the page before.
    var lastID: Int64?
    /// How many executions to leave out.
    var offset = 0

    private static let bytesMax = 1_024
    private static var invalid: Fault {
        Fault(.badRequest, code: "INVALID_CURSOR", "An invalid cursor was provided")
    }

    init(limit: Int64, lastID: Int64? = nil) {
        self.limit = limit
        self.lastID = lastID
    }

    /// Reads a cursor.
    /// - Throws: `Fault` 400 for what is none.
    init(_ text: String) throws(Fault) {
        limit = ExecutionsClientParameters.limitUsual
        guard text.utf8.count <= Self.bytesMax, let bytes = Self.decode(text),
            let value = try? JSONValue(parsing: bytes)
        else { throw Self.invalid }
        switch value {
        case .array(let elements) where elements.isEmpty: return
        case .object(let object): try read(object)
        default: throw Self.invalid
        }
    }

    private mutating func read(_ object: JSONObject) throws(Fault) {
        if let asked = object["limit"].flatMap(Self.integer) {
            limit = min(max(asked, 1), ExecutionsClientParameters.limitMax)
        }
        if let last = object["lastId"] {
            guard let number = Self.integer(last), number >= 1 else { throw Self.invalid }
            lastID = number
        } else if let skipped = object["offset"] {
            guard let count = Self.integer(skipped), count >= 0 else { throw Self.invalid }
            guard count <= Int64(ExecutionListPart.skipMax) else {
                throw Fault(
                    .badRequest, code: "PAGE_TOO_DEEP",
                    "An invalid cursor was provided: expected an offset of at most "
                        + "\(ExecutionListPart.skipMax), got \(count)")
            }
            offset = Int(count)
        }
    }

    /// A whole number, also as a text.
    private static func integer(_ value: JSONValue) -> Int64? {
        value.numberValue?.int64Value ?? value.stringValue.flatMap { Int64($0) }
    }

    /// Base64, of either alphabet, with or without padding.
    private static func decode(_ text: String) -> [UInt8]? {
        var plain = text.replacing("-", with: "+").replacing("_", with: "/")
        while plain.hasSuffix("=") { plain.removeLast() }
        let padding = String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        return Data(base64Encoded: plain + padding).map(Array.init)
    }

    /// As a client gets it.
    var text: String {
        var object: JSONObject = ["limit": .number(JSONNumber(limit))]
        if let lastID { object["lastId"] = .string("\(lastID)") }
        return Data(JSONValue.object(object).text.utf8).base64EncodedString()
    }
}

internal import HTTPTypes
internal import JSON
internal import Operations

/// Which numbered page of a list is asked for.
struct TeamsPage {
    private static let sizeUsual: Int64 = 20
    private static let sizeMax: Int64 = 200

    /// From 0.
    let number: Int64
    let size: Int64

    /// - Throws: `Fault` 400 for a negative page, or a size below 1; a size above 200 means 200.
    init(_ query: QueryItems) throws(Fault) {
        number = try query.integer("page", in: 0...Int64(Int32.max)) ?? 0
        size = min(
            try query.integer("size", in: 1...Int64.max) ?? Self.sizeUsual, Self.sizeMax)
    }

    /// How many executions come before it.
    /// - Throws: `Fault` 400 where that is more than a numbered page may have before it.
    func skip(total: Int64) throws(Fault) -> Int? {
        let skip = number * size
        guard skip < total else { return nil }
        guard skip <= Int64(ExecutionListPart.skipMax) else {
            throw Fault(
                .badRequest, code: "PAGE_TOO_DEEP",
                "page: expected a page that begins within the first \(ExecutionListPart.skipMax) "
                    + "executions, got one after \(skip); narrow the list with from and to")
        }
        return Int(skip)
    }

    /// Writes the page around its content.
    func write(
        total: Int64, count: Int, to json: inout JSONWriter, _ content: (inout JSONWriter) -> Void
    ) {
        let pages = (total + size - 1) / size
        json.object { json in
            json.key("content")
            content(&json)
            json.member("totalElements", total)
            json.member("totalPages", pages)
            json.member("number", number)
            json.member("size", size)
            json.member("numberOfElements", count)
            json.member("first", number == 0)
            json.member("last", number + 1 >= pages)
            json.member("empty", count == 0)
        }
    }
}

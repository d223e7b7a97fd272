internal import GRDB
internal import Store

/// Puts large values back into journal rows.
struct PayloadReader {
    private let database: Database

    init(_ database: Database) {
        self.database = database
    }

    /// The whole batch of a row.
    func batch(_ rest: [UInt8], _ parts: JournalParts) throws -> [UInt8] {
        let select = try SQLStatement(
            database, "SELECT size, compressed, bytes FROM payloads WHERE payload_id = ?")
        let values = try parts.parts.map { part in
            select.bind(1, part.payloadID)
            guard try select.step() else { throw Self.corrupt(part) }
            defer { select.reset() }
            guard
                let value = CutBatch.value(
                    select.blob(2), isCompressed: select.integer(1) != 0,
                    count: Int(select.integer(0)))
            else { throw Self.corrupt(part) }
            return (offset: Int(part.offset), value: value)
        }
        guard let batch = CutBatch.joined(rest, values) else {
            throw StoreError(.corrupt, "the parts of a journal row do not fit into it")
        }
        return batch
    }

    private static func corrupt(_ part: JournalParts.Part) -> StoreError {
        StoreError(.corrupt, "the payload \(part.payloadID) is missing or cannot be read")
    }
}

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
        let values = try parts.parts.map { (offset: Int($0.offset), value: try value($0)) }
        guard let batch = CutBatch.joined(rest, values) else { throw Self.unfitting }
        return batch
    }

    /// The batch of a row with its large payloads left empty, which are not read.
    func outline(_ rest: [UInt8], _ parts: JournalParts) throws -> [UInt8] {
        let batch = try CutBatch.outline(rest, offsets: parts.parts.map { Int($0.offset) }) {
            try value(parts.parts[$0])
        }
        guard let batch else { throw Self.unfitting }
        return batch
    }

    private func value(_ part: JournalParts.Part) throws -> [UInt8] {
        let select = try SQLStatement(
            database, "SELECT size, compressed, bytes FROM payloads WHERE payload_id = ?")
        select.bind(1, part.payloadID)
        guard try select.step() else { throw Self.corrupt(part) }
        defer { select.reset() }
        guard
            let value = CutBatch.value(
                select.blob(2), isCompressed: select.integer(1) != 0,
                count: Int(select.integer(0)))
        else { throw Self.corrupt(part) }
        return value
    }

    private static var unfitting: StoreError {
        StoreError(.corrupt, "the parts of a journal row do not fit into it")
    }

    private static func corrupt(_ part: JournalParts.Part) -> StoreError {
        StoreError(.corrupt, "the payload \(part.payloadID) is missing or cannot be read")
    }
}

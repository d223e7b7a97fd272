internal import Model
internal import Store

/// Large values that several journals may share.
extension CommitWriter {
    /// Keeps the values, or counts one more use of those that are there.
    func keep(_ parts: [CutBatch.Part]) throws -> JournalParts {
        var kept = JournalParts()
        for part in parts {
            kept.parts.append(
                JournalParts.Part(offset: Int64(part.offset), payloadID: try keep(part)))
        }
        return kept
    }

    private func keep(_ part: CutBatch.Part) throws -> Int64 {
        let select = try statement("SELECT payload_id FROM payloads WHERE hash = ?")
        select.bind(1, part.hash)
        if try select.step() {
            let id = select.integer(0)
            select.reset()
            let update = try statement("UPDATE payloads SET uses = uses + 1 WHERE payload_id = ?")
            update.bind(1, id)
            try change(update)
            return id
        }
        let insert = try statement(
            """
            INSERT INTO payloads (hash, uses, size, compressed, bytes) VALUES (?, 1, ?, ?, ?)
            """)
        insert.bind(1, part.hash)
        insert.bind(2, Int64(part.count))
        insert.bind(3, part.isCompressed ? 1 : 0)
        insert.bind(4, part.bytes)
        try change(insert)
        return lastInsertedID
    }

    /// The execution's journal is about to be erased: values that nothing else holds go with it.
    func releasePayloads(of number: ExecutionNumber) throws {
        let select = try statement(
            "SELECT parts FROM journal WHERE position BETWEEN ? AND ? AND parts IS NOT NULL")
        select.bind(1, JournalPosition.first(number).rawValue)
        select.bind(2, JournalPosition.last(number).rawValue)
        var uses: [Int64: Int64] = [:]
        while try select.step() {
            for part in JournalParts(bytes: select.blob(0)).parts {
                uses[part.payloadID, default: 0] += 1
            }
        }
        for (id, count) in uses {
            let update = try statement("UPDATE payloads SET uses = uses - ? WHERE payload_id = ?")
            update.bind(1, count)
            update.bind(2, id)
            try change(update)
            let delete = try statement("DELETE FROM payloads WHERE payload_id = ? AND uses <= 0")
            delete.bind(1, id)
            try change(delete)
        }
    }
}

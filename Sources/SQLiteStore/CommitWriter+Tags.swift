internal import Messages
internal import Model
internal import Store

/// Changes of tags.
extension CommitWriter {
    func apply(_ change: TagChange) throws {
        switch change {
        case .create(let tag, let workspaceID, let limit):
            try createTag(tag, workspaceID: workspaceID, limit: limit)
        case .rename(let tagID, let workspaceID, let name, let instant):
            try renameTag(tagID, workspaceID: workspaceID, name: name, at: instant)
        case .shrink(let tagID, let workspaceID, let limit):
            try shrinkTag(tagID, workspaceID: workspaceID, limit: limit)
        case .delete(let tagID, let workspaceID):
            try deleteTag(tagID, workspaceID: workspaceID)
        case .set(let number, let workspaceID, let add, let remove, let replacing, let limit):
            try setTags(
                number, workspaceID: workspaceID, add: add, remove: remove, replacing: replacing,
                limit: limit)
        }
    }

    /// Whether another tag than `tagID` has one of these as its id or name.
    private func isTaken(_ names: [String], workspaceID: String, except tagID: String) throws
        -> Bool
    {
        for name in names {
            let other = try statement(
                """
                SELECT 1 FROM tags WHERE workspace_id = ?1 AND tag_id <> ?3 \
                AND (tag_id = ?2 OR name = ?2) LIMIT 1
                """)
            other.bind(1, workspaceID)
            other.bind(2, name)
            other.bind(3, tagID)
            if try other.step() {
                other.reset()
                return true
            }
        }
        return false
    }

    private func createTag(_ tag: Tag, workspaceID: String, limit: Int) throws {
        guard try !isTaken([tag.id, tag.name], workspaceID: workspaceID, except: "") else {
            throw CommitOutcome.Refusal.nameInUse
        }
        let count = try statement("SELECT count(*) FROM tags WHERE workspace_id = ?")
        count.bind(1, workspaceID)
        defer { count.reset() }
        if try count.step(), count.integer(0) >= Int64(limit) {
            throw CommitOutcome.Refusal.tooMany
        }
        count.reset()
        let insert = try statement("INSERT INTO tags VALUES (?, ?, ?, ?, ?, 0)")
        insert.bind(1, workspaceID)
        insert.bind(2, tag.id)
        insert.bind(3, tag.name)
        insert.bind(4, tag.createTime?.microseconds ?? 0)
        insert.bind(5, tag.updateTime?.microseconds ?? 0)
        try change(insert)
    }

    private func renameTag(_ tagID: String, workspaceID: String, name: String, at instant: WallTime)
        throws
    {
        guard try !isTaken([name], workspaceID: workspaceID, except: tagID) else {
            throw CommitOutcome.Refusal.nameInUse
        }
        let update = try statement(
            "UPDATE tags SET name = ?, updated_at = ? WHERE workspace_id = ? AND tag_id = ?")
        update.bind(1, name)
        update.bind(2, instant.microseconds)
        update.bind(3, workspaceID)
        update.bind(4, tagID)
        guard try change(update) == 1 else { throw CommitOutcome.Refusal.notFound }
    }

    private func shrinkTag(_ tagID: String, workspaceID: String, limit: Int) throws {
        let delete = try statement(
            """
            DELETE FROM execution_tags WHERE workspace_id = ?1 AND tag_id = ?2 \
            AND (created_at, number) IN (SELECT created_at, number FROM execution_tags \
            WHERE workspace_id = ?1 AND tag_id = ?2 ORDER BY created_at, number LIMIT ?3)
            """)
        delete.bind(1, workspaceID)
        delete.bind(2, tagID)
        delete.bind(3, Int64(limit))
        try count(tagID, workspaceID: workspaceID, -Int64(try change(delete)))
    }

    private func deleteTag(_ tagID: String, workspaceID: String) throws {
        for (index, table) in ["tags", "execution_tags"].enumerated() {
            let delete = try statement(
                "DELETE FROM \(table) WHERE workspace_id = ? AND tag_id = ?")
            delete.bind(1, workspaceID)
            delete.bind(2, tagID)
            let count = try change(delete)
            if index == 0, count == 0 { throw CommitOutcome.Refusal.notFound }
        }
    }

    private func count(_ tagID: String, workspaceID: String, _ delta: Int64) throws {
        guard delta != 0 else { return }
        let update = try statement(
            """
            UPDATE tags SET execution_count = execution_count + ? \
            WHERE workspace_id = ? AND tag_id = ?
            """)
        update.bind(1, delta)
        update.bind(2, workspaceID)
        update.bind(3, tagID)
        try change(update)
    }

    // MARK: Of executions

    private func setTags(
        _ number: ExecutionNumber, workspaceID: String, add: [String], remove: [String],
        replacing: Bool, limit: Int
    ) throws {
        let execution = try statement(
            "SELECT created_at FROM executions WHERE number = ? AND workspace_id = ?")
        execution.bind(1, number.rawValue)
        execution.bind(2, workspaceID)
        guard try execution.step() else { throw CommitOutcome.Refusal.notFound }
        let createdAt = execution.integer(0)
        execution.reset()
        var tags = Set(try tagIDs(of: number))
        let before = tags
        if replacing { tags = [] }
        tags.subtract(remove)
        tags.formUnion(add)
        guard tags.count <= limit else { throw CommitOutcome.Refusal.tooMany }
        for tagID in tags.subtracting(before).sorted() {
            let existing = try statement(
                "SELECT 1 FROM tags WHERE workspace_id = ? AND tag_id = ?")
            existing.bind(1, workspaceID)
            existing.bind(2, tagID)
            guard try existing.step() else { throw CommitOutcome.Refusal.notFound }
            existing.reset()
            let insert = try statement("INSERT INTO execution_tags VALUES (?, ?, ?, ?)")
            insert.bind(1, workspaceID)
            insert.bind(2, tagID)
            insert.bind(3, createdAt)
            insert.bind(4, number.rawValue)
            try change(insert)
            try count(tagID, workspaceID: workspaceID, 1)
        }
        for tagID in before.subtracting(tags).sorted() {
            let delete = try statement(
                "DELETE FROM execution_tags WHERE number = ? AND tag_id = ?")
            delete.bind(1, number.rawValue)
            delete.bind(2, tagID)
            try change(delete)
            try count(tagID, workspaceID: workspaceID, -1)
        }
    }

    private func tagIDs(of number: ExecutionNumber) throws -> [String] {
        let select = try statement("SELECT tag_id FROM execution_tags WHERE number = ?")
        select.bind(1, number.rawValue)
        var ids: [String] = []
        while try select.step() { ids.append(select.text(0)) }
        return ids
    }

    /// Takes all tags from an execution that is erased.
    func untag(_ number: ExecutionNumber) throws {
        let update = try statement(
            """
            UPDATE tags SET execution_count = execution_count - 1 \
            WHERE (workspace_id, tag_id) IN \
            (SELECT workspace_id, tag_id FROM execution_tags WHERE number = ?)
            """)
        update.bind(1, number.rawValue)
        guard try change(update) > 0 else { return }
        let delete = try statement("DELETE FROM execution_tags WHERE number = ?")
        delete.bind(1, number.rawValue)
        try change(delete)
    }
}

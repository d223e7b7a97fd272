internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// Changes of events.
extension CommitWriter {
    func apply(_ change: EventChange) throws {
        switch change {
        case .publish(let row, let keptMax, let deliveriesMax):
            try publish(row, keptMax: keptMax, deliveriesMax: deliveriesMax)
        case .enlist(let wait, let since): try enlist(wait, since: since)
        case .withdraw(let number, let interruptID): try withdraw(number, interruptID)
        case .expire(let before, let limit): try expireEvents(before, limit)
        }
    }

    private func publish(_ row: EventRow, keptMax: Int, deliveriesMax: Int) throws {
        let known = try statement("SELECT 1 FROM events WHERE workspace_id = ? AND event_id = ?")
        known.bind(1, row.workspaceID)
        known.bind(2, row.eventID)
        defer { known.reset() }
        if try known.step() { throw CommitOutcome.Refusal.nameInUse }
        let waits = try waits(for: row, limit: deliveriesMax + 1)
        guard waits.count <= deliveriesMax else { throw CommitOutcome.Refusal.tooMany }
        if waits.isEmpty {
            let kept = try statement(
                "SELECT count(*) FROM events WHERE workspace_id = ? AND recipients IS NULL")
            kept.bind(1, row.workspaceID)
            defer { kept.reset() }
            if try kept.step(), kept.integer(0) >= Int64(keptMax) {
                throw CommitOutcome.Refusal.tooMany
            }
        }
        let insert = try statement(
            """
            INSERT INTO events (workspace_id, name, key, event_id, hash, data_json, published_at, \
            published_by, recipients) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        insert.bind(1, row.workspaceID)
        insert.bind(2, row.name)
        insert.bind(3, row.key)
        insert.bind(4, row.eventID)
        insert.bind(5, row.hash)
        insert.bind(6, waits.isEmpty ? row.dataJSON : "")
        insert.bind(7, row.publishedAt.microseconds)
        insert.bind(8, row.publishedBy)
        let numbers = waits.map { String($0.number.rawValue) }.joined(separator: ",")
        insert.bind(9, waits.isEmpty ? nil : numbers)
        try self.change(insert)
        for wait in waits {
            try insertInbox(
                Self.message(wait, dataJSON: row.dataJSON, publishedBy: row.publishedBy))
        }
        guard !waits.isEmpty else { return }
        let delete = try statement(
            "DELETE FROM event_waits WHERE workspace_id = ? AND name = ? AND key = ?")
        delete.bind(1, row.workspaceID)
        delete.bind(2, row.name)
        delete.bind(3, row.key)
        try self.change(delete)
    }

    private func waits(for row: EventRow, limit: Int) throws -> [EventWait] {
        let select = try statement(
            """
            SELECT number, interrupt_id, node_path FROM event_waits \
            WHERE workspace_id = ? AND name = ? AND key = ? LIMIT ?
            """)
        select.bind(1, row.workspaceID)
        select.bind(2, row.name)
        select.bind(3, row.key)
        select.bind(4, Int64(limit))
        defer { select.reset() }
        var waits: [EventWait] = []
        while try select.step() {
            waits.append(
                EventWait(
                    workspaceID: row.workspaceID, name: row.name, key: row.key,
                    number: ExecutionNumber(rawValue: select.integer(0)),
                    interruptID: select.text(1), nodePath: select.text(2)))
        }
        return waits
    }

    private static func message(_ wait: EventWait, dataJSON: String, publishedBy: String)
        -> InboxRow
    {
        let message = InboxMessage(
            kind: .eventDelivered(
                EventDelivered(
                    interruptID: wait.interruptID, nodePath: wait.nodePath, dataJSON: dataJSON,
                    publishedBy: publishedBy)))
        return InboxRow(
            recipient: wait.number,
            body: unsafe message.withProtobufBytes { unsafe [UInt8]($0) })
    }

    private func enlist(_ wait: EventWait, since: WallTime) throws {
        let select = try statement(
            """
            SELECT event_number, data_json, published_by FROM events WHERE workspace_id = ? \
            AND name = ? AND key = ? AND recipients IS NULL AND published_at >= ? \
            ORDER BY event_number LIMIT 1
            """)
        select.bind(1, wait.workspaceID)
        select.bind(2, wait.name)
        select.bind(3, wait.key)
        select.bind(4, since.microseconds)
        defer { select.reset() }
        guard try select.step() else {
            let insert = try statement(
                "INSERT OR IGNORE INTO event_waits VALUES (?, ?, ?, ?, ?, ?)")
            insert.bind(1, wait.workspaceID)
            insert.bind(2, wait.name)
            insert.bind(3, wait.key)
            insert.bind(4, wait.number.rawValue)
            insert.bind(5, wait.interruptID)
            insert.bind(6, wait.nodePath)
            try self.change(insert)
            return
        }
        let message = Self.message(
            wait, dataJSON: select.text(1), publishedBy: select.text(2))
        let take = try statement(
            "UPDATE events SET recipients = ?, data_json = '' WHERE event_number = ?")
        take.bind(1, String(wait.number.rawValue))
        take.bind(2, select.integer(0))
        try self.change(take)
        try insertInbox(message)
    }

    private func withdraw(_ number: ExecutionNumber, _ interruptID: String) throws {
        let delete = try statement("DELETE FROM event_waits WHERE number = ? AND interrupt_id = ?")
        delete.bind(1, number.rawValue)
        delete.bind(2, interruptID)
        try self.change(delete)
    }

    private func expireEvents(_ before: WallTime, _ limit: Int) throws {
        let delete = try statement(
            """
            DELETE FROM events WHERE event_number IN \
            (SELECT event_number FROM events WHERE published_at < ? LIMIT ?)
            """)
        delete.bind(1, before.microseconds)
        delete.bind(2, Int64(limit))
        if try self.change(delete) > 0 { erasedSomething() }
    }
}

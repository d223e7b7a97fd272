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
        case .giveBack(let event, let number, let dataJSON):
            try giveBack(event, from: number, dataJSON: dataJSON)
        case .expire(let before, let limit): try expireEvents(before, limit)
        }
    }

    private func publish(_ row: EventRow, keptMax: Int, deliveriesMax: Int) throws {
        let known = try statement("SELECT 1 FROM events WHERE workspace_id = ? AND event_id = ?")
        known.bind(1, row.workspaceID)
        known.bind(2, row.eventID)
        defer { known.reset() }
        if try known.step() { throw CommitOutcome.Refusal.nameInUse }
        let waits = try waits(
            for: (row.workspaceID, row.name, row.key), limit: deliveriesMax + 1)
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
            published_by, recipients) VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)
            """)
        insert.bind(1, row.workspaceID)
        insert.bind(2, row.name)
        insert.bind(3, row.key)
        insert.bind(4, row.eventID)
        insert.bind(5, row.hash)
        insert.bind(6, waits.isEmpty ? row.dataJSON : "")
        insert.bind(7, row.publishedAt.microseconds)
        insert.bind(8, row.publishedBy)
        try self.change(insert)
        guard !waits.isEmpty else { return }
        var stored = row
        stored.number = lastInsertedID
        try give(stored, to: waits)
    }

    /// Sends the event to nodes that wait for it, which wait no longer.
    private func give(_ event: EventRow, to waits: [EventWait]) throws {
        let take = try statement(
            "UPDATE events SET recipients = ?, data_json = '' WHERE event_number = ?")
        take.bind(1, waits.map { String($0.number.rawValue) }.joined(separator: ","))
        take.bind(2, event.number)
        try self.change(take)
        for wait in waits {
            try insertInbox(Self.message(wait, event))
            try withdraw(wait.number, wait.interruptID)
        }
    }

    private func giveBack(_ eventNumber: Int64, from number: ExecutionNumber, dataJSON: String)
        throws
    {
        let select = try statement(
            """
            SELECT workspace_id, name, key, event_id, published_at, published_by, recipients \
            FROM events WHERE event_number = ? AND recipients IS NOT NULL
            """)
        select.bind(1, eventNumber)
        defer { select.reset() }
        // It may be too old to be kept at all.
        guard try select.step() else { return }
        var event = EventRow(
            workspaceID: select.text(0), name: select.text(1), key: select.text(2),
            eventID: select.text(3), hash: [], dataJSON: dataJSON,
            publishedAt: WallTime(microseconds: select.integer(4)), publishedBy: select.text(5))
        event.number = eventNumber
        var recipients = select.text(6).split(separator: ",")
        if let index = recipients.firstIndex(of: "\(number)") { recipients.remove(at: index) }
        let waits =
            recipients.isEmpty
            ? try waits(for: (event.workspaceID, event.name, event.key), limit: .max) : []
        if !waits.isEmpty { return try give(event, to: waits) }
        let update = try statement(
            "UPDATE events SET recipients = ?, data_json = ? WHERE event_number = ?")
        update.bind(1, recipients.isEmpty ? nil : recipients.joined(separator: ","))
        update.bind(2, recipients.isEmpty ? dataJSON : "")
        update.bind(3, eventNumber)
        try self.change(update)
    }

    private func waits(for name: (workspaceID: String, name: String, key: String), limit: Int)
        throws -> [EventWait]
    {
        let select = try statement(
            """
            SELECT number, interrupt_id, node_path FROM event_waits \
            WHERE workspace_id = ? AND name = ? AND key = ? LIMIT ?
            """)
        select.bind(1, name.workspaceID)
        select.bind(2, name.name)
        select.bind(3, name.key)
        select.bind(4, Int64(limit))
        defer { select.reset() }
        var waits: [EventWait] = []
        while try select.step() {
            waits.append(
                EventWait(
                    workspaceID: name.workspaceID, name: name.name, key: name.key,
                    number: ExecutionNumber(rawValue: select.integer(0)),
                    interruptID: select.text(1), nodePath: select.text(2)))
        }
        return waits
    }

    private static func message(_ wait: EventWait, _ event: EventRow) -> InboxRow {
        let message = InboxMessage(
            kind: .eventDelivered(
                EventDelivered(
                    interruptID: wait.interruptID, nodePath: wait.nodePath,
                    dataJSON: event.dataJSON, publishedBy: event.publishedBy,
                    eventNumber: event.number,
                    publishTime: Timestamp(microseconds: event.publishedAt.microseconds))))
        return InboxRow(
            recipient: wait.number,
            body: unsafe message.withProtobufBytes { unsafe [UInt8]($0) })
    }

    private func enlist(_ wait: EventWait, since: WallTime) throws {
        let select = try statement(
            """
            SELECT event_number, data_json, published_by, published_at FROM events \
            WHERE workspace_id = ? AND name = ? AND key = ? AND recipients IS NULL \
            AND published_at >= ? ORDER BY event_number LIMIT 1
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
        var event = EventRow(
            workspaceID: wait.workspaceID, name: wait.name, key: wait.key, eventID: "", hash: [],
            dataJSON: select.text(1), publishedAt: WallTime(microseconds: select.integer(3)),
            publishedBy: select.text(2))
        event.number = select.integer(0)
        try give(event, to: [wait])
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

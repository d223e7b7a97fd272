internal import GRDB
package import Model
package import Store

/// Readings of events.
extension SQLiteStore {
    private static let selected =
        "event_number, workspace_id, name, key, event_id, hash, data_json, published_at, "
        + "published_by, recipients"

    package func event(_ eventID: String, workspaceID: String) async throws(StoreError) -> EventRow?
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                "SELECT \(Self.selected) FROM events WHERE workspace_id = ? AND event_id = ?")
            select.bind(1, workspaceID)
            select.bind(2, eventID)
            return try Self.events(select).first
        }
    }

    package func event(number: Int64) async throws(StoreError) -> EventRow? {
        try await read { database in
            let select = try SQLStatement(
                database, "SELECT \(Self.selected) FROM events WHERE event_number = ?")
            select.bind(1, number)
            return try Self.events(select).first
        }
    }

    package func keptEvents(workspaceID: String, after number: Int64, room: PageRoom)
        async throws(StoreError) -> EventPage
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(Self.selected) FROM events INDEXED BY events_by_kept \
                WHERE workspace_id = ? AND recipients IS NULL AND event_number > ? ORDER BY event_number
                """)
            select.bind(1, workspaceID)
            select.bind(2, number)
            defer { select.reset() }
            var room = room
            var events: [EventRow] = []
            while try select.step() {
                let event = Self.event(select)
                guard room.take(event.dataJSON.utf8.count) else {
                    return EventPage(events: events, hasMore: true)
                }
                events.append(event)
            }
            return EventPage(events: events, hasMore: false)
        }
    }

    private static func events(_ select: SQLStatement) throws -> [EventRow] {
        var rows: [EventRow] = []
        while try select.step() { rows.append(event(select)) }
        return rows
    }

    private static func event(_ select: SQLStatement) -> EventRow {
        var row = EventRow(
            workspaceID: select.text(1), name: select.text(2), key: select.text(3),
            eventID: select.text(4), hash: select.blob(5), dataJSON: select.text(6),
            publishedAt: WallTime(microseconds: select.integer(7)),
            publishedBy: select.text(8))
        row.number = select.integer(0)
        row.recipients = (select.optionalText(9) ?? "").split(separator: ",").compactMap {
            Int64($0).map { ExecutionNumber(rawValue: $0) }
        }
        return row
    }
}

internal import GRDB
internal import Messages
package import Model
package import Store

extension SQLiteStore: WebhookStore {
    package var webhooks: any WebhookStore { self }

    package func webhook(_ id: String) async throws(StoreError) -> WebhookRow? {
        try await read { database in
            let select = try SQLStatement(
                database, "SELECT stored FROM webhooks WHERE webhook_id = ?")
            select.bind(1, id)
            return try Self.webhooks(select).first
        }
    }

    package func webhooks(
        workspaceID: String, podID: String?, workflowID: String?, after id: String?, limit: Int
    ) async throws(StoreError) -> [WebhookRow] {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT stored FROM webhooks WHERE workspace_id = ?1 AND webhook_id > ?2 \
                AND (?3 IS NULL OR pod_id = ?3) AND (?4 IS NULL OR workflow_id = ?4) \
                ORDER BY webhook_id LIMIT ?5
                """)
            select.bind(1, workspaceID)
            select.bind(2, id ?? "")
            select.bind(3, podID)
            select.bind(4, workflowID)
            select.bind(5, Int64(limit))
            return try Self.webhooks(select)
        }
    }

    package func webhooks(notSealedBy keyID: String, limit: Int) async throws(StoreError)
        -> [WebhookRow]
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT stored FROM webhooks WHERE key_id <> ?1 OR previous_key_id <> ?1 LIMIT ?2
                """)
            select.bind(1, keyID)
            select.bind(2, Int64(limit))
            return try Self.webhooks(select)
        }
    }

    package func deliveries(_ webhookID: String, before: Int64?, limit: Int)
        async throws(StoreError) -> [DeliveryRow]
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT number, delivery FROM webhook_deliveries \
                WHERE webhook_id = ? AND number < ? ORDER BY number DESC LIMIT ?
                """)
            select.bind(1, webhookID)
            select.bind(2, before ?? .max)
            select.bind(3, Int64(limit))
            var rows: [DeliveryRow] = []
            while try select.step() {
                rows.append(try WebhookColumns.readDelivery(select, of: webhookID))
            }
            return rows
        }
    }

    package func hasDeliveries(receivedBefore instant: WallTime) async throws(StoreError) -> Bool {
        try await read { database in
            let select = try SQLStatement(
                database, "SELECT 1 FROM webhook_deliveries WHERE received_at < ? LIMIT 1")
            select.bind(1, instant.microseconds)
            defer { select.reset() }
            return try select.step()
        }
    }

    package func delivery(_ webhookID: String, key: String) async throws(StoreError)
        -> DeliveryRow?
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT number, delivery FROM webhook_delivery_keys \
                JOIN webhook_deliveries USING (number) \
                WHERE webhook_delivery_keys.webhook_id = ? AND delivery_key = ?
                """)
            select.bind(1, webhookID)
            select.bind(2, key)
            defer { select.reset() }
            return try select.step()
                ? try WebhookColumns.readDelivery(select, of: webhookID) : nil
        }
    }

    private static func webhooks(_ select: SQLStatement) throws -> [WebhookRow] {
        var rows: [WebhookRow] = []
        while try select.step() { rows.append(try WebhookColumns.read(select)) }
        return rows
    }
}

internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// Changes of webhooks.
extension CommitWriter {
    func apply(_ change: WebhookChange) throws {
        switch change {
        case .insert(let row, let max): try insertWebhook(row, max: max)
        case .replace(let row, let expected): try replaceWebhook(row, expecting: expected)
        case .delete(let id): try deleteWebhook(id)
        case .insertDelivery(let row): try insertDelivery(row)
        case .tidyDeliveries(let id, let keep, let sparing):
            try tidyDeliveries(id, keep: keep, sparing: sparing)
        case .expireDeliveries(let before, let limit): try expireDeliveries(before, limit)
        }
    }

    private func insertWebhook(_ row: WebhookRow, max: Int) throws {
        try checkPod(row.webhook.podID, workspaceID: row.webhook.workspaceID)
        let count = try statement("SELECT count(*) FROM webhooks WHERE workspace_id = ?")
        count.bind(1, row.webhook.workspaceID)
        defer { count.reset() }
        if try count.step(), count.integer(0) >= Int64(max) {
            throw CommitOutcome.Refusal.tooMany
        }
        let insert = try statement(
            """
            INSERT OR IGNORE INTO webhooks (webhook_id, workspace_id, pod_id, workflow_id, key_id, \
            previous_key_id, stored) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """)
        WebhookColumns.bind(row, to: insert)
        guard try change(insert) == 1 else { throw CommitOutcome.Refusal.nameInUse }
    }

    private func replaceWebhook(_ row: WebhookRow, expecting expected: WebhookRow) throws {
        let select = try statement(
            "SELECT stored FROM webhooks WHERE webhook_id = ? AND workspace_id = ?")
        select.bind(1, row.webhook.id)
        select.bind(2, row.webhook.workspaceID)
        defer { select.reset() }
        guard try select.step() else { throw CommitOutcome.Refusal.notFound }
        // Compared as what they say: another release may have encoded the same otherwise.
        guard try WebhookColumns.read(select) == expected else {
            throw CommitOutcome.Refusal.changed
        }
        let update = try statement(
            """
            UPDATE webhooks SET pod_id = ?3, workflow_id = ?4, key_id = ?5, previous_key_id = ?6, \
            stored = ?7 WHERE webhook_id = ?1 AND workspace_id = ?2
            """)
        WebhookColumns.bind(row, to: update)
        try change(update)
    }

    private func deleteWebhook(_ id: String) throws {
        let delete = try statement("DELETE FROM webhooks WHERE webhook_id = ?")
        delete.bind(1, id)
        guard try change(delete) == 1 else { throw CommitOutcome.Refusal.notFound }
        for table in ["webhook_deliveries", "webhook_delivery_keys"] {
            let delete = try statement("DELETE FROM \(table) WHERE webhook_id = ?")
            delete.bind(1, id)
            try change(delete)
        }
    }

    // MARK: Deliveries

    private func insertDelivery(_ row: DeliveryRow) throws {
        let known = try statement(
            """
            SELECT 1 FROM webhook_delivery_keys WHERE webhook_id = ? AND delivery_key = ?
            """)
        for key in row.keys {
            known.bind(1, row.webhookID)
            known.bind(2, key)
            defer { known.reset() }
            if try known.step() { throw CommitOutcome.Refusal.alreadyFired }
        }
        let insert = try statement(
            "INSERT INTO webhook_deliveries (webhook_id, received_at, delivery) VALUES (?, ?, ?)")
        insert.bind(1, row.webhookID)
        insert.bind(2, row.delivery.time?.microseconds ?? 0)
        insert.bind(3, unsafe row.delivery.withProtobufBytes { unsafe Array($0) })
        try change(insert)
        let number = lastInsertedID
        let insertKey = try statement("INSERT INTO webhook_delivery_keys VALUES (?, ?, ?)")
        for key in row.keys {
            insertKey.bind(1, row.webhookID)
            insertKey.bind(2, key)
            insertKey.bind(3, number)
            try change(insertKey)
        }
    }

    private func tidyDeliveries(_ id: String, keep: Int, sparing: WallTime) throws {
        try deleteDeliveries(
            """
            SELECT number FROM webhook_deliveries WHERE webhook_id = ?1 AND received_at < ?3 \
            AND number < (SELECT number FROM webhook_deliveries WHERE webhook_id = ?1 \
            ORDER BY number DESC LIMIT 1 OFFSET ?2)
            """
        ) { delete in
            delete.bind(1, id)
            delete.bind(2, Int64(keep - 1))
            delete.bind(3, sparing.microseconds)
        }
    }

    private func expireDeliveries(_ before: WallTime, _ limit: Int) throws {
        try deleteDeliveries(
            """
            SELECT number FROM webhook_deliveries WHERE received_at < ?1 \
            ORDER BY received_at, number LIMIT ?2
            """
        ) { delete in
            delete.bind(1, before.microseconds)
            delete.bind(2, Int64(limit))
        }
    }

    /// Deletes deliveries with their keys.
    private func deleteDeliveries(_ numbers: String, _ bind: (SQLStatement) -> Void) throws {
        for table in ["webhook_delivery_keys", "webhook_deliveries"] {
            let delete = try statement("DELETE FROM \(table) WHERE number IN (\(numbers))")
            bind(delete)
            try change(delete)
        }
    }
}

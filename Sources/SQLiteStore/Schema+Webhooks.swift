extension Schema {
    /// Webhooks, their deliveries, and what tells a delivery from a repeated one.
    static let webhooks = """
        CREATE TABLE webhooks (
            webhook_id TEXT NOT NULL PRIMARY KEY,
            workspace_id TEXT NOT NULL,
            pod_id TEXT NOT NULL,
            workflow_id TEXT NOT NULL,
            -- Of the secret, and of the one before.
            key_id TEXT,
            previous_key_id TEXT,
            -- An encoded StoredWebhook.
            stored BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX webhooks_by_workspace ON webhooks (workspace_id, webhook_id);

        CREATE TABLE webhook_deliveries (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            webhook_id TEXT NOT NULL,
            received_at INTEGER NOT NULL,
            -- An encoded WebhookDelivery.
            delivery BLOB NOT NULL
        ) STRICT;
        CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, number);

        CREATE TABLE webhook_delivery_keys (
            webhook_id TEXT NOT NULL,
            delivery_key TEXT NOT NULL,
            number INTEGER NOT NULL,
            PRIMARY KEY (webhook_id, delivery_key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX webhook_delivery_keys_by_number ON webhook_delivery_keys (number);
        """
}

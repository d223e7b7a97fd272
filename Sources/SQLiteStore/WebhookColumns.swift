internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// How a webhook lies in the table `webhooks`.
enum WebhookColumns {
    /// Parameters 1 to 7.
    static func bind(_ row: WebhookRow, to statement: SQLStatement) {
        statement.bind(1, row.webhook.id)
        statement.bind(2, row.webhook.workspaceID)
        statement.bind(3, row.webhook.podID)
        statement.bind(4, row.spec.workflowID)
        statement.bind(5, row.stored.secret?.keyID)
        statement.bind(6, row.stored.previousSecret?.keyID)
        statement.bind(7, unsafe row.stored.withProtobufBytes { unsafe Array($0) })
    }

    /// Reads column 0, `stored`.
    static func read(_ statement: SQLStatement) throws -> WebhookRow {
        WebhookRow(
            stored: try unsafe statement.withBlob(0) { bytes throws(ProtobufDecodingError) in
                try unsafe StoredWebhook(protobufBytes: bytes)
            })
    }

    /// Reads a row of `number, delivery`.
    static func readDelivery(_ statement: SQLStatement, of webhookID: String) throws -> DeliveryRow
    {
        DeliveryRow(
            number: statement.integer(0), webhookID: webhookID, keys: [],
            delivery: try unsafe statement.withBlob(1) { bytes throws(ProtobufDecodingError) in
                try unsafe WebhookDelivery(protobufBytes: bytes)
            })
    }
}

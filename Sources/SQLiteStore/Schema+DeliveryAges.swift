extension Schema {
    /// Deliveries by their age, to forget the old ones of all webhooks.
    static let deliveryAges = """
        CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (received_at, number);
        """
}

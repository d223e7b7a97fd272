import Store

extension FailingStore {
    var webhooks: any WebhookStore { store }
}

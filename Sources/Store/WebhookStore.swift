package import Messages
package import Model

/// The part of a store about webhooks and their deliveries.
package protocol WebhookStore: Sendable {
    /// Ids are unique in the whole store.
    func webhook(_ id: String) async throws(StoreError) -> WebhookRow?
    /// By id; nil pod or workflow: of all.
    func webhooks(
        workspaceID: String, podID: String?, workflowID: String?, after id: String?, limit: Int
    ) async throws(StoreError) -> [WebhookRow]
    /// Of every workspace, those with a secret that another key than `keyID` encrypts.
    func webhooks(notSealedBy keyID: String, limit: Int) async throws(StoreError) -> [WebhookRow]

    /// Newest first, before the delivery with that number.
    func deliveries(_ webhookID: String, before: Int64?, limit: Int) async throws(StoreError)
        -> [DeliveryRow]
    /// Whether there are deliveries, to whichever webhook, that came before an instant.
    func hasDeliveries(receivedBefore instant: WallTime) async throws(StoreError) -> Bool
    /// The delivery that a key was taken for.
    func delivery(_ webhookID: String, key: String) async throws(StoreError) -> DeliveryRow?
}

/// A webhook as it is stored.
package struct WebhookRow: Sendable, Equatable {
    package var stored: StoredWebhook

    package init(stored: StoredWebhook) { self.stored = stored }

    package var webhook: Webhook { stored.webhook ?? Webhook() }
    package var spec: WebhookSpec { webhook.spec ?? WebhookSpec() }
}

/// A delivery as it is stored.
package struct DeliveryRow: Sendable, Equatable {
    /// Growing; 0 before it is stored.
    package var number: Int64
    package let webhookID: String
    /// What no later delivery may have too; few.
    package let keys: [String]
    package let delivery: WebhookDelivery

    package init(
        number: Int64 = 0, webhookID: String, keys: [String], delivery: WebhookDelivery
    ) {
        self.number = number
        self.webhookID = webhookID
        self.keys = keys
        self.delivery = delivery
    }
}

/// Changes of webhooks.
package enum WebhookChange: Sendable {
    /// Refused with `.nameInUse`, with `.tooMany` if its workspace has `max` already, and with
    /// `.notFound` if its pod was deleted after the caller had been let in.
    case insert(WebhookRow, max: Int)
    /// Everything of it. Refused with `.notFound`, and with `.changed` if the stored one is another
    /// than `expecting` by now.
    case replace(WebhookRow, expecting: WebhookRow)
    /// With its deliveries. Refused with `.notFound`.
    case delete(String)
    /// Refused with `.alreadyFired` if one of its keys was taken before.
    case insertDelivery(DeliveryRow)
    /// Remembers the `keep` newest deliveries of a webhook, and all that came at `sparing` or later.
    case tidyDeliveries(String, keep: Int, sparing: WallTime)
    /// Forgets deliveries to all webhooks that came before an instant, with their keys: the oldest, at
    /// most so many.
    case expireDeliveries(receivedBefore: WallTime, limit: Int)
}

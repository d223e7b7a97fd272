internal import Model
internal import Synchronization

/// Bounds what bodies of deliveries take that were read and not verified yet: those of one sender, those to one
/// webhook, and all together. So whoever posts and never comes to an end takes no more than that, and one who knows
/// the address of a webhook leaves room for the others. Safe to use from any task.
final class DeliveryRoom: Sendable {
    private struct State {
        var total = 0
        /// Of those only that hold anything.
        var bySender: [String: Int] = [:]
        var byWebhook: [String: Int] = [:]
    }

    /// Which part of the room is for one webhook.
    private static let webhookShare = 8

    private let perSenderMax: Int
    private let totalMax: Int
    private let state = Mutex(State())

    init(perSenderMax: Int, totalMax: Int) {
        self.perSenderMax = perSenderMax
        self.totalMax = totalMax
    }

    /// - Throws: `.resourceExhausted`, OVERLOADED, where there is no room for so many bytes more.
    func take(_ byteCount: Int, of sender: String, to webhookID: String) throws(OperationError) {
        let refused: (limit: Int, whose: String)? = state.withLock { state in
            let sent = state.bySender[sender, default: 0] + byteCount
            if sent > perSenderMax { return (perSenderMax, "of this address ") }
            let coming = state.byWebhook[webhookID, default: 0] + byteCount
            // One sender alone always has its own room.
            let perWebhookMax = max(totalMax / Self.webhookShare, perSenderMax)
            if coming > perWebhookMax { return (perWebhookMax, "to this webhook ") }
            if state.total + byteCount > totalMax { return (totalMax, "") }
            state.total += byteCount
            state.bySender[sender] = sent
            state.byWebhook[webhookID] = coming
            return nil
        }
        guard let refused else { return }
        throw OperationError(
            .resourceExhausted, reason: "OVERLOADED",
            "more than \(refused.limit) bytes of deliveries \(refused.whose)wait to be verified; "
                + "try again later", retryAfter: .seconds(1))
    }

    /// They are held no more.
    func giveBack(_ byteCount: Int, of sender: String, to webhookID: String) {
        guard byteCount > 0 else { return }
        state.withLock { state in
            state.total -= byteCount
            let sent = state.bySender[sender, default: 0] - byteCount
            state.bySender[sender] = sent > 0 ? sent : nil
            let coming = state.byWebhook[webhookID, default: 0] - byteCount
            state.byWebhook[webhookID] = coming > 0 ? coming : nil
        }
    }
}

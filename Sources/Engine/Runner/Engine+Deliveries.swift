internal import Model
internal import Store

extension EngineParts {
    /// Deliveries that are forgotten in one commit; others go in between.
    private static let deliveriesStep = 1_000
    /// Twice the longest replay window: what still verifies is never forgotten.
    private static let deliveriesKeptMin = Duration.seconds(2 * 3_600)

    /// Forgets the deliveries to webhooks that came longer ago than their retention, also those of
    /// webhooks to which nothing comes any more.
    func forgetDeliveries() async throws(EngineError) {
        let kept = max(limits.webhookDeliveryRetention, Self.deliveriesKeptMin)
        let before = environment.now().advanced(by: .zero - kept)
        do throws(StoreError) {
            while !Task.isCancelled,
                try await store.webhooks.hasDeliveries(receivedBefore: before)
            {
                // As new work, so that it stands back where too much waits.
                let outcome = try await committer.commit(
                    Commit([
                        .webhook(
                            .expireDeliveries(
                                receivedBefore: before, limit: Self.deliveriesStep))
                    ]), admission: .new)
                guard case .committed = outcome else { return }
            }
        } catch {
            throw EngineError(error)
        }
    }
}

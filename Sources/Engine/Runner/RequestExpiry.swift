internal import Logging
internal import Model
internal import Store

extension EngineParts {
    /// Forgets request ids whose executions ended longer ago than the retention: now, and then every
    /// minute until cancelled.
    func forgetRequests() async {
        let countMax = 1_000
        while !Task.isCancelled {
            let now = environment.now()
            do throws(StoreError) {
                let endedBefore = now.advanced(by: .zero - limits.requestRetention)
                // In small steps, so that commits go in between.
                while try await store.expireRequests(endedBefore: endedBefore, limit: countMax)
                    == countMax
                {
                    if Task.isCancelled { return }
                }
            } catch {
                logger.warning("cannot forget old request ids", metadata: ["error": "\(error)"])
            }
            await environment.sleep(until: now.advanced(by: .seconds(60)))
        }
    }
}

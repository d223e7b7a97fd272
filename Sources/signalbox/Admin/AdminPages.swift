internal import Store
internal import Synchronization

/// What the admin listener answers.
final class AdminPages: Sendable {
    /// One answer.
    struct Page: Sendable, Equatable {
        let status: Int
        let contentType: String
        let body: String

        static func plain(_ status: Int, _ text: String) -> Page {
            Page(status: status, contentType: "text/plain; charset=utf-8", body: text + "\n")
        }
    }

    private let metrics: ServerMetrics
    private let isReady = Mutex(false)

    init(metrics: ServerMetrics) {
        self.metrics = metrics
    }

    /// Whether calls are taken: between the end of recovery and the beginning of the drain.
    func setReady(_ ready: Bool) {
        isReady.withLock { $0 = ready }
    }

    func page(_ request: AdminRequest) async -> Page {
        switch request {
        case .metrics:
            return Page(
                status: 200, contentType: PrometheusText.contentType, body: await metrics.page())
        case .health:
            return .plain(200, "alive")
        case .readiness:
            guard isReady.withLock({ $0 }) else { return .plain(503, "not taking calls") }
            do throws(StoreError) {
                _ = try await metrics.store.stateCounts()
                return .plain(200, "ready")
            } catch {
                return .plain(503, "the store does not answer")
            }
        case .refused(let status, let message):
            return .plain(status, message)
        }
    }
}

internal import Engine
internal import Foundation
internal import Messages
internal import Store
internal import ProtobufRuntime

/// The page that `/metrics` shows: what was counted, and what is read when it is asked for.
struct ServerMetrics: Sendable {
    let metrics: PrometheusMetrics
    let store: any Store
    let committer: Committer
    let feed: JournalFeed
    let workers: WorkerHub

    /// The whole page.
    func page() async -> String {
        var text = PrometheusText.render(metrics.current)
        if let counts = try? await store.stateCounts() {
            let samples = counts.map { state, count in
                (
                    PrometheusText.labels([
                        ("status", Self.word(state.status)),
                        ("reason", Self.word(state.reason)),
                        ("waiting", state.isWaiting ? "true" : "false"),
                    ]), Double(count)
                )
            }
            PrometheusText.family(
                "signalbox_executions", .gauge, samples.sorted { $0.0 < $1.0 }, into: &text)
        }
        let statistics = committer.statistics
        let commits: [(String, Int64)] = [
            ("committed", statistics.committed), ("refused", statistics.refused),
            ("failed", statistics.failed),
        ]
        PrometheusText.family(
            "signalbox_commits_total", .counter,
            commits.map { (PrometheusText.labels([("outcome", $0.0)]), Double($0.1)) }, into: &text)
        PrometheusText.family(
            "signalbox_commit_groups_total", .counter, [("", Double(statistics.groups))],
            into: &text)
        let write = statistics.writeTime.components
        PrometheusText.family(
            "signalbox_commit_write_seconds_total", .counter,
            [("", Double(write.seconds) + Double(write.attoseconds) / 1e18)], into: &text)
        PrometheusText.family(
            "signalbox_commits_waiting", .gauge, [("", Double(committer.waitingCount))],
            into: &text)
        let (watched, watchers) = feed.counts
        PrometheusText.family(
            "signalbox_watched_executions", .gauge, [("", Double(watched))], into: &text)
        PrometheusText.family("signalbox_watchers", .gauge, [("", Double(watchers))], into: &text)
        let tasks = workers.counts
        PrometheusText.family(
            "signalbox_worker_tasks", .gauge,
            [("running", tasks.running), ("waiting", tasks.waiting)].map {
                (PrometheusText.labels([("standing", $0.0)]), Double($0.1))
            }, into: &text)
        PrometheusText.family(
            "signalbox_workers_connected", .gauge, [("", Double(tasks.workers))], into: &text)
        ProcessMetrics.render(into: &text)
        return text
    }

    private static func word(_ value: some ProtobufEnum) -> String {
        let word = value.shortName.lowercased()
        return word == "unspecified" ? "none" : word
    }
}

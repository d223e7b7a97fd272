internal import Messages
internal import Metrics

/// What the engine counts. No label holds an id.
struct EngineMetrics: Sendable {
    private let startedCounter = Counter(label: "signalbox_executions_started_total")
    private let droppedCounter = Counter(label: "signalbox_engine_commands_dropped_total")
    private let fellBackCounter = Counter(label: "signalbox_engine_write_failures_total")
    private let loadedCounter = Counter(label: "signalbox_engine_loads_total")
    private let erasedCounter = Counter(label: "signalbox_retention_erased_total")
    private let endedCounters: [ExecutionStatus: Counter]
    private let bodies = Gauge(label: "signalbox_engine_bodies_running")
    private let queue = Gauge(label: "signalbox_engine_queued")
    private let running = Gauge(label: "signalbox_engine_running")

    init() {
        endedCounters = Dictionary(
            uniqueKeysWithValues: [
                (ExecutionStatus.completed, "completed"), (.failed, "failed"),
                (.cancelled, "cancelled"),
            ].map {
                (
                    $0.0,
                    Counter(
                        label: "signalbox_executions_ended_total", dimensions: [("status", $0.1)])
                )
            })
    }

    func started() { startedCounter.increment() }
    func ended(_ status: ExecutionStatus) { endedCounters[status]?.increment() }
    func loaded() { loadedCounter.increment() }
    func erased() { erasedCounter.increment() }
    func fellBack() { fellBackCounter.increment() }
    func bodies(_ count: Int) { bodies.record(count) }

    func slots(running count: Int, queued: Int) {
        running.record(count)
        queue.record(queued)
    }

    func dropped(_ refusal: ExecutionRefusal?) {
        switch refusal {
        case .final, .stale: droppedCounter.increment()
        default: break
        }
    }
}

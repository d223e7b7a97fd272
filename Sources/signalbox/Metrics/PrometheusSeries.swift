internal import CoreMetrics
internal import Synchronization

/// One metric with one label set.
protocol PrometheusSeries: AnyObject, Sendable {
    /// Writes its lines.
    func render(_ name: String, _ labels: String, into text: inout String)
}

/// Only grows.
final class PrometheusCounter: PrometheusSeries, CounterHandler {
    private let value = Atomic<Int64>(0)

    func increment(by amount: Int64) {
        value.wrappingAdd(amount, ordering: .relaxed)
    }

    func reset() {
        value.store(0, ordering: .relaxed)
    }

    func render(_ name: String, _ labels: String, into text: inout String) {
        PrometheusText.sample(
            name, labels, Double(value.load(ordering: .relaxed)), into: &text)
    }
}

/// Goes up and down.
final class PrometheusGauge: PrometheusSeries, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }

    func render(_ name: String, _ labels: String, into text: inout String) {
        PrometheusText.sample(name, labels, value.withLock { $0 }, into: &text)
    }
}

/// Counts values by size.
final class PrometheusHistogram: PrometheusSeries, TimerHandler, RecorderHandler {
    /// For times: 50 µs to 1 h, in seconds.
    static let secondBounds: [Double] = [
        0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
        1, 2.5, 5, 10, 60, 600, 3_600,
    ]
    /// For numbers of things.
    static let countBounds: [Double] = [
        1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 4_096, 65_536,
    ]

    private struct State {
        /// The last one holds what is above all bounds.
        var counts: [Int64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[index] += 1
            state.sum += value
        }
    }

    func render(_ name: String, _ labels: String, into text: inout String) {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        let comma = labels.isEmpty ? "" : ","
        var total: Int64 = 0
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index < bounds.count ? PrometheusText.number(bounds[index]) : "+Inf"
            PrometheusText.sample(
                "\(name)_bucket", "\(labels)\(comma)le=\"\(bound)\"", Double(total), into: &text)
        }
        PrometheusText.sample("\(name)_sum", labels, sum, into: &text)
        PrometheusText.sample("\(name)_count", labels, Double(total), into: &text)
    }
}

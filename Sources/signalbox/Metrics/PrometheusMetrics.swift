internal import CoreMetrics
internal import Synchronization

/// A backend of swift-metrics that is read as Prometheus text.
///
/// Names and label sets are bounded: past the bounds a metric is counted and shown nowhere.
final class PrometheusMetrics: MetricsFactory, Sendable {
    /// One name with all its label sets.
    struct Family: Sendable {
        enum Kind: String, Sendable {
            case counter
            case gauge
            case histogram
        }

        let kind: Kind
        /// By the rendered labels, `a="b",c="d"`.
        var series: [String: any PrometheusSeries] = [:]
    }

    private static let familiesMax = 256
    private static let seriesPerFamilyMax = 4_096
    private let families = Mutex<[String: Family]>([:])

    init() {}

    /// All families, for rendering.
    var current: [String: Family] { families.withLock { $0 } }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, .counter, dimensions) { PrometheusCounter() }
    }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, .gauge, dimensions) { PrometheusGauge() }
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool)
        -> any RecorderHandler
    {
        if aggregate {
            return series(label, .histogram, dimensions) {
                PrometheusHistogram(bounds: PrometheusHistogram.countBounds)
            }
        }
        return series(label, .gauge, dimensions) { PrometheusGauge() }
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, .histogram, dimensions) {
            PrometheusHistogram(bounds: PrometheusHistogram.secondBounds)
        }
    }

    // Series live as long as the process: a counter that vanished would look like a reset.
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}

    private func series<Series: PrometheusSeries>(
        _ label: String, _ kind: Family.Kind, _ dimensions: [(String, String)],
        _ make: () -> Series
    ) -> Series {
        let name = PrometheusText.name(label)
        let labels = PrometheusText.labels(dimensions)
        return families.withLock { families in
            guard var family = families[name] ?? newFamily(kind, families.count) else {
                return make()
            }
            if let known = family.series[labels] as? Series { return known }
            let new = make()
            // A name of another kind, or one too many: counted, but not shown.
            guard family.kind == kind, family.series[labels] == nil,
                family.series.count < Self.seriesPerFamilyMax
            else { return new }
            family.series[labels] = new
            families[name] = family
            return new
        }
    }

    private func newFamily(_ kind: Family.Kind, _ count: Int) -> Family? {
        count < Self.familiesMax ? Family(kind: kind) : nil
    }
}

internal import Metrics
package import RPC

/// Counts the calls of every registered method by status code, and times them. All series are made
/// at the start, from the names of the methods: nothing a caller sends becomes a label.
package struct CallMetrics: Sendable {
    private struct Series: Sendable {
        /// By status code.
        let counters: [Counter]
        let timer: Metrics.Timer
    }

    private let series: [MethodDescriptor: Series]

    /// Series for these methods.
    package init(methods: [MethodDescriptor]) {
        var series: [MethodDescriptor: Series] = [:]
        for method in methods {
            let labels = [("service", method.service), ("method", method.method)]
            series[method] = Series(
                counters: StatusCode.allCases.map {
                    Counter(
                        label: "signalbox_rpc_calls_total",
                        dimensions: labels + [("code", $0.protobufName)])
                },
                timer: Metrics.Timer(
                    label: "signalbox_rpc_call_duration_seconds", dimensions: labels))
        }
        self.series = series
    }

    /// A call ended.
    func ended(_ method: MethodDescriptor, _ code: StatusCode, _ duration: Duration) {
        guard let series = series[method] else { return }
        series.counters[Int(code.rawValue)].increment()
        let (seconds, attoseconds) = duration.components
        series.timer.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

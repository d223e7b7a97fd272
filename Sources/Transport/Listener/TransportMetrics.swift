internal import Metrics

/// The counters of a listener. No label holds anything a client can choose.
final class TransportMetrics: Sendable {
    private let accepted = Counter(label: "signalbox_connections_accepted_total")
    private let refused = Counter(label: "signalbox_connections_refused_total")
    private let received = Counter(label: "signalbox_transport_received_bytes_total")
    private let sent = Counter(label: "signalbox_transport_sent_bytes_total")
    private let open = Meter(label: "signalbox_connections_open")

    func connectionAccepted() {
        accepted.increment()
        open.increment()
    }

    func connectionRefused() {
        refused.increment()
    }

    func connectionClosed() {
        open.decrement()
    }

    func transferred(received receivedCount: Int, sent sentCount: Int) {
        if receivedCount > 0 { received.increment(by: receivedCount) }
        if sentCount > 0 { sent.increment(by: sentCount) }
    }
}

internal import Model
internal import Synchronization

/// Bounds what bodies of deliveries take that were read and not verified yet: those of one sender, and of
/// all together. So whoever posts and never comes to an end takes no more than that. Safe to use from any
/// task.
final class DeliveryRoom: Sendable {
    private struct State {
        var total = 0
        /// Of those only that hold anything.
        var bySender: [String: Int] = [:]
    }

    private let perSenderMax: Int
    private let totalMax: Int
    private let state = Mutex(State())

    init(perSenderMax: Int, totalMax: Int) {
        self.perSenderMax = perSenderMax
        self.totalMax = totalMax
    }

    /// - Throws: `.resourceExhausted`, OVERLOADED, where there is no room for so many bytes more.
    func take(_ byteCount: Int, for sender: String) throws(OperationError) {
        let limit: Int? = state.withLock { state in
            let own = state.bySender[sender, default: 0] + byteCount
            if own > perSenderMax { return perSenderMax }
            if state.total + byteCount > totalMax { return totalMax }
            state.total += byteCount
            state.bySender[sender] = own
            return nil
        }
        guard let limit else { return }
        let whose = limit == perSenderMax ? "of this address " : ""
        throw OperationError(
            .resourceExhausted, reason: "OVERLOADED",
            "more than \(limit) bytes of deliveries \(whose)wait to be verified; try again later",
            retryAfter: .seconds(1))
    }

    /// They are held no more.
    func giveBack(_ byteCount: Int, for sender: String) {
        guard byteCount > 0 else { return }
        state.withLock { state in
            state.total -= byteCount
            let own = state.bySender[sender, default: 0] - byteCount
            state.bySender[sender] = own > 0 ? own : nil
        }
    }
}

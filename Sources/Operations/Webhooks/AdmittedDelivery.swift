internal import Synchronization

/// A delivery that was let in before its body was read. It counts as what is not verified yet until it is,
/// or is let go of. To be used by one task.
package final class AdmittedDelivery: Sendable {
    let webhookID: String
    /// nil: nothing of it is verified.
    let attempt: DeliveryAttempts.Attempt?
    private let bodyBytesMax: Int
    private let room: DeliveryRoom
    private let sender: String
    private let held = Mutex(0)

    init(
        webhookID: String, attempt: DeliveryAttempts.Attempt?, bodyBytesMax: Int,
        room: DeliveryRoom, sender: String
    ) {
        self.webhookID = webhookID
        self.attempt = attempt
        self.bodyBytesMax = bodyBytesMax
        self.room = room
        self.sender = sender
    }

    deinit { release() }

    /// The body has, or will have, so many bytes.
    /// - Throws: `.invalidArgument`, BODY_TOO_LARGE.
    package func check(_ byteCount: Int) throws(OperationError) {
        guard byteCount > bodyBytesMax else { return }
        throw OperationError(
            .invalidArgument, reason: "BODY_TOO_LARGE",
            "a body of \(byteCount) bytes exceeds the limit of \(bodyBytesMax)")
    }

    /// So many bytes more of the body are about to be kept.
    /// - Throws: as `check` does, and `.resourceExhausted`, OVERLOADED.
    package func read(_ byteCount: Int) throws(OperationError) {
        try check(held.withLock { $0 } + byteCount)
        try room.take(byteCount, of: sender, to: webhookID)
        held.withLock { $0 += byteCount }
    }

    /// It verified, or was refused: what it holds is not counted here any more.
    func release() {
        let byteCount = held.withLock { held in
            defer { held = 0 }
            return held
        }
        room.giveBack(byteCount, of: sender, to: webhookID)
    }
}

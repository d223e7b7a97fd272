internal import Dispatch
internal import Messages
internal import Model
internal import Store
internal import Synchronization

/// The one place that decides about its executions: every number belongs to one shard.
///
/// Letters may be posted from any thread; they are handled in order, in batches, on the shard's own
/// serial queue. Nothing there blocks.
final class Shard: Sendable {
    private struct Mailbox {
        var letters: [Letter] = []
        var isScheduled = false
    }

    private let queue: DispatchQueue
    private let mailbox = Mutex(Mailbox())
    /// Taken once for each batch of letters, and by nobody else but tests and metrics.
    private let residents: Mutex<Residents>

    init(index: Int, parts: EngineParts) {
        queue = DispatchQueue(label: "engine.\(index)")
        residents = Mutex(Residents(parts: parts))
    }

    /// Puts a letter into the mailbox; never blocks.
    func post(_ letter: Letter) {
        if deliver(letter) { queue.async { self.drain() } }
    }

    /// The same, handled at once on this thread unless another is at it: for the committer, which
    /// after a small group would only wait for what is decided here.
    func postAndDrain(_ letter: Letter) {
        if deliver(letter) { drain() }
    }

    /// - Returns: whether somebody has to be called to drain the mailbox.
    private func deliver(_ letter: Letter) -> Bool {
        mailbox.withLock { mailbox in
            mailbox.letters.append(letter)
            defer { mailbox.isScheduled = true }
            return !mailbox.isScheduled
        }
    }

    /// Posts a letter at an instant, or soon after.
    func post(_ letter: Letter, at instant: ContinuousClock.Instant) {
        let (seconds, attoseconds) = (instant - .now).components
        let delay = max(0, Double(seconds) + Double(attoseconds) / 1e18)
        queue.asyncAfter(deadline: .now() + delay) { self.post(letter) }
    }

    private func drain() {
        residents.withLock { residents in
            while true {
                let letters = mailbox.withLock { mailbox in
                    var letters: [Letter] = []
                    swap(&letters, &mailbox.letters)
                    if letters.isEmpty { mailbox.isScheduled = false }
                    return letters
                }
                if letters.isEmpty { return }
                for letter in letters { residents.handle(letter, shard: self) }
            }
        }
    }

    /// Executions in memory, and whether any of them has a body or a commit under way.
    var load: (resident: Int, busy: Int) { residents.withLock { $0.load } }

    /// Every fault that the invariant checker finds among the executions in memory.
    func invariantFaults() -> [String] { residents.withLock { $0.invariantFaults() } }
}

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
    /// Who waits for nothing to be under way. Only taken while `residents` is.
    private let idleWaiters = Mutex<[Int: CheckedContinuation<Void, Never>]>([:])
    private let idleWaiterIDs = Atomic<Int>(0)

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
                if letters.isEmpty {
                    resumeIdleWaiters(residents)
                    return
                }
                for letter in letters { residents.handle(letter, shard: self) }
            }
        }
    }

    // MARK: Coming to rest

    /// Returns when every letter was handled and no execution here has anything under way, or when
    /// the task is cancelled.
    func idle() async {
        let id = idleWaiterIDs.add(1, ordering: .relaxed).newValue
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                residents.withLock { residents in
                    let isIdle =
                        mailbox.withLock { $0.letters.isEmpty } && residents.load.busy == 0
                    if isIdle || Task.isCancelled {
                        continuation.resume()
                    } else {
                        idleWaiters.withLock { $0[id] = continuation }
                    }
                }
            }
        } onCancel: {
            residents.withLock { _ in
                idleWaiters.withLock { $0.removeValue(forKey: id) }?.resume()
            }
        }
    }

    private func resumeIdleWaiters(_ residents: Residents) {
        idleWaiters.withLock { waiters in
            guard !waiters.isEmpty, residents.load.busy == 0 else { return }
            for waiter in waiters.values { waiter.resume() }
            waiters = [:]
        }
    }

    /// Executions in memory, and whether any of them has a body or a commit under way.
    var load: (resident: Int, busy: Int) { residents.withLock { $0.load } }

    /// Every fault that the invariant checker finds among the executions in memory.
    func invariantFaults() -> [String] { residents.withLock { $0.invariantFaults() } }
}

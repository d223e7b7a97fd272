#if canImport(Glibc)
    internal import CAllocator
#endif
internal import Dispatch
internal import Synchronization

/// Gives memory that is free back to the system after a connection has closed.
///
/// glibc keeps what was freed, in as many arenas as there are busy threads: without this a server
/// keeps for good what its clients made it hold once.
final class FreeMemory: Sendable {
    /// Less is not worth the walk through the heap.
    private static let worthBytes = 32 << 20
    /// When to look after a connection's end: many close together, and what thousands of calls held
    /// goes a while after them.
    private static let looks: [DispatchTimeInterval] = [.seconds(1), .seconds(5), .seconds(30)]

    /// The looks that are still to come; none: nothing is scheduled.
    private let pending = Mutex<ArraySlice<DispatchTimeInterval>>([])

    /// Has the heap looked at a few times from now on, away from the event loops.
    func connectionClosed() {
        let mustSchedule = pending.withLock { pending in
            defer { pending = Self.looks[...] }
            return pending.isEmpty
        }
        if mustSchedule { scheduleNext() }
    }

    private func scheduleNext() {
        guard let delay = pending.withLock({ $0.first }) else { return }
        DispatchQueue.global(qos: .utility).asyncAfter(deadline: .now() + delay) {
            Self.giveBack()
            self.pending.withLock { $0 = $0.dropFirst() }
            self.scheduleNext()
        }
    }

    /// Bytes that were freed and are kept.
    static var freeByteCount: Int {
        #if canImport(Glibc)
            Int(CAllocator_free_bytes())
        #else
            0
        #endif
    }

    private static func giveBack() {
        #if canImport(Glibc)
            guard freeByteCount > worthBytes else { return }
            malloc_trim(0)
        #endif
    }
}

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
    /// Connections often close together; and their last buffers go a moment after them.
    private static let delay = DispatchTimeInterval.seconds(1)

    private let isScheduled = Atomic<Bool>(false)

    /// Looks at the heap, soon and away from the event loops; at most once a second.
    func connectionClosed() {
        guard !isScheduled.exchange(true, ordering: .relaxed) else { return }
        DispatchQueue.global(qos: .utility).asyncAfter(deadline: .now() + Self.delay) {
            self.isScheduled.store(false, ordering: .relaxed)
            Self.giveBack()
        }
    }

    private static func giveBack() {
        #if canImport(Glibc)
            guard mallinfo2().fordblks > worthBytes else { return }
            malloc_trim(0)
        #endif
    }
}

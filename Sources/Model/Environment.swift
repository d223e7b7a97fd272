internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Where time and randomness come from: parameters of the engine, so that tests hold them in hand.
package protocol Environment: Sendable {
    /// The wall clock.
    func now() -> WallTime

    /// Suspends until the wall clock reaches `instant`, or for that long on the monotonic clock,
    /// whichever a real environment can observe first; returns early when the task is cancelled.
    func sleep(until instant: WallTime) async

    /// 64 random bits.
    func random() -> UInt64
}

/// The real clock and the system's random bits.
package struct SystemEnvironment: Environment {
    package init() {}

    package func now() -> WallTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(
            microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    package func sleep(until instant: WallTime) async {
        // A cancelled sleep returns early, as the protocol says.
        try? await Task.sleep(for: max(.zero, now().duration(to: instant)))
    }

    package func random() -> UInt64 { .random(in: .min ... .max) }
}

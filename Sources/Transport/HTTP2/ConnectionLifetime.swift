internal import NIOCore

/// When a connection is pinged, drained and closed, as a value: events and the time go in, and
/// `wokeUp` says what to do (grpc/proposal A9, grpc/grpc doc/keepalive.md).
///
/// ```
///        idle, aged, asked           pinged back, or too late        grace over
///  open ──────────────────▶ notified ────────────────────▶ draining ──────────▶ closed
///  GOAWAY 2^31-1 and PING ──┘         GOAWAY, last stream ──┘         (or no streams left)
/// ```
/// A single GOAWAY that names the last stream so far would race with calls on their way.
struct ConnectionLifetime {
    /// What to do.
    enum Action: Equatable {
        /// Ping, and expect the answer under this number.
        case ping(UInt64)
        /// Announce the end, and ping under this number.
        case notifyShutdown(UInt64)
        /// Name the last stream, with these debug data.
        case goAway(String)
        /// Close now, for the reason given.
        case close(String)
    }

    private enum Phase: Equatable {
        case open
        case notified(at: NIODeadline, reason: String)
        case draining
        case closed
    }

    private let limits: HTTP2Limits
    private var phase = Phase.open
    private var ageLimit: NIODeadline?
    private var graceLimit: NIODeadline?
    private var idleSince: NIODeadline?
    private var headersSince: NIODeadline?
    private var stalledSince: NIODeadline?
    private var lastRead: NIODeadline
    private var keepalivePingAt: NIODeadline?

    static let shutdownPing: UInt64 = 0x7369_676e_616c_0001
    static let keepalivePing: UInt64 = 0x7369_676e_616c_0002
    private static let shutdownPingTimeout = TimeAmount.seconds(5)

    /// A connection that was just accepted, and whose preface is waited for.
    /// - Parameter jitter: from -1 to 1; varies the age limit by a tenth, so that connections that
    ///   were made together do not end together.
    init(_ limits: HTTP2Limits, now: NIODeadline, jitter: Double) {
        self.limits = limits
        lastRead = now
        idleSince = now
        headersSince = now
        ageLimit = limits.ageMax.map {
            now + .nanoseconds(Int64(Double($0.nanoseconds) * (1 + 0.1 * jitter)))
        }
    }

    /// Bytes came.
    mutating func received(now: NIODeadline) {
        lastRead = now
        keepalivePingAt = nil
    }

    /// A stream was opened.
    mutating func openedStream() {
        idleSince = nil
    }

    /// The last open stream was closed.
    mutating func closedLastStream(now: NIODeadline) {
        idleSince = now
    }

    /// The preface or a header block is incomplete, or is not any more.
    mutating func headersAreIncomplete(_ areIncomplete: Bool, now: NIODeadline) {
        if !areIncomplete {
            headersSince = nil
        } else if headersSince == nil {
            headersSince = now
        }
    }

    /// Output waits for the client to take it, or does not; and some was taken, or was not.
    mutating func output(isWaiting: Bool, madeProgress: Bool, now: NIODeadline) {
        if !isWaiting {
            stalledSince = nil
        } else if madeProgress || stalledSince == nil {
            stalledSince = now
        }
    }

    /// The connection is to end when its calls have.
    mutating func drain(_ reason: String, now: NIODeadline) -> [Action] {
        guard phase == .open else { return [] }
        phase = .notified(at: now, reason: reason)
        graceLimit = limits.drainGrace.map { now + $0 }
        return [.notifyShutdown(Self.shutdownPing)]
    }

    /// The client answered the ping with this number.
    mutating func pingAnswered(_ number: UInt64) -> [Action] {
        guard number == Self.shutdownPing, case .notified(_, let reason) = phase else { return [] }
        phase = .draining
        return [.goAway(reason)]
    }

    /// When to call `wokeUp` next; nil: not before something else happens.
    var nextWakeUp: NIODeadline? {
        guard phase != .closed else { return nil }
        var next =
            (keepalivePingAt ?? lastRead)
            + (keepalivePingAt == nil
                ? limits.keepaliveTime : limits.keepaliveTimeout)
        func consider(_ instant: NIODeadline?) {
            if let instant { next = min(next, instant) }
        }
        consider(graceLimit)
        consider(headersSince.map { $0 + limits.headerTimeout })
        consider(stalledSince.map { $0 + limits.stallTimeout })
        if phase == .open {
            consider(ageLimit)
            if let idleMax = limits.idleMax { consider(idleSince.map { $0 + idleMax }) }
        }
        if case .notified(let at, _) = phase { consider(at + Self.shutdownPingTimeout) }
        return next
    }

    /// The time has come, or not yet: what is due now.
    mutating func wokeUp(now: NIODeadline) -> [Action] {
        guard phase != .closed else { return [] }
        if let reason = dueClose(now) {
            phase = .closed
            return [.close(reason)]
        }
        if case .notified(let at, let reason) = phase, at + Self.shutdownPingTimeout <= now {
            phase = .draining
            return [.goAway(reason)]
        }
        if phase == .open, let ageLimit, ageLimit <= now { return drain("max_age", now: now) }
        if phase == .open, let idleSince, let idleMax = limits.idleMax, idleSince + idleMax <= now {
            return drain("max_idle", now: now)
        }
        if keepalivePingAt == nil, lastRead + limits.keepaliveTime <= now {
            keepalivePingAt = now
            return [.ping(Self.keepalivePing)]
        }
        return []
    }

    private func dueClose(_ now: NIODeadline) -> String? {
        if let graceLimit, graceLimit <= now { return "the grace time of the drain is over" }
        if let headersSince, headersSince + limits.headerTimeout <= now {
            return "the client did not complete its preface or header block"
        }
        if let stalledSince, stalledSince + limits.stallTimeout <= now {
            return "the client took nothing of what waits for it"
        }
        if let keepalivePingAt, keepalivePingAt + limits.keepaliveTimeout <= now {
            return "the client answered no ping"
        }
        return nil
    }
}

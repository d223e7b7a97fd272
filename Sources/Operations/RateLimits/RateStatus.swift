package import Model

/// Where a caller stands with its calls a minute: what the `X-RateLimit-…` headers say.
package struct RateStatus: Sendable, Equatable {
    /// Calls a minute.
    package let limit: Int
    /// Calls that may be made now.
    package let remaining: Int
    /// When all of `limit` may be made again, if none is made until then.
    package let resetsAt: WallTime

    /// The instant in whole seconds since 1970, rounded up.
    package var resetSeconds: Int64 { (resetsAt.microseconds + 999_999) / 1_000_000 }

    package init(limit: Int, remaining: Int, resetsAt: WallTime) {
        self.limit = limit
        self.remaining = remaining
        self.resetsAt = resetsAt
    }
}

internal import Model

extension Operations {
    /// Where a caller stands that has no rate of its own and has made no call yet.
    package var freshRate: RateStatus {
        let limit = max(limits.callsPerMinuteMax, 1)
        return RateStatus(limit: limit, remaining: limit, resetsAt: environment.now())
    }
}

extension OperationError {
    /// Where the caller stands, in a refusal because of too many calls.
    package var rate: RateStatus? {
        guard reason == "RATE_LIMITED", let limit = metadata["limit"].flatMap({ Int($0) }),
            let remaining = metadata["remaining"].flatMap({ Int($0) }),
            let reset = metadata["reset"].flatMap({ Int64($0) })
        else { return nil }
        return RateStatus(
            limit: limit, remaining: remaining,
            resetsAt: WallTime(microseconds: reset * 1_000_000))
    }
}

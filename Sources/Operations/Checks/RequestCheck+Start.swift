internal import Messages
internal import Model
internal import ProtobufRuntime

extension RequestCheck {
    /// When a trigger is to start: an instant or a delay, and not too far ahead.
    mutating func start(_ request: TriggerRequest, _ limits: Limits, now: WallTime) {
        instant("not_before", request.notBefore)
        if let delay = request.delay {
            if !delay.isValid || delay < ProtobufDuration() {
                fault("delay", "expected a duration of at least 0s, got \(delay.text)")
                return
            }
            if request.notBefore != nil {
                fault("delay", "expected it or not_before, got both")
            }
        }
        let latest = now.advanced(by: limits.startDelayMax).timestamp
        let days = limits.startDelayMax.components.seconds / 86_400
        if let notBefore = request.notBefore, notBefore.isValid, notBefore.seconds > latest.seconds
        {
            fault("not_before", "expected at most \(days) days from now, got \(notBefore.rfc3339)")
        }
        if let delay = request.delay, delay > ProtobufDuration(limits.startDelayMax) {
            fault("delay", "expected at most \(days) days, got \(delay.text)")
        }
    }
}

extension TriggerRequest {
    /// When it is to be started at the earliest; nil: at once.
    func startsAt(_ now: WallTime) -> WallTime? {
        if let notBefore {
            // The store keeps microseconds; never early.
            return WallTime(
                microseconds: notBefore.seconds * 1_000_000 + Int64((notBefore.nanos + 999) / 1_000)
            )
        }
        return delay.flatMap { $0.duration > .zero ? now.advanced(by: $0.duration) : nil }
    }
}

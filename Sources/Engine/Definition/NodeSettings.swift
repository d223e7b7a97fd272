internal import JSON

/// What every node may say beside the fields of its kind: retries, time-out, what an error does.
package struct NodeSettings: Sendable {
    /// What a failure that no retry is left for does.
    package enum OnError: String, Sendable, CaseIterable {
        /// Fails the execution.
        case fail
        /// Makes the error the node's output and goes on.
        case `continue`
        /// Follows the `error` edges, with the error as their input.
        case route
    }

    /// When a failed attempt is followed by another.
    package struct Retry: Sendable {
        /// All attempts together; 1 means no retry.
        package var attemptsMax: Int32 = 1
        /// Before the second attempt.
        package var delay = Duration.seconds(1)
        /// By what each further delay grows.
        package var backoff = 1.0
        /// The longest delay.
        package var delayMax = Duration.seconds(3_600)
        /// Error codes that are worth another attempt; empty: all.
        package var codes: Set<String> = []

        /// How long to wait after `attempt` failed with `code`; nil: no further attempt.
        package func delay(afterAttempt attempt: Int32, code: String) -> Duration? {
            guard attempt < attemptsMax, codes.isEmpty || codes.contains(code) else { return nil }
            var factor = 1.0
            let maxSeconds = Self.seconds(delayMax)
            let seconds = Self.seconds(delay)
            for _ in 1..<Swift.max(1, attempt) {
                factor *= backoff
                if seconds * factor >= maxSeconds { break }
            }
            return min(
                delayMax, .microseconds(Int64(Swift.min(seconds * factor, maxSeconds) * 1e6)))
        }

        private static func seconds(_ duration: Duration) -> Double {
            Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        }
    }

    package var retry = Retry()
    /// Of one attempt; for nodes that wait, of the whole wait.
    package var timeout: Duration?
    package var onError = OnError.fail
    /// Where a run with breakpoints at marked nodes stops.
    package enum BreakpointMark: String, Sendable {
        case pre, post, both
        /// `true`: on the sides that the run asks for.
        case whereAsked
    }

    /// nil: it is not marked.
    package var breakpoint: BreakpointMark?
    /// Completes at once with its input as its output.
    package var isBypassed = false

    package init() {}

    init(_ fields: inout NodeFields) {
        timeout = fields.duration("timeout")
        if let timeout, timeout <= .zero {
            fields.fault(.badDuration, "timeout", "expected a time-out above 0")
        }
        if let text = fields.choice("onError", of: OnError.allCases.map(\.rawValue)) {
            onError = OnError(rawValue: text) ?? .fail
        }
        isBypassed = fields.bool("bypass") ?? false
        switch fields.value("breakpoint") {
        case nil, .bool(false)?: break
        case .bool(true)?: breakpoint = .whereAsked
        case .string(let text)? where ["pre", "post", "both"].contains(text):
            breakpoint = BreakpointMark(rawValue: text)
        case let other?:
            fields.fault(
                .badValue, "breakpoint",
                "expected true, false, pre, post or both, got \(other.text)")
        }
        readRetry(&fields)
    }

    private mutating func readRetry(_ fields: inout NodeFields) {
        guard let value = fields.value("retry") else { return }
        guard let object = value.objectValue else {
            fields.fault(.badRetry, "retry", "expected an object, got \(value.typeName)")
            return
        }
        var inner = NodeFields(
            object, at: fields.pointer.appending("retry"), nodeID: fields.nodeID)
        if inner.required("attempts") != nil {
            retry.attemptsMax = Int32(
                inner.integer("attempts", in: 1...1_000, code: .badRetry) ?? 1)
        }
        if let delay = inner.duration("delay") { retry.delay = delay }
        if let max = inner.duration("max") { retry.delayMax = max }
        if let value = inner.value("backoff") {
            if let number = value.numberValue?.doubleValue, number >= 1, number <= 100 {
                retry.backoff = number
            } else {
                inner.fault(
                    .badRetry, "backoff", "expected a number from 1 to 100, got \(value.text)")
            }
        }
        if let value = inner.value("on") {
            if let codes = value.arrayValue?.map(\.stringValue), !codes.isEmpty,
                !codes.contains(nil)
            {
                retry.codes = Set(codes.compactMap(\.self))
            } else {
                inner.fault(.badRetry, "on", "expected an array of error codes, got \(value.text)")
            }
        }
        inner.checkUnknown()
        fields.adopt(inner.faults)
    }
}

extension NodeFields {
    /// Takes over the faults of an object within.
    mutating func adopt(_ other: FaultList) {
        faults.append(other)
    }
}

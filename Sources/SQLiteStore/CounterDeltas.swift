internal import Store

/// How many executions of one workflow and pod are in one state, by the day of their creation.
struct CounterKey: Hashable {
    let workspaceID: String
    let workflowID: String
    let state: StateCode
    let day: Int64
    let podID: String

    /// Days since 1970, UTC, rounded down.
    static func day(microseconds: Int64) -> Int64 {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: dayMicroseconds)
        return remainder < 0 ? quotient - 1 : quotient
    }

    static let dayMicroseconds: Int64 = 86_400_000_000
}

/// What a transaction adds to the counters: gathered over its commits, so that a group writes each
/// counter once. A commit's own part counts only once the commit is kept.
struct CounterDeltas {
    private(set) var kept: [CounterKey: Int64] = [:]
    private var current: [(CounterKey, Int64)] = []

    mutating func add(_ key: CounterKey, _ delta: Int64) {
        current.append((key, delta))
    }

    mutating func keepCurrent() {
        for (key, delta) in current { kept[key, default: 0] += delta }
        current.removeAll(keepingCapacity: true)
    }

    mutating func dropCurrent() {
        current.removeAll(keepingCapacity: true)
    }

    mutating func dropAll() {
        dropCurrent()
        kept.removeAll(keepingCapacity: true)
    }
}

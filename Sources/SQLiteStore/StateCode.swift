internal import GRDB
internal import Messages
internal import Store

/// An execution state as one integer, `status * 1000 + reason * 10 + waiting`, so that it is one
/// column of an index and still legible: 2000 is RUNNING, 2001 RUNNING and waiting, 3050 SUSPENDED
/// for an approval, 5010 FAILED in a node.
struct StateCode: Hashable, Comparable {
    let rawValue: Int64

    /// Codes below are QUEUED or RUNNING.
    static let suspendedMin: Int64 = 3_000
    /// Codes below are not final.
    static let finalMin: Int64 = 4_000

    init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// - Throws: `StoreError.conflict` for a value of an enum that this version does not know.
    init(_ state: ExecutionState) throws(StoreError) {
        guard (0...6).contains(state.status.rawValue), (0...99).contains(state.reason.rawValue)
        else {
            throw StoreError(.conflict, "unknown execution state \(state)")
        }
        rawValue =
            Int64(state.status.rawValue) * 1_000 + Int64(state.reason.rawValue) * 10
            + (state.isWaiting ? 1 : 0)
    }

    var state: ExecutionState {
        ExecutionState(
            status: ExecutionStatus(rawValue: Int32(truncatingIfNeeded: rawValue / 1_000)),
            reason: ExecutionReason(rawValue: Int32(truncatingIfNeeded: rawValue / 10 % 100)),
            isWaiting: rawValue % 10 == 1)
    }

    /// Every state that any execution was ever in.
    static func all(in database: Database) throws -> [StateCode] {
        let select = try SQLStatement(database, "SELECT state FROM execution_states ORDER BY state")
        var states: [StateCode] = []
        while try select.step() { states.append(StateCode(rawValue: select.integer(0))) }
        return states
    }

    static func < (left: StateCode, right: StateCode) -> Bool {
        left.rawValue < right.rawValue
    }

    /// Whether any of the filters selects it; no filter selects all.
    func matches(_ filters: [StateFilter]) -> Bool {
        guard !filters.isEmpty else { return true }
        let state = state
        return filters.contains { filter in
            guard filter.status == .unspecified || filter.status == state.status,
                filter.reason == .unspecified || filter.reason == state.reason
            else { return false }
            return switch filter.waiting {
            case .yes: state.isWaiting
            case .no: !state.isWaiting
            case .unspecified, .unrecognized: true
            }
        }
    }
}

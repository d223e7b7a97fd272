internal import Model

/// Which bulk operation takes its next step: a value. So many steps are under way at once over all
/// workspaces, which take turns; an operation that pauses, as its rate wants it, keeps nobody waiting.
struct BulkTurns: Sendable {
    private let stepsMax: Int
    private var waiting = FairQueue<Int64>(countMax: .max, countPerWorkspaceMax: .max)
    /// The workspaces of those that have not ended.
    private var workspaces: [Int64: String] = [:]
    private var stepping: Set<Int64> = []

    init(stepsMax: Int) { self.stepsMax = stepsMax }

    /// An operation that has not ended was found; one that is known is not looked at again.
    mutating func found(_ number: Int64, workspaceID: String) {
        guard workspaces.updateValue(workspaceID, forKey: number) == nil else { return }
        _ = waiting.append(number, workspace: workspaceID)
    }

    /// Those that take a step now.
    mutating func next() -> [Int64] {
        var numbers: [Int64] = []
        while stepping.count < stepsMax, let number = waiting.popFirst() {
            stepping.insert(number)
            numbers.append(number)
        }
        return numbers
    }

    /// It has taken its step; it waits for its next turn from `due` on.
    mutating func paused(_ number: Int64) { stepping.remove(number) }

    /// Its pause is over.
    mutating func due(_ number: Int64) {
        guard let workspaceID = workspaces[number] else { return }
        _ = waiting.append(number, workspace: workspaceID)
    }

    mutating func ended(_ number: Int64) {
        stepping.remove(number)
        workspaces[number] = nil
    }
}

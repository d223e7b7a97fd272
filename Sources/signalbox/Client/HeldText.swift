internal import Messages

/// What has been said of a batch's executions that are held, and what is new.
struct HeldText {
    let workspaceID: String
    let batchID: String
    /// How many executions are named at most.
    let namesMax: Int
    private var told: Set<String> = []
    private var named = 0
    private var hasToldOfMore = false

    init(workspaceID: String, batchID: String, namesMax: Int) {
        self.workspaceID = workspaceID
        self.batchID = batchID
        self.namesMax = namesMax
    }

    /// Whether whatever more is held is not told.
    var isOver: Bool { hasToldOfMore }

    /// The lines for what was not told before of `executions`, those that are suspended now.
    mutating func news(_ executions: [Execution]) -> [String] {
        let step = NextStep(workspaceID: workspaceID)
        var lines: [String] = []
        for execution in executions.reversed() {
            for (interrupt, command) in zip(execution.interrupts, step.lines(execution)) {
                guard told.insert("\(execution.number) \(interrupt.id)").inserted else { continue }
                guard named < namesMax else {
                    if !hasToldOfMore { lines.append(more) }
                    hasToldOfMore = true
                    break
                }
                named += 1
                lines.append(
                    SafeText.line(
                        "held: execution \(execution.number) (\(execution.workflowID)) "
                            + ExecutionText.interrupt(interrupt)))
                lines.append("      " + SafeText.line(command))
            }
        }
        return lines
    }

    private var more: String {
        let place = workspaceID.isEmpty ? "" : " --workspace \(ShellWord.quoted(workspaceID))"
        return
            "held: more of them; all: signalbox list\(place) --batch \(ShellWord.quoted(batchID)) "
            + "--status suspended"
    }
}

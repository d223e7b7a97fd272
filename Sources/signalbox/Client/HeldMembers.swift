internal import Messages
internal import SignalboxClient

/// Says which executions of a batch are held, and what lets them go on, as often as that changes.
///
/// The counts of a batch, which a watch of it gives, do not tell: a suspended execution counts as
/// running. So it is looked at again and again.
struct HeldMembers {
    /// How often to look.
    private static let interval = Duration.seconds(1)
    /// How many executions are named at most; the command that lists the others is named once.
    private static let namesMax = 10

    let client: SignalboxClient
    let workspaceID: String
    let batchID: String

    /// Looks, and says, until the task is cancelled. It is an extra: where a look fails, nothing is said.
    func tell() async {
        var held = HeldText(workspaceID: workspaceID, batchID: batchID, namesMax: Self.namesMax)
        while !Task.isCancelled {
            let page = try? await client.listExecutions(
                ListExecutionsRequest(
                    workspaceID: workspaceID,
                    filter: ExecutionFilter(
                        states: [StateFilter(status: .suspended)], batchID: batchID)))
            for line in held.news(page?.executions ?? []) { Terminal.say(line) }
            guard (try? await Task.sleep(for: Self.interval)) != nil else { return }
        }
    }
}

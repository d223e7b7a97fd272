internal import Messages
internal import SignalboxClient

/// Says which executions of a batch are held, and what lets them go on, as a watch of the batch tells that
/// some are.
///
/// A watch tells how many are suspended, and each change while any is; which they are is then listed. A
/// value used by one task; looks that come while one is under way are one look.
struct HeldMembers {
    /// How many executions are named at most; the command that lists the others is named once.
    private static let namesMax = 10

    private let client: SignalboxClient
    private let workspaceID: String
    private let batchID: String
    private let looks: AsyncStream<Void>
    private let look: AsyncStream<Void>.Continuation

    init(client: SignalboxClient, workspaceID: String, batchID: String) {
        self.client = client
        self.workspaceID = workspaceID
        self.batchID = batchID
        (looks, look) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// The watch has told this state.
    func saw(_ batch: Batch) {
        if batch.suspended > 0 { look.yield() }
    }

    /// Looks and says until the task is cancelled, or there is nothing more to say. It is an extra: where a
    /// look fails, nothing is said.
    func tell() async {
        var held = HeldText(workspaceID: workspaceID, batchID: batchID, namesMax: Self.namesMax)
        for await _ in looks {
            let page = try? await client.listExecutions(
                ListExecutionsRequest(
                    workspaceID: workspaceID,
                    filter: ExecutionFilter(
                        states: [StateFilter(status: .suspended)], batchID: batchID)))
            for line in held.news(page?.executions ?? []) { Terminal.say(line) }
            if held.isOver { return }
        }
    }
}

/// What the engine and the operations accept at most. Sizes are in bytes. Each is documented in
/// docs/operations.md and shown by `ServerService.GetInfo`; the transport has its own.
package struct Limits: Sendable {
    /// One execution's input.
    package var inputBytesMax = 1 << 20
    /// One answer to an interrupt.
    package var answerBytesMax = 1 << 20
    /// What an interrupt asks; a longer message is cut.
    package var interruptMessageBytesMax = 16 << 10
    /// One node's output.
    package var nodeOutputBytesMax = 1 << 20
    /// One definition's text.
    package var definitionBytesMax = 1 << 20
    /// One execution's journal.
    package var journalBytesMax = 64 << 20
    /// Events in one execution's journal.
    package var journalEventsMax = 100_000
    /// Nodes in one workflow.
    package var workflowNodesMax = 1_000
    /// How deep bodies may nest.
    package var bodyDepthMax = 16
    /// Items of one `foreach`.
    package var loopItemsMax = 10_000
    /// Bodies of one execution that are at work at the same time; a loop that would exceed it runs its
    /// items one after the other.
    package var bodiesMax = 1_000
    /// How many parents a child execution may have above it.
    package var childDepthMax = 16
    /// Executions that run at the same time on one server.
    package var runningMax = 10_000
    /// Executions that run at the same time in one workspace.
    package var runningPerWorkspaceMax = 1_000
    /// Executions that may be queued on one server before further triggers are refused.
    package var queuedMax = 100_000
    /// Commits that may wait before new triggers are refused.
    package var waitingCommitsMax = 4_096
    /// Watchers of one execution.
    package var watchersPerExecutionMax = 10_000
    /// Bytes of committed events kept in memory for the watchers of one execution.
    package var watchTailBytesMax = 64 << 10
    /// Executions with news that a listener to a whole workspace may be behind with.
    package var listenerExecutionsMax = 10_000
    /// How long a trigger may wait for the end.
    package var triggerWaitMax = Duration.seconds(3_600)
    /// How long after an execution's end its request ids are remembered.
    package var requestRetention = Duration.seconds(24 * 3_600)
    /// Crashes in the same node after which an execution ends CRASHED.
    package var interruptedAttemptsMax = 3
    /// One secret's value.
    package var secretBytesMin = 4
    package var secretBytesMax = 64 << 10
    /// Secrets in one workspace.
    package var secretsPerWorkspaceMax = 1_000
    /// Events that a workspace keeps for nodes to come.
    package var eventsKeptMax = 10_000
    /// Nodes that one event is given to.
    package var eventDeliveriesMax = 10_000
    /// How long an event is kept, and its id remembered.
    package var eventRetention = Duration.seconds(7 * 86_400)
    /// Different expressions of one workflow that are more than paths: each is compiled by jq.
    package var workflowProgramsMax = 2_000

    /// A payload in a line of the trace logs.
    package var tracePayloadBytesMax = 64 << 10

    // Who works where.
    /// Workspaces of one server.
    package var workspacesMax = 10_000
    /// Pods of one workspace.
    package var podsPerWorkspaceMax = 1_000
    /// Members of one workspace.
    package var membersPerWorkspaceMax = 10_000
    /// Entries that a workspace's audit log keeps at least; the oldest beyond it are removed.
    package var auditEntriesMax = 100_000
    /// How long an audit entry is kept at most.
    package var auditRetention = Duration.seconds(400 * 86_400)
    /// Calls a minute with one token that has no rate of its own.
    package var callsPerMinuteMax = 6_000_000
    /// How long a stream ticket is good for.
    package var streamTicketLifetime = Duration.seconds(3_600)

    // Many at once.
    /// Tags of one workspace.
    package var tagsPerWorkspaceMax = 10_000
    /// Tags of one execution.
    package var tagsPerExecutionMax = 64
    /// Bytes of a tag's name.
    package var tagNameBytesMax = 64
    /// Workflows of one batch.
    package var batchItemsMax = 2_000
    /// Definitions of one batch, together.
    package var batchBytesMax = 64 << 20
    /// Executions of one batch that are under way at once.
    package var batchWorkersMax = 1_000
    /// The same, where a batch does not say.
    package var batchWorkersUsual: Int { min(4, batchWorkersMax) }
    /// Files and folders that are looked at for one batch.
    package var batchFolderEntriesMax = 20_000
    /// How deep folders of one batch may nest.
    package var batchFolderDepthMax = 16
    /// Watchers of one batch.
    package var watchersPerBatchMax = 1_000
    /// Watchers of one bulk operation.
    package var watchersPerBulkMax = 1_000
    /// Bulk operations of one workspace that are under way at once.
    package var bulkOperationsMax = 4
    /// Ended bulk operations of one workspace that are kept with their results; the oldest go.
    package var bulkOperationsKept = 100
    /// Steps of bulk operations that are under way at once over all workspaces, which take turns.
    package var bulkStepsMax = 16
    /// Executions a second that one bulk operation takes.
    package var bulkRateMax = 1_000
    /// The same, where it does not say.
    package var bulkRateUsual: Int { min(200, bulkRateMax) }
    /// How far ahead an execution may be triggered.
    package var startDelayMax = Duration.seconds(366 * 86_400)

    /// Exports that one workspace may have under way on one server.
    package var exportsPerWorkspaceMax = 4

    /// What workers may do.
    package var workers = WorkerLimits()
    // What fires by itself.
    /// Schedules of one workspace.
    package var schedulesPerWorkspaceMax = 1_000
    /// Fires of one schedule that may wait for what runs to end.
    package var scheduleBufferMax = 1_000
    /// Times of one schedule that are caught up at once.
    package var scheduleCatchUpMax = 1_000
    /// Times of one backfill.
    package var scheduleBackfillMax = 1_000
    /// Nominal times of one schedule of which is remembered what became of them, at least.
    package var scheduleFiresKept = 10_000
    /// Webhooks of one workspace.
    package var webhooksPerWorkspaceMax = 1_000
    /// Deliveries of one webhook that are remembered, to be listed and to tell repeats by.
    package var webhookDeliveriesKept = 10_000
    /// How long they are remembered at most.
    package var webhookDeliveryRetention = Duration.seconds(7 * 86_400)
    /// Deliveries a minute to one webhook, from one source, that may come without verifying.
    package var webhookRefusalsPerSourceMax = 60
    /// The same from all sources that have not shown a good one lately.
    package var webhookRefusalsMax = 600
    /// Bytes of deliveries' bodies that are read and not verified yet, from one source, of those that
    /// have not shown a good one lately.
    package var webhookWaitingBytesPerSourceMax = 4 << 20
    /// The same from all of these sources.
    package var webhookWaitingBytesMax = 64 << 20

    package init() {}
}

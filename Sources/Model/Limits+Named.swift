extension Limits {
    /// All that have a name.
    package static let named = ofExecutions + ofWorkspaces + ofAutomation + ofWorkers

    /// Their values, by name.
    package var byName: [String: Int64] {
        Dictionary(uniqueKeysWithValues: Self.named.map { ($0.name, $0.value(in: self)) })
    }

    /// The defaults.
    private static let usual = Limits()

    /// Of executions, alone and together.
    private static let ofExecutions: [NamedLimit<Limits>] = [
        // One execution.
        .init("input_bytes_max", \.inputBytesMax, .lower, in: usual),
        .init("answer_bytes_max", \.answerBytesMax, .lower, in: usual),
        .init("interrupt_message_bytes_max", \.interruptMessageBytesMax, .lower, in: usual),
        .init("node_output_bytes_max", \.nodeOutputBytesMax, .lower, in: usual),
        .init("trace_payload_bytes_max", \.tracePayloadBytesMax, .lower, in: usual),
        .init("journal_bytes_max", \.journalBytesMax, .lower, in: usual),
        .init("journal_events_max", \.journalEventsMax, .lower, in: usual),
        .init("definition_bytes_max", \.definitionBytesMax, .none, in: usual),
        .init("workflow_nodes_max", \.workflowNodesMax, .none, in: usual),
        .init("workflow_programs_max", \.workflowProgramsMax, .none, in: usual),
        .init("body_depth_max", \.bodyDepthMax, .none, in: usual),
        .init("loop_items_max", \.loopItemsMax, .lower, in: usual),
        .init("bodies_max", \.bodiesMax, .lower, in: usual),
        .init("child_depth_max", \.childDepthMax, .lower, in: usual),
        .init(seconds: "trigger_wait_seconds_max", \.triggerWaitMax, .lower, in: usual),
        .init(seconds: "start_delay_seconds_max", \.startDelayMax, .times(10), in: usual),
        .init(seconds: "request_retention_seconds", \.requestRetention, .times(10), in: usual),
        .init("interrupted_attempts_max", \.interruptedAttemptsMax, .times(10), in: usual),
        // Executions together, and who follows them.
        .init("running_max", \.runningMax, .times(10), in: usual),
        .init("running_per_workspace_max", \.runningPerWorkspaceMax, .times(10), in: usual),
        .init("queued_max", \.queuedMax, .times(10), in: usual),
        .init("waiting_commits_max", \.waitingCommitsMax, .times(10), in: usual),
        .init("watchers_per_execution_max", \.watchersPerExecutionMax, .times(10), in: usual),
        .init("watch_tail_bytes_max", \.watchTailBytesMax, .times(10), in: usual),
        .init("listener_executions_max", \.listenerExecutionsMax, .times(10), in: usual),
        .init("exports_per_workspace_max", \.exportsPerWorkspaceMax, .times(10), in: usual),
    ]

    /// Of what workspaces keep.
    private static let ofWorkspaces: [NamedLimit<Limits>] = [
        .init("events_kept_max", \.eventsKeptMax, .times(10), in: usual),
        .init("event_deliveries_max", \.eventDeliveriesMax, .lower, in: usual),
        .init(seconds: "event_retention_seconds", \.eventRetention, .times(10), in: usual),
        .init("workspaces_max", \.workspacesMax, .times(10), in: usual),
        .init("pods_per_workspace_max", \.podsPerWorkspaceMax, .times(10), in: usual),
        .init("members_per_workspace_max", \.membersPerWorkspaceMax, .times(10), in: usual),
        .init("secrets_per_workspace_max", \.secretsPerWorkspaceMax, .times(10), in: usual),
        .init("audit_entries_max", \.auditEntriesMax, .times(10), in: usual),
        .init(seconds: "audit_retention_seconds", \.auditRetention, .times(10), in: usual),
        .init("calls_per_minute_max", \.callsPerMinuteMax, .lower, in: usual),
        .init(seconds: "stream_ticket_lifetime_seconds", \.streamTicketLifetime, .lower, in: usual),
        .init("tags_per_workspace_max", \.tagsPerWorkspaceMax, .times(10), in: usual),
        .init("tags_per_execution_max", \.tagsPerExecutionMax, .lower, in: usual),
        .init("tag_name_bytes_max", \.tagNameBytesMax, .none, in: usual),
    ]

    /// Of batches, bulk operations, schedules and webhooks.
    private static let ofAutomation: [NamedLimit<Limits>] = [
        .init("batch_items_max", \.batchItemsMax, .lower, in: usual),
        .init("batch_bytes_max", \.batchBytesMax, .lower, in: usual),
        .init("batch_workers_max", \.batchWorkersMax, .lower, in: usual),
        .init("batch_folder_entries_max", \.batchFolderEntriesMax, .lower, in: usual),
        .init("batch_folder_depth_max", \.batchFolderDepthMax, .lower, in: usual),
        .init("watchers_per_batch_max", \.watchersPerBatchMax, .times(10), in: usual),
        .init("watchers_per_bulk_max", \.watchersPerBulkMax, .times(10), in: usual),
        .init("bulk_operations_max", \.bulkOperationsMax, .times(10), in: usual),
        .init("bulk_operations_kept", \.bulkOperationsKept, .times(10), in: usual),
        .init("bulk_steps_max", \.bulkStepsMax, .times(10), in: usual),
        .init("bulk_rate_max", \.bulkRateMax, .lower, in: usual),
        .init("schedules_per_workspace_max", \.schedulesPerWorkspaceMax, .times(10), in: usual),
        .init("schedule_buffer_max", \.scheduleBufferMax, .lower, in: usual),
        .init("schedule_catch_up_max", \.scheduleCatchUpMax, .lower, in: usual),
        .init("schedule_backfill_max", \.scheduleBackfillMax, .lower, in: usual),
        .init("schedule_fires_kept", \.scheduleFiresKept, .times(10), in: usual),
        .init("webhooks_per_workspace_max", \.webhooksPerWorkspaceMax, .times(10), in: usual),
        .init("webhook_deliveries_kept", \.webhookDeliveriesKept, .times(10), in: usual),
        .init(
            seconds: "webhook_delivery_retention_seconds", \.webhookDeliveryRetention, .times(10),
            in: usual),
        .init(
            "webhook_refusals_per_source_max", \.webhookRefusalsPerSourceMax, .times(10), in: usual),
        .init("webhook_refusals_max", \.webhookRefusalsMax, .times(10), in: usual),
        .init(
            "webhook_waiting_bytes_per_source_max", \.webhookWaitingBytesPerSourceMax, .times(10),
            in: usual),
        .init("webhook_waiting_bytes_max", \.webhookWaitingBytesMax, .times(10), in: usual),
    ]

    /// Of workers.
    private static let ofWorkers: [NamedLimit<Limits>] = [
        .init("workers_per_workspace_max", \.workers.workersPerWorkspaceMax, .times(10), in: usual),
        .init("worker_kinds_max", \.workers.kindsPerWorkerMax, .lower, in: usual),
        .init("kinds_per_workspace_max", \.workers.kindsPerWorkspaceMax, .times(10), in: usual),
        .init("kind_schema_bytes_max", \.workers.kindSchemaBytesMax, .lower, in: usual),
        .init("queues_per_workspace_max", \.workers.queuesPerWorkspaceMax, .times(10), in: usual),
        .init("worker_concurrency_max", \.workers.concurrencyMax, .lower, in: usual),
        .init("tasks_running_max", \.workers.runningMax, .times(10), in: usual),
        .init("tasks_waiting_in_memory_max", \.workers.waitingInMemoryMax, .times(10), in: usual),
        .init(seconds: "heartbeat_timeout_seconds", \.workers.heartbeatTimeout, .none, in: usual),
        .init(
            seconds: "heartbeat_timeout_seconds_min", \.workers.heartbeatTimeoutMin, .none,
            in: usual),
        .init(
            seconds: "heartbeat_timeout_seconds_max", \.workers.heartbeatTimeoutMax, .none,
            in: usual),
        .init(seconds: "worker_return_grace_seconds", \.workers.returnGrace, .times(10), in: usual),
        .init("progress_bytes_max", \.workers.progressBytesMax, .lower, in: usual),
        .init("progress_count_max", \.workers.progressCountMax, .lower, in: usual),
        .init(
            milliseconds: "progress_interval_milliseconds", \.workers.progressInterval, in: usual),
        .init("task_error_details_bytes_max", \.workers.detailsBytesMax, .lower, in: usual),
        .init("task_bytes_max", \.workers.taskBytesMax, .none, in: usual),
    ]
}

extension Limits {
    /// As docs/operations.md lists them.
    package static let named = NamedLimits(
        defaults: Limits(),
        [ofExecutions, ofWorkspaces, ofMany, ofWorkers, ofTriggers].reduce(into: [:]) {
            $0.merge($1) { first, _ in first }
        })

    private typealias Fields = [String: NamedLimits<Limits>.Field]

    private static let ofExecutions: Fields = [
        "input_bytes_max": .count(\.inputBytesMax, raise: 1),
        "answer_bytes_max": .count(\.answerBytesMax, raise: 1),
        "interrupt_message_bytes_max": .count(\.interruptMessageBytesMax),
        "node_output_bytes_max": .count(\.nodeOutputBytesMax, raise: 1),
        "trace_payload_bytes_max": .count(\.tracePayloadBytesMax),
        "definition_bytes_max": .count(\.definitionBytesMax, raise: 1),
        "journal_bytes_max": .count(\.journalBytesMax),
        "journal_events_max": .count(\.journalEventsMax),
        "workflow_nodes_max": .count(\.workflowNodesMax),
        "workflow_programs_max": .count(\.workflowProgramsMax),
        // Bodies are walked by functions that call themselves.
        "body_depth_max": .count(\.bodyDepthMax, raise: 1),
        "loop_items_max": .count(\.loopItemsMax),
        "bodies_max": .count(\.bodiesMax),
        "child_depth_max": .count(\.childDepthMax, raise: 1),
        "events_kept_max": .count(\.eventsKeptMax),
        "event_deliveries_max": .count(\.eventDeliveriesMax),
        "event_retention_seconds": .seconds(\.eventRetention),
        "running_max": .count(\.runningMax),
        "running_per_workspace_max": .count(\.runningPerWorkspaceMax),
        "queued_max": .count(\.queuedMax),
        "waiting_commits_max": .count(\.waitingCommitsMax),
        "watchers_per_execution_max": .count(\.watchersPerExecutionMax),
        "watch_tail_bytes_max": .count(\.watchTailBytesMax),
        "listener_executions_max": .count(\.listenerExecutionsMax),
        "trigger_wait_seconds_max": .seconds(\.triggerWaitMax),
        "request_retention_seconds": .seconds(\.requestRetention),
        "interrupted_attempts_max": .count(\.interruptedAttemptsMax),
        "start_delay_seconds_max": .seconds(\.startDelayMax),
    ]

    private static let ofWorkspaces: Fields = [
        "workspaces_max": .count(\.workspacesMax),
        "pods_per_workspace_max": .count(\.podsPerWorkspaceMax),
        "members_per_workspace_max": .count(\.membersPerWorkspaceMax),
        "audit_entries_max": .count(\.auditEntriesMax),
        "audit_retention_seconds": .seconds(\.auditRetention),
        "calls_per_minute_max": .count(\.callsPerMinuteMax, raise: 1),
        "exports_per_workspace_max": .count(\.exportsPerWorkspaceMax),
        "stream_ticket_lifetime_seconds": .seconds(\.streamTicketLifetime),
    ]

    private static let ofMany: Fields = [
        "tags_per_workspace_max": .count(\.tagsPerWorkspaceMax),
        "tags_per_execution_max": .count(\.tagsPerExecutionMax),
        "tag_name_bytes_max": .count(\.tagNameBytesMax),
        "batch_items_max": .count(\.batchItemsMax),
        "batch_bytes_max": .count(\.batchBytesMax),
        "batch_workers_max": .count(\.batchWorkersMax),
        "batch_folder_entries_max": .count(\.batchFolderEntriesMax),
        "batch_folder_depth_max": .count(\.batchFolderDepthMax),
        "watchers_per_batch_max": .count(\.watchersPerBatchMax),
        "watchers_per_bulk_max": .count(\.watchersPerBulkMax),
        "bulk_operations_max": .count(\.bulkOperationsMax),
        "bulk_operations_kept": .count(\.bulkOperationsKept),
        "bulk_steps_max": .count(\.bulkStepsMax),
        "bulk_rate_max": .count(\.bulkRateMax),
    ]

    private static let ofWorkers: Fields = [
        "workers_per_workspace_max": .count(\.workers.workersPerWorkspaceMax),
        "worker_kinds_max": .count(\.workers.kindsPerWorkerMax),
        "kinds_per_workspace_max": .count(\.workers.kindsPerWorkspaceMax),
        "kind_schema_bytes_max": .count(\.workers.kindSchemaBytesMax),
        "queues_per_workspace_max": .count(\.workers.queuesPerWorkspaceMax),
        "worker_concurrency_max": .count(\.workers.concurrencyMax),
        "tasks_running_max": .count(\.workers.runningMax),
        "tasks_waiting_in_memory_max": .count(\.workers.waitingInMemoryMax),
        "heartbeat_timeout_seconds": .seconds(\.workers.heartbeatTimeout),
        "heartbeat_timeout_seconds_min": .seconds(\.workers.heartbeatTimeoutMin),
        "heartbeat_timeout_seconds_max": .seconds(\.workers.heartbeatTimeoutMax),
        "worker_return_grace_seconds": .seconds(\.workers.returnGrace),
        "progress_bytes_max": .count(\.workers.progressBytesMax),
        "progress_count_max": .count(\.workers.progressCountMax),
        "progress_interval_milliseconds": .milliseconds(\.workers.progressInterval),
        "task_error_details_bytes_max": .count(\.workers.detailsBytesMax),
        // With its secrets it goes to the worker in one message.
        "task_bytes_max": .count(\.workers.taskBytesMax, raise: 1),
    ]

    private static let ofTriggers: Fields = [
        "schedules_per_workspace_max": .count(\.schedulesPerWorkspaceMax),
        "schedule_buffer_max": .count(\.scheduleBufferMax),
        "schedule_catch_up_max": .count(\.scheduleCatchUpMax),
        "schedule_backfill_max": .count(\.scheduleBackfillMax),
        "schedule_fires_kept": .count(\.scheduleFiresKept),
        "webhooks_per_workspace_max": .count(\.webhooksPerWorkspaceMax),
        "webhook_deliveries_kept": .count(\.webhookDeliveriesKept),
        "webhook_delivery_retention_seconds": .seconds(\.webhookDeliveryRetention),
        "webhook_refusals_per_source_max": .count(\.webhookRefusalsPerSourceMax),
        "webhook_refusals_max": .count(\.webhookRefusalsMax),
        "webhook_waiting_bytes_per_source_max": .count(\.webhookWaitingBytesPerSourceMax),
        "webhook_waiting_bytes_max": .count(\.webhookWaitingBytesMax),
    ]
}

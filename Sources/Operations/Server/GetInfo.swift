package import Messages
internal import Model

extension Operations {
    /// Says what this server is and what it allows. Needs no role.
    package func getInfo(_ request: GetInfoRequest, by caller: Caller) -> GetInfoResponse {
        GetInfoResponse(
            version: server.version, startTime: server.startTime.timestamp,
            now: environment.now().timestamp, principal: caller.principal,
            limits: limits.byName.merging(limits.workers.byName) { own, _ in own }
                .merging(server.transportLimits) { own, _ in own },
            nodeKinds: server.nodeKinds)
    }
}

extension Limits {
    /// Of tags, batches and executions for later.
    private var ofMany: [String: Int64] {
        [
            "tags_per_workspace_max": Int64(tagsPerWorkspaceMax),
            "tags_per_execution_max": Int64(tagsPerExecutionMax),
            "tag_name_bytes_max": Int64(tagNameBytesMax),
            "batch_items_max": Int64(batchItemsMax),
            "batch_bytes_max": Int64(batchBytesMax),
            "batch_workers_max": Int64(batchWorkersMax),
            "batch_folder_entries_max": Int64(batchFolderEntriesMax),
            "batch_folder_depth_max": Int64(batchFolderDepthMax),
            "watchers_per_batch_max": Int64(watchersPerBatchMax),
            "watchers_per_bulk_max": Int64(watchersPerBulkMax),
            "bulk_operations_max": Int64(bulkOperationsMax),
            "bulk_operations_kept": Int64(bulkOperationsKept),
            "bulk_steps_max": Int64(bulkStepsMax),
            "bulk_rate_max": Int64(bulkRateMax),
            "start_delay_seconds_max": startDelayMax.components.seconds,
        ]
    }

    /// As docs/operations.md lists them.
    package var byName: [String: Int64] {
        [
            "input_bytes_max": Int64(inputBytesMax),
            "answer_bytes_max": Int64(answerBytesMax),
            "interrupt_message_bytes_max": Int64(interruptMessageBytesMax),
            "node_output_bytes_max": Int64(nodeOutputBytesMax),
            "trace_payload_bytes_max": Int64(tracePayloadBytesMax),
            "definition_bytes_max": Int64(definitionBytesMax),
            "journal_bytes_max": Int64(journalBytesMax),
            "journal_events_max": Int64(journalEventsMax),
            "workflow_nodes_max": Int64(workflowNodesMax),
            "body_depth_max": Int64(bodyDepthMax),
            "loop_items_max": Int64(loopItemsMax),
            "bodies_max": Int64(bodiesMax),
            "child_depth_max": Int64(childDepthMax),
            "events_kept_max": Int64(eventsKeptMax),
            "event_deliveries_max": Int64(eventDeliveriesMax),
            "event_retention_seconds": eventRetention.components.seconds,
            "running_max": Int64(runningMax),
            "running_per_workspace_max": Int64(runningPerWorkspaceMax),
            "listener_executions_max": Int64(listenerExecutionsMax),
            "waiting_commits_max": Int64(waitingCommitsMax),
            "watchers_per_execution_max": Int64(watchersPerExecutionMax),
            "watch_tail_bytes_max": Int64(watchTailBytesMax),
            "trigger_wait_seconds_max": triggerWaitMax.components.seconds,
            "request_retention_seconds": requestRetention.components.seconds,
            "interrupted_attempts_max": Int64(interruptedAttemptsMax),
            "workflow_programs_max": Int64(workflowProgramsMax),
            "workspaces_max": Int64(workspacesMax),
            "pods_per_workspace_max": Int64(podsPerWorkspaceMax),
            "members_per_workspace_max": Int64(membersPerWorkspaceMax),
            "audit_entries_max": Int64(auditEntriesMax),
            "audit_retention_seconds": auditRetention.components.seconds,
            "calls_per_minute_max": Int64(callsPerMinuteMax),
            "exports_per_workspace_max": Int64(exportsPerWorkspaceMax),
            "stream_ticket_lifetime_seconds": streamTicketLifetime.components.seconds,
            "schedules_per_workspace_max": Int64(schedulesPerWorkspaceMax),
            "schedule_buffer_max": Int64(scheduleBufferMax),
            "schedule_catch_up_max": Int64(scheduleCatchUpMax),
            "schedule_backfill_max": Int64(scheduleBackfillMax),
            "schedule_fires_kept": Int64(scheduleFiresKept),
            "webhooks_per_workspace_max": Int64(webhooksPerWorkspaceMax),
            "webhook_deliveries_kept": Int64(webhookDeliveriesKept),
            "webhook_delivery_retention_seconds": webhookDeliveryRetention.components.seconds,
            "webhook_refusals_per_source_max": Int64(webhookRefusalsPerSourceMax),
            "webhook_refusals_max": Int64(webhookRefusalsMax),
        ].merging(ofMany) { own, _ in own }
    }
}

extension WorkerLimits {
    /// As docs/operations.md lists them.
    package var byName: [String: Int64] {
        [
            "workers_per_workspace_max": Int64(workersPerWorkspaceMax),
            "worker_kinds_max": Int64(kindsPerWorkerMax),
            "kinds_per_workspace_max": Int64(kindsPerWorkspaceMax),
            "kind_schema_bytes_max": Int64(kindSchemaBytesMax),
            "queues_per_workspace_max": Int64(queuesPerWorkspaceMax),
            "worker_concurrency_max": Int64(concurrencyMax),
            "tasks_running_max": Int64(runningMax),
            "tasks_waiting_in_memory_max": Int64(waitingInMemoryMax),
            "heartbeat_timeout_seconds": heartbeatTimeout.components.seconds,
            "heartbeat_timeout_seconds_min": heartbeatTimeoutMin.components.seconds,
            "heartbeat_timeout_seconds_max": heartbeatTimeoutMax.components.seconds,
            "worker_return_grace_seconds": returnGrace.components.seconds,
            "progress_bytes_max": Int64(progressBytesMax),
            "progress_count_max": Int64(progressCountMax),
            "progress_interval_milliseconds": progressInterval.components.attoseconds
                / 1_000_000_000_000_000,
            "task_error_details_bytes_max": Int64(detailsBytesMax),
            "task_bytes_max": Int64(taskBytesMax),
        ]
    }
}

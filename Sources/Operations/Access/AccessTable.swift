package import Messages

/// What an operation asks of its caller.
package enum Access: Sendable, Hashable {
    /// Nothing, not even an identity.
    case open
    /// An identity, with any role or none.
    case identity
    /// At least this role in the workspace.
    case role(Role)
    /// To be a server admin.
    case serverAdmin

    /// As the documents say it: `viewer`, `server admin`.
    package var words: String {
        switch self {
        case .open: "nothing"
        case .identity: "an identity"
        case .role(let role): role.word
        case .serverAdmin: "server admin"
        }
    }
}

/// The one table of who may do what, for every door.
extension OperationName {
    /// What it asks of its caller.
    package var access: Access {
        switch self {
        case .work, .heartbeat, .completeTask, .failTask, .reportProgress:
            .role(.worker)
        case .listWorkers, .listWorkerKinds, .listWorkerQueues:
            .role(.viewer)
        case .deleteWorkerKind, .putWorkerQueue, .deleteWorkerQueue:
            .role(.admin)
        case .getInfo, .authenticate:
            .open
        case .listWorkspaces:
            .identity
        case .getExecution, .listExecutions, .countExecutions, .listNodeExecutions,
            .getNodeExecution, .watch, .getLogs, .createStreamTicket, .watchWorkspace, .getWorkflow,
            .listWorkflows,
            .listWorkflowVersions, .validateWorkflow, .getWorkspace, .listPods, .getSettings:
            .role(.viewer)
        case .trigger, .cancel, .respond, .replay, .retry:
            .role(.operator)
        case .pause, .resume, .pauseControl, .setTraceLogs:
            .role(.operator)
        case .listInterrupts:
            .role(.viewer)
        case .putWorkflow, .deleteWorkflow, .deleteExecution:
            .role(.editor)
        case .deployWorkflow, .createToken, .listTokens, .revokeToken, .rotateToken,
            .updateWorkspace, .createPod, .renamePod, .deletePod, .putMember, .listMembers,
            .deleteMember, .updateSettings, .listAuditEntries:
            .role(.admin)
        case .createWorkspace, .deleteWorkspace:
            .serverAdmin
        case .listKeptEvents:
            .role(.viewer)
        case .publishEvent:
            .role(.operator)
        case .listSecrets:
            .role(.editor)
        case .putSecret, .deleteSecret, .rotateSecrets:
            .role(.admin)
        case .getTag, .listTags, .getExecutionTags, .getBatch, .listBatches, .listBatchItems,
            .watchBatch, .getBulkOperation, .listBulkOperations, .listBulkResults,
            .watchBulkOperation:
            .role(.viewer)
        case .setExecutionTags, .startBatch, .stopBatch, .stopAllBatches, .startBulkOperation,
            .stopBulkOperation:
            .role(.operator)
        case .createTag, .renameTag, .deleteTag:
            .role(.editor)
        case .clearBatches:
            .role(.admin)
        case .exportExecutions:
            .role(.viewer)
        case .reveal, .applyRetention:
            .role(.admin)
        case .getSchedule, .listSchedules, .previewSchedule, .listScheduleFires, .getWebhook,
            .listWebhooks, .listWebhookDeliveries:
            .role(.viewer)
        case .createSchedule, .updateSchedule, .pauseSchedule, .resumeSchedule, .deleteSchedule,
            .backfillSchedule, .createWebhook, .updateWebhook, .setWebhookEnabled,
            .rotateWebhookSecret, .deleteWebhook:
            .role(.editor)
        }
    }

    /// Whether it changes something and so leaves an entry in the audit log, also where it is
    /// refused for want of a role. Triggers do not: each is an execution that says who made it.
    package var isAudited: Bool {
        switch self {
        case .deleteWorkerKind, .putWorkerQueue, .deleteWorkerQueue:
            true
        case .work, .heartbeat, .completeTask, .failTask, .reportProgress, .listWorkers,
            .listWorkerKinds, .listWorkerQueues:
            false
        case .cancel, .respond, .replay, .retry, .deleteExecution, .putWorkflow, .deployWorkflow,
            .deleteWorkflow, .createToken, .revokeToken, .rotateToken, .createWorkspace,
            .updateWorkspace, .deleteWorkspace, .createPod, .renamePod, .deletePod, .putMember,
            .deleteMember, .updateSettings, .createStreamTicket:
            true
        case .trigger, .getExecution, .listExecutions, .countExecutions, .listNodeExecutions,
            .getNodeExecution, .watch, .getLogs, .getWorkflow, .listWorkflows,
            .listWorkflowVersions, .validateWorkflow, .getInfo, .authenticate, .listTokens,
            .getWorkspace, .listWorkspaces, .listPods, .listMembers, .getSettings,
            .listAuditEntries, .watchWorkspace:
            false
        case .putSecret, .deleteSecret, .rotateSecrets:
            true
        case .publishEvent, .listKeptEvents:
            false
        case .pause, .resume, .pauseControl, .setTraceLogs:
            true
        case .listInterrupts:
            false
        case .listSecrets:
            false
        case .createTag, .renameTag, .deleteTag, .setExecutionTags, .startBatch, .stopBatch,
            .stopAllBatches, .clearBatches, .startBulkOperation, .stopBulkOperation:
            true
        case .getTag, .listTags, .getExecutionTags, .getBatch, .listBatches, .listBatchItems,
            .watchBatch, .getBulkOperation, .listBulkOperations, .listBulkResults,
            .watchBulkOperation:
            false
        case .exportExecutions, .reveal, .applyRetention:
            true
        case .createSchedule, .updateSchedule, .pauseSchedule, .resumeSchedule, .deleteSchedule,
            .backfillSchedule, .createWebhook, .updateWebhook, .setWebhookEnabled,
            .rotateWebhookSecret, .deleteWebhook:
            true
        case .getSchedule, .listSchedules, .previewSchedule, .listScheduleFires, .getWebhook,
            .listWebhooks, .listWebhookDeliveries:
            false
        }
    }
}

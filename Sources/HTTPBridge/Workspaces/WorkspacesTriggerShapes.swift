internal import JSON
internal import Messages

/// Schedules and webhooks in the shapes of the workspaces dialect.
enum WorkspacesTriggerShapes {
    /// A schedule; when it ran last only where that was read.
    static func write(_ schedule: Schedule, isWhole: Bool, to json: inout JSONWriter) {
        let spec = schedule.spec ?? ScheduleSpec()
        json.object { json in
            json.member("id", schedule.id)
            json.member("workspaceId", schedule.workspaceID)
            json.member("podId", schedule.podID)
            json.member("spaceId", schedule.podID)
            json.member("workflowId", spec.workflowID)
            json.member("name", spec.name)
            json.member("cronExpression", spec.cron)
            json.member("cronExpr", spec.cron)
            json.member("timezone", spec.timeZone.isEmpty ? "UTC" : spec.timeZone)
            json.key("input")
            if spec.inputJSON.isEmpty {
                json.object { _ in }
            } else {
                json.raw(JSONText(trusted: spec.inputJSON))
            }
            json.member("enabled", !schedule.paused)
            json.member("overlapPolicy", WorkspacesWords.overlaps[spec.overlapPolicy])
            json.member("nextRunAt", instant: schedule.nextFireTime)
            if isWhole {
                let fired = schedule.recentFires.first { $0.outcome == .fired }
                json.member("lastRunAt", instant: fired?.time)
                json.member("lastExecutionId", fired.map(\.executionID))
            }
            json.member("runsAs", schedule.runsAs)
            json.member("createdAt", instant: schedule.createTime)
            json.member("updatedAt", instant: schedule.updateTime)
        }
    }

    /// A webhook; when it was triggered last only where that was read, its secret only where it was
    /// made.
    static func write(
        _ webhook: Webhook, isWhole: Bool, secret: String = "", to json: inout JSONWriter
    ) {
        let spec = webhook.spec ?? WebhookSpec()
        json.object { json in
            json.member("id", webhook.id)
            json.member("workspaceId", webhook.workspaceID)
            json.member("podId", webhook.podID)
            json.member("spaceId", webhook.podID)
            json.member("workflowId", spec.workflowID)
            json.member("name", spec.name)
            json.member("url", webhook.path)
            json.member("enabled", !webhook.disabled)
            json.member("verification", WorkspacesWords.verifications[spec.verification])
            json.member("response", WorkspacesWords.responses[spec.response])
            if !secret.isEmpty { json.member("secret", secret) }
            json.member("secretHint", webhook.secretHint.isEmpty ? nil : webhook.secretHint)
            if isWhole {
                let last = webhook.recentDeliveries.first
                json.member("lastTriggeredAt", instant: last?.time)
                json.member(
                    "lastExecutionId",
                    last.flatMap { $0.executionID.isEmpty ? nil : $0.executionID })
            }
            json.member("runsAs", webhook.runsAs)
            json.member("createdAt", instant: webhook.createTime)
            json.member("updatedAt", instant: webhook.updateTime)
        }
    }
}

internal import Messages
internal import ProtobufRuntime

/// Webhooks, for people.
enum WebhookText {
    static func table(_ webhooks: [Webhook]) -> Table {
        var table = Table(["ID", "WORKFLOW", "VERIFIED BY", "STATE", "NAME"])
        for webhook in webhooks {
            let spec = webhook.spec ?? WebhookSpec()
            table.add([
                webhook.id, spec.workflowID, verification(spec),
                webhook.disabled ? "disabled" : "enabled", spec.name,
            ])
        }
        return table
    }

    static func table(_ deliveries: [WebhookDelivery]) -> Table {
        var table = Table(["RECEIVED", "EXECUTION", "DELIVERY", "FROM", "WHY"])
        for delivery in deliveries {
            table.add([
                ExecutionText.instant(delivery.time),
                delivery.executionNumber == 0 ? "" : "\(delivery.executionNumber)",
                delivery.deliveryID, delivery.origin,
                delivery.reason.isEmpty ? "" : "\(delivery.reason): \(delivery.message)",
            ])
        }
        return table
    }

    static func withSecret(_ made: WebhookWithSecret) -> String {
        let text = details(made.webhook ?? Webhook())
        return made.secret.isEmpty
            ? text : text + "\nsecret (shown once): \(SafeText.line(made.secret, max: 1_000))"
    }

    /// Everything, a line each.
    static func details(_ webhook: Webhook) -> String {
        let spec = webhook.spec ?? WebhookSpec()
        var lines = [
            "webhook      \(webhook.id)" + (webhook.disabled ? " (disabled)" : ""),
            "workflow     \(spec.workflowID)", "path         \(webhook.path)",
            "verified by  \(verification(spec))", "runs as      \(webhook.runsAs)",
        ]
        if !spec.name.isEmpty { lines.append("name         \(spec.name)") }
        if spec.response == .output { lines.append("answers      the output") }
        let text = lines.map { SafeText.line($0, max: 1_000) }.joined(separator: "\n")
        return webhook.recentDeliveries.isEmpty
            ? text
            : text + "\n\n"
                + table(webhook.recentDeliveries).text(colourful: Terminal.isColourful())
    }

    private static func verification(_ spec: WebhookSpec) -> String {
        Choice.word(spec.verification == .unspecified ? .signature : spec.verification)
    }
}

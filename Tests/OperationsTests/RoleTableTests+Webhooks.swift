import Messages

@testable import Operations

extension RoleTableTests {
    private static let webhookSpec = WebhookSpec(workflowID: "noops")

    /// A webhook that is there whatever the caller may do.
    private static func madeWebhook(_ desk: Desk) async throws -> String {
        try await desk.operations.createWebhook(
            CreateWebhookRequest(spec: webhookSpec), by: Desk.caller(.editor)
        ).webhook?.id ?? ""
    }

    static let webhookRows: [Row] = [
        Row(.createWebhook) { desk, caller, scope in
            _ = try await desk.operations.createWebhook(
                CreateWebhookRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, spec: webhookSpec),
                by: caller)
        },
        Row(.getWebhook) { desk, caller, scope in
            let id = try await madeWebhook(desk)
            _ = try await desk.operations.getWebhook(
                GetWebhookRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, webhookID: id), by: caller)
        },
        Row(.listWebhooks) { desk, caller, scope in
            _ = try await desk.operations.listWebhooks(
                ListWebhooksRequest(workspaceID: scope.workspaceID, podID: scope.podID),
                by: caller)
        },
        Row(.updateWebhook) { desk, caller, scope in
            let id = try await madeWebhook(desk)
            _ = try await desk.operations.updateWebhook(
                UpdateWebhookRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, webhookID: id,
                    spec: webhookSpec), by: caller)
        },
        Row(.setWebhookEnabled) { desk, caller, scope in
            let id = try await madeWebhook(desk)
            _ = try await desk.operations.setWebhookEnabled(
                SetWebhookEnabledRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, webhookID: id), by: caller)
        },
        Row(.rotateWebhookSecret) { desk, caller, scope in
            let id = try await madeWebhook(desk)
            _ = try await desk.operations.rotateWebhookSecret(
                RotateWebhookSecretRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, webhookID: id), by: caller)
        },
        Row(.deleteWebhook) { desk, caller, scope in
            let id = try await madeWebhook(desk)
            _ = try await desk.operations.deleteWebhook(
                DeleteWebhookRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, webhookID: id), by: caller)
        },
        Row(.listWebhookDeliveries) { desk, caller, scope in
            let id = try await madeWebhook(desk)
            _ = try await desk.operations.listWebhookDeliveries(
                ListWebhookDeliveriesRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, webhookID: id), by: caller)
        },
    ]
}

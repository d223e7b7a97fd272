internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations

extension WorkspacesCalls {
    func listWebhooks(_ request: BridgeRequest) async throws -> Answer {
        let at = try WorkspacesRequest(request)
        let page = try await operations.listWebhooks(
            ListWebhooksRequest(
                workspaceID: at.workspaceID, podID: at.podID,
                workflowID: request.query.first("workflowId") ?? "",
                pageSize: Int32(try request.query.integer("limit", in: 1...1_000) ?? 1_000),
                pageToken: request.query.first("cursor") ?? ""), by: at.caller)
        var answer = Answer.json { json in
            json.array(page.webhooks) { json, webhook in
                WorkspacesTriggerShapes.write(webhook, isWhole: false, to: &json)
            }
        }
        if !page.nextPageToken.isEmpty {
            answer.headers[.link] = PageLink.next(request, [("cursor", page.nextPageToken)])
        }
        return answer
    }

    /// Answers with the secret, which no other call shows.
    func createWebhook(_ request: BridgeRequest) async throws -> Answer {
        let at = try await admitted(request, to: .createWebhook)
        let body = try WorkspacesWebhookBody(try await request.json(), isNew: true)
        var spec = WebhookSpec()
        // Who gives a secret signs with it; else one is made, and shown in a header field.
        spec.verification = body.secret == nil ? .sharedSecret : .signature
        body.apply(to: &spec)
        let asked = CreateWebhookRequest(
            workspaceID: at.workspaceID, podID: at.podID, spec: spec, secret: body.secret ?? "",
            disabled: body.enabled == false)
        let made = try await Self.naming([:]) { () async throws(OperationError) in
            try await operations.createWebhook(asked, by: at.caller)
        }
        return .json(status: .created) { json in
            WorkspacesTriggerShapes.write(
                made.webhook ?? Webhook(), isWhole: true, secret: made.secret, to: &json)
        }
    }

    func getWebhook(_ request: BridgeRequest) async throws -> Answer {
        try await webhook(try request.path("id"), try WorkspacesRequest(request))
    }

    /// What the body leaves out stays as it is; a `secret` in it takes the old one's place. Where
    /// anything of it is refused, nothing is changed.
    func patchWebhook(_ request: BridgeRequest) async throws -> Answer {
        let at = try await admitted(request, to: .updateWebhook)
        let body = try WorkspacesWebhookBody(try await request.json(), isNew: false)
        let id = try request.path("id")
        let patch = WebhookPatch(
            workspaceID: at.workspaceID, podID: at.podID, webhookID: id, secret: body.secret,
            enabled: body.enabled
        ) { body.apply(to: &$0) }
        _ = try await Self.naming([:]) { () async throws(OperationError) in
            try await operations.patchWebhook(patch, by: at.caller)
        }
        return try await webhook(id, at)
    }

    func deleteWebhook(_ request: BridgeRequest) async throws -> Answer {
        let at = try WorkspacesRequest(request)
        _ = try await operations.deleteWebhook(
            DeleteWebhookRequest(
                workspaceID: at.workspaceID, podID: at.podID, webhookID: try request.path("id")),
            by: at.caller)
        return .empty(.noContent)
    }

    private func webhook(_ id: String, _ at: WorkspacesRequest) async throws -> Answer {
        let webhook = try await operations.getWebhook(
            GetWebhookRequest(workspaceID: at.workspaceID, podID: at.podID, webhookID: id),
            by: at.caller)
        return .json { json in
            WorkspacesTriggerShapes.write(webhook, isWhole: true, to: &json)
        }
    }
}

internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations

extension WorkspacesCalls {
    func createWorkflow(_ request: BridgeRequest) async throws -> Answer {
        let at = try await admittedToSave(request)
        let body = try WorkspacesWorkflowBody(try await request.json())
        let id = body.id ?? Self.newWorkflowID()
        return try await save(
            id, body.definition(id: id, over: nil), at, isNew: true, status: .created)
    }

    func putWorkflow(_ request: BridgeRequest) async throws -> Answer {
        let at = try await admittedToSave(request)
        let id = try request.path("id")
        let body = try WorkspacesWorkflowBody(try await request.json())
        return try await save(id, body.definition(id: id, over: nil), at)
    }

    /// How often a patch is applied anew because somebody else saved meanwhile.
    private static let patchesMax = 8

    /// What the body leaves out stays as it is, also where others save at the same time.
    func patchWorkflow(_ request: BridgeRequest) async throws -> Answer {
        let at = try await admittedToSave(request)
        let id = try request.path("id")
        let body = try WorkspacesWorkflowBody(try await request.json())
        for isLast in (1...Self.patchesMax).map({ $0 == Self.patchesMax }) {
            let saved = try await operations.getWorkflow(
                GetWorkflowRequest(workspaceID: at.workspaceID, podID: at.podID, workflowID: id),
                by: at.caller)
            let old = try? JSONValue(JSONText(trusted: saved.definitionJSON)).objectValue
            do {
                return try await save(
                    id, body.definition(id: id, over: old), at, expectedVersion: saved.version)
            } catch let error as OperationError {
                guard error.reason == "VERSION_CONFLICT", !isLast else { throw error }
            }
        }
        preconditionFailure("the last patch was answered")
    }

    func listWorkflows(_ request: BridgeRequest) async throws -> Answer {
        let at = try WorkspacesRequest(request)
        let page = try await operations.listWorkflows(
            ListWorkflowsRequest(
                workspaceID: at.workspaceID, podID: at.podID,
                pageSize: Int32(try request.query.integer("limit", in: 1...1_000) ?? 1_000),
                pageToken: request.query.first("cursor") ?? ""), by: at.caller)
        var answer = Answer.json { json in
            json.array(page.workflows) { json, workflow in
                WorkspacesShapes.write(workflow, isWhole: false, to: &json)
            }
        }
        if !page.nextPageToken.isEmpty {
            answer.headers[.link] = PageLink.next(request, [("cursor", page.nextPageToken)])
        }
        return answer
    }

    func getWorkflow(_ request: BridgeRequest) async throws -> Answer {
        let at = try WorkspacesRequest(request)
        let version = try request.query.integer("version", in: 1...Int64(Int32.max)) ?? 0
        let workflow = try await operations.getWorkflow(
            GetWorkflowRequest(
                workspaceID: at.workspaceID, podID: at.podID, workflowID: try request.path("id"),
                version: Int32(version)), by: at.caller)
        return .workspaces(workflow)
    }

    func deleteWorkflow(_ request: BridgeRequest) async throws -> Answer {
        let at = try WorkspacesRequest(request)
        _ = try await operations.deleteWorkflow(
            DeleteWorkflowRequest(
                workspaceID: at.workspaceID, podID: at.podID, workflowID: try request.path("id")),
            by: at.caller)
        return .empty(.noContent)
    }

    func deployWorkflow(_ request: BridgeRequest) async throws -> Answer {
        let at = try WorkspacesRequest(request)
        try await operations.admit(
            at.caller, to: .deployWorkflow, workspaceID: at.workspaceID, podID: at.podID)
        var fields = BodyFields(try await request.json())
        let version = fields.integer("version", in: 1...Int64(Int32.max)) ?? 0
        try fields.finish()
        return .workspaces(
            try await operations.deployWorkflow(
                DeployWorkflowRequest(
                    workspaceID: at.workspaceID, podID: at.podID,
                    workflowID: try request.path("id"), version: Int32(version)), by: at.caller))
    }

    private func admittedToSave(_ request: BridgeRequest) async throws -> WorkspacesRequest {
        let at = try WorkspacesRequest(request)
        try await operations.admit(
            at.caller, to: .putWorkflow, workspaceID: at.workspaceID, podID: at.podID)
        return at
    }

    private func save(
        _ id: String, _ definition: JSONText, _ at: WorkspacesRequest, isNew: Bool = false,
        expectedVersion: Int32 = 0, status: HTTPResponse.Status = .ok
    ) async throws -> Answer {
        .workspaces(
            try await operations.putWorkflow(
                PutWorkflowRequest(
                    workspaceID: at.workspaceID, podID: at.podID, workflowID: id,
                    definitionJSON: definition.text, expectedVersion: expectedVersion),
                isNew: isNew, by: at.caller), status: status)
    }

    private static func newWorkflowID() -> String {
        var random = SystemRandomNumberGenerator()
        return "wf_" + String(random.next() as UInt64, radix: 36)
    }
}

extension Answer {
    /// One workflow with its definition.
    static func workspaces(_ workflow: Workflow, status: HTTPResponse.Status = .ok) -> Answer {
        .json(status: status) { json in
            WorkspacesShapes.write(workflow, isWhole: true, to: &json)
        }
    }
}

internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations

extension WorkspacesCalls {
    func createWorkflow(_ request: BridgeRequest) async throws -> Answer {
        let at = try await admittedToSave(request)
        let body = try WorkspacesWorkflowBody(try await request.json())
        let id = body.id ?? Self.newWorkflowID()
        if body.id != nil, try await workflow(id, at) != nil {
            throw Fault(
                .conflict, code: "WORKFLOW_EXISTS",
                "the workspace has a workflow '\(id.prefix(64))'; save its next version with PUT")
        }
        return try await save(id, body.definition(id: id, over: nil), at, status: .created)
    }

    func putWorkflow(_ request: BridgeRequest) async throws -> Answer {
        let at = try await admittedToSave(request)
        let id = try request.path("id")
        let body = try WorkspacesWorkflowBody(try await request.json())
        return try await save(id, body.definition(id: id, over: nil), at)
    }

    func patchWorkflow(_ request: BridgeRequest) async throws -> Answer {
        let at = try await admittedToSave(request)
        let id = try request.path("id")
        let body = try WorkspacesWorkflowBody(try await request.json())
        let saved = try await operations.getWorkflow(
            GetWorkflowRequest(workspaceID: at.workspaceID, podID: at.podID, workflowID: id),
            by: at.caller)
        let old = try? JSONValue(JSONText(trusted: saved.definitionJSON)).objectValue
        return try await save(id, body.definition(id: id, over: old), at)
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

    private func workflow(_ id: String, _ at: WorkspacesRequest) async throws -> Workflow? {
        do {
            return try await operations.getWorkflow(
                GetWorkflowRequest(workspaceID: at.workspaceID, workflowID: id), by: at.caller)
        } catch let error where error.code == .notFound {
            return nil
        }
    }

    private func save(
        _ id: String, _ definition: JSONText, _ at: WorkspacesRequest,
        status: HTTPResponse.Status = .ok
    ) async throws -> Answer {
        .workspaces(
            try await operations.putWorkflow(
                PutWorkflowRequest(
                    workspaceID: at.workspaceID, podID: at.podID, workflowID: id,
                    definitionJSON: definition.text), by: at.caller), status: status)
    }

    private static func newWorkflowID() -> String {
        var random = SystemRandomNumberGenerator()
        return "wf_" + String(random.next() as UInt64, radix: 36)
    }
}

/// A workflow as a client sends it: its graph under `definition`, or at the top.
struct WorkspacesWorkflowBody {
    let id: String?
    private let body: JSONObject

    init(_ body: JSONObject) throws(Fault) {
        self.body = body
        var fields = BodyFields(body)
        id = fields.string("id")
        _ = fields.string("name")
        _ = fields.object("definition")
        try fields.finish()
    }

    /// What is to be saved: the members of `old` that the client left out are kept.
    func definition(id: String, over old: JSONObject?) -> JSONText {
        var whole = old ?? JSONObject()
        for member in body where member.key != "definition" && !member.value.isNull {
            whole[member.key] = member.value
        }
        for member in body["definition"]?.objectValue ?? JSONObject() {
            whole[member.key] = member.value
        }
        if let name = body["name"]?.stringValue { whole["name"] = .string(name) }
        whole["id"] = .string(id)
        return JSONText(.object(whole))
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

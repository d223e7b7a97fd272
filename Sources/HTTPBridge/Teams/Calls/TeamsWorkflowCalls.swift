internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations

extension TeamsCalls {
    /// As many as one answer lists; `Link` says where it goes on.
    private static let workflowsMax: Int32 = 1_000

    func listWorkflows(_ request: BridgeRequest) async throws -> Answer {
        let page = try await Self.inTeam {
            try await operations.listWorkflows(
                ListWorkflowsRequest(
                    workspaceID: try Self.team(request), pageSize: Self.workflowsMax,
                    pageToken: request.query.first("cursor") ?? ""), by: request.caller)
        }
        var answer = Answer.json { json in
            json.array(page.workflows) { json, workflow in
                TeamsShapes.write(workflow, isWhole: false, to: &json)
            }
        }
        if !page.nextPageToken.isEmpty {
            answer.headers[.link] = PageLink.next(request, [("cursor", page.nextPageToken)])
        }
        return answer
    }

    func getWorkflow(_ request: BridgeRequest) async throws -> Answer {
        let id = try request.path("id")
        let workflow = try await Self.inTeam {
            try await operations.getWorkflow(
                GetWorkflowRequest(workspaceID: try Self.team(request), workflowID: id),
                by: request.caller)
        }
        return .json { TeamsShapes.write(workflow, isWhole: true, to: &$0) }
    }
}

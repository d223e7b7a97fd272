internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations

extension WorkspacesCalls {
    func logs(_ request: BridgeRequest) async throws -> Answer {
        let at = try WorkspacesRequest(request)
        let executionID = try request.executionReference
        let page = try await operations.getLogs(
            GetLogsRequest(
                workspaceID: at.workspaceID, podID: at.podID, executionID: executionID,
                pageSize: Int32(try request.query.integer("limit", in: 1...1_000) ?? 1_000),
                pageToken: request.query.first("cursor") ?? ""), by: at.caller)
        let nodes = try await nodes(
            named: Set(page.entries.map(\.nodePath)), executionID, at)
        var answer = Answer.json { json in
            json.array(page.entries) { json, entry in
                WorkspacesShapes.write(entry, nodes[entry.nodePath], to: &json)
            }
        }
        if !page.nextPageToken.isEmpty {
            answer.headers[.link] = PageLink.next(request, [("cursor", page.nextPageToken)])
        }
        return answer
    }

    /// The last run of each of these nodes, with what it took and gave as far as that fits into one
    /// message.
    private func nodes(
        named paths: Set<String>, _ executionID: String, _ at: WorkspacesRequest
    ) async throws -> [String: NodeExecution] {
        var found: [String: NodeExecution] = [:]
        var asked = ListNodeExecutionsRequest(
            workspaceID: at.workspaceID, podID: at.podID, executionID: executionID,
            pageSize: 1_000, view: .full)
        var room = 4
        repeat {
            let page = try await operations.listNodeExecutions(asked, by: at.caller)
            for node in page.nodeExecutions where paths.contains(node.nodePath) {
                found[node.nodePath] = node
            }
            asked.pageToken = page.nextPageToken
            room -= 1
            // What is beyond some megabytes is shown without payloads.
            if room == 0 { asked.view = .basic }
        } while !asked.pageToken.isEmpty
        return found
    }
}

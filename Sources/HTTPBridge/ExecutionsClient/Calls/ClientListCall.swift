internal import JSON
internal import Messages
internal import Operations

extension ExecutionsClientCalls {
    func list(_ request: BridgeRequest) async throws -> Answer {
        var cursor = ExecutionsClientCursor(limit: try ExecutionsClientParameters.limit(request))
        if let text = request.query.first("cursor") { cursor = try ExecutionsClientCursor(text) }
        let includeData = try ExecutionsClientParameters.flag("includeData", request) ?? false
        var asked = ListExecutionsRequest(
            podID: request.query.first("projectId") ?? "", filter: try filter(request),
            pageSize: Int32(cursor.limit), view: includeData ? .full : .basic,
            redaction: try ExecutionsClientParameters.redaction(request))
        var part = try ExecutionsClientParameters.started("query") { (name) throws(Fault) in
            request.query.first(name)
        }
        part.skip = cursor.offset
        part.below = cursor.lastID
        // A status that nothing of ours has, and no status at all, are two things.
        let isEmpty = request.query.first("status") != nil && asked.filter?.states.isEmpty == true
        if isEmpty { asked.pageSize = 1 }
        let page = try await page(asked, part, request.caller)
        let executions = isEmpty ? [] : page?.executions ?? []
        let shapes = try await shapes(executions, includeData, request.caller)
        var next: String?
        if !isEmpty, page?.hasMore == true, let last = executions.last {
            next = ExecutionsClientCursor(limit: cursor.limit, lastID: last.number).text
        }
        return .json { json in
            json.object { json in
                json.key("data")
                json.array(zip(executions, shapes)) { json, item in
                    item.1.write(item.0, .list, to: &json)
                }
                json.member("nextCursor", next)
            }
        }
    }

    private func filter(_ request: BridgeRequest) throws(Fault) -> ExecutionFilter {
        var filter = ExecutionFilter()
        for word in request.query.all("status") {
            guard let states = ExecutionsClientWords.states.filters(of: word) else {
                throw .client(
                    "query/status",
                    "must be equal to one of the allowed values: "
                        + ExecutionsClientWords.states.words.joined(separator: ", "))
            }
            filter.states += states.filter { !filter.states.contains($0) }
        }
        filter.workflowIDs = request.query.all("workflowId").filter { !$0.isEmpty }
        filter.tags = request.query.all("tags").flatMap {
            $0.split(separator: ",").map(String.init)
        }
        return filter
    }

    /// nil: the project or a tag is not the caller's.
    private func page(
        _ asked: ListExecutionsRequest, _ part: ExecutionListPart, _ caller: Caller
    ) async throws -> ListedExecutions? {
        do throws(OperationError) {
            return try await operations.listExecutions(asked, part: part, by: caller)
        } catch {
            guard error.reason == "POD_NOT_FOUND" || error.reason == "TAG_NOT_FOUND" else {
                throw error
            }
            try await operations.admit(caller, to: .listExecutions)
            return nil
        }
    }

    /// How each of `executions` is shown; a workflow is read once.
    private func shapes(
        _ executions: [Execution], _ includeData: Bool, _ caller: Caller
    ) async throws -> [ExecutionsClientShapes] {
        guard includeData else { return executions.map { _ in ExecutionsClientShapes() } }
        var workflows: [String: ExecutionsClientWorkflow?] = [:]
        var shapes: [ExecutionsClientShapes] = []
        for execution in executions {
            let key = "\(execution.workflowVersion) \(execution.workflowID)"
            if workflows[key] == nil {
                workflows[key] = .some(try await workflow(of: execution, caller))
            }
            shapes.append(
                ExecutionsClientShapes(workflow: workflows[key] ?? nil, hasData: true))
        }
        return shapes
    }
}

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
            pageSize: Int32(cursor.limit),
            redaction: try ExecutionsClientParameters.redaction(request))
        let ignoresLimit =
            try ExecutionsClientParameters.flag("ignoreDataSizeLimit", request) ?? false
        let redaction = asked.redaction
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
        var next: String?
        if !isEmpty, page?.hasMore == true, let last = executions.last {
            next = ExecutionsClientCursor(limit: cursor.limit, lastID: last.number).text
        }
        guard includeData, let page else {
            return .json { json in
                json.object { json in
                    json.key("data")
                    json.array(executions) { json, execution in
                        ExecutionsClientShapes().write(execution, .list, to: &json)
                    }
                    json.member("nextCursor", next)
                }
            }
        }
        let tail = #"],"nextCursor":\#(next.map { "\"\($0)\"" } ?? "null")}"#
        return try await .rows(of: executions, between: #"{"data":["#, tail) {
            execution async throws in
            let whole = try await page.whole(execution)
            let shapes = ExecutionsClientShapes(
                workflow: try await workflow(of: whole, request.caller), hasData: true)
            if ignoresLimit, whole.dataTooLarge {
                let runs = runs(of: whole, redaction, request.caller)
                return .streamed { try await runs.write(whole, .list, shapes, to: $0) }
            }
            var json = JSONWriter()
            shapes.write(whole, .list, to: &json)
            return .whole(json.finish())
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
}

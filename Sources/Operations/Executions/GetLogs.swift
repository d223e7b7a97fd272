internal import Engine
package import Messages
internal import Redaction
internal import Store

extension Operations {
    /// Returns an execution's structured log. Needs viewer.
    package func getLogs(_ request: GetLogsRequest, by caller: Caller)
        async throws(OperationError) -> GetLogsResponse
    {
        let grant = try await authorise(
            .getLogs, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.known("level", request.level)
        check.known("redaction", request.redaction)
        let limit = check.pageSize(request.pageSize, usual: 200)
        try check.finish()
        let row = try await execution(request.executionID, grant)
        let pages = PageToken("GetLogs", [row.execution.id, "\(request.level.rawValue)"])
        let after = try pages.numbers(request.pageToken, count: 1)?[0] ?? 0
        let trigger = row.execution.trigger
        let showing = try await showing(
            request.redaction, caller, grant, triggers: [trigger],
            object: "execution \(row.number)")
        let page = try await engaging { () async throws(EngineError) in
            try await engine.logs(row, after: after, limit: limit, level: request.level)
        }
        var entries = page.entries
        if let redactor = showing.redactor(trigger) {
            for index in entries.indices { redactor.redact(&entries[index]) }
        }
        return GetLogsResponse(
            entries: entries, nextPageToken: page.next.map { pages.token($0) } ?? "",
            redaction: showing.info(trigger))
    }
}

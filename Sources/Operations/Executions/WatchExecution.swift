internal import Engine
package import Messages
package import Store

/// A checked watch: rows to pass on, each through `filter`.
package struct ExecutionWatch: Sendable {
    package let rows: JournalWatch
    package let filter: WatchFilter
}

extension Operations {
    /// Checks a watch; the events come from the returned sequence. Needs viewer.
    /// - Throws: `.outOfRange` if `after_sequence` lies beyond the newest event.
    package func watchExecution(_ request: WatchRequest, by caller: Caller)
        async throws(OperationError) -> ExecutionWatch
    {
        let grant = try await authorise(
            .watch, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.range("after_sequence", request.afterSequence, 0...Int64.max)
        check.known("redaction", request.redaction)
        try check.finish()
        let row = try await execution(request.executionID, grant)
        let trigger = row.execution.trigger
        let showing = try await showing(
            request.redaction, caller, grant, triggers: [trigger],
            object: "execution \(row.number)")
        if request.afterSequence > row.execution.lastSequence {
            // The row of a running execution is written less often than its journal.
            let newest = try await engaging { () async throws(EngineError) in
                try await engine.execution(row, view: .basic)
            }.lastSequence
            guard request.afterSequence <= newest else {
                throw OperationError(
                    .outOfRange, reason: "SEQUENCE_OUT_OF_RANGE",
                    "expected after_sequence of at most \(newest), the newest event, got "
                        + "\(request.afterSequence)",
                    metadata: ["last_sequence": "\(newest)"])
            }
        }
        var filter = WatchFilter(
            afterSequence: request.afterSequence, withoutPayloads: request.withoutPayloads)
        filter.redactor = showing.redactor(trigger)
        filter.redaction = showing.info(trigger)
        return ExecutionWatch(
            rows: feed.watch(
                row.number, after: request.afterSequence, payloads: !request.withoutPayloads),
            filter: filter)
    }
}

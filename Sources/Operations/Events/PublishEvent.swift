internal import Engine
package import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

extension Operations {
    /// Publishes a named event for the nodes that wait for it, or to be kept. Needs operator.
    package func publishEvent(_ request: PublishEventRequest, by caller: Caller)
        async throws(OperationError) -> PublishEventResponse
    {
        let grant = try await authorise(.publishEvent, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        check.text("name", request.name, bytesMax: 128, isNeeded: true)
        check.text("key", request.key, bytesMax: 256)
        check.text("event_id", request.eventID, bytesMax: 128)
        check.json("data_json", request.dataJSON, bytesMax: limits.inputBytesMax)
        try check.finish()
        var asked = request
        asked.eventID = ""
        asked.workspaceID = grant.workspaceID
        let now = environment.now()
        let id =
            request.eventID.isEmpty
            ? ExecutionID(time: now, random: (environment.random(), environment.random()))
                .description
            : request.eventID
        let row = EventRow(
            workspaceID: grant.workspaceID, name: request.name, key: request.key, eventID: id,
            hash: RequestHash.of(asked),
            dataJSON: request.dataJSON.isEmpty ? "null" : request.dataJSON, publishedAt: now,
            publishedBy: grant.principal.name)
        let showing = try await showing(grant)
        let published = try await engaging { () async throws(EngineError) in
            try await engine.publish(row)
        }
        return PublishEventResponse(
            event: showing.shown(NamedEvent(published.event)), existing: published.existing)
    }
}

extension NamedEvent {
    init(_ row: EventRow) {
        self.init(
            workspaceID: row.workspaceID, name: row.name, key: row.key, eventID: row.eventID,
            dataJSON: row.dataJSON, publishTime: row.publishedAt.timestamp,
            publishedBy: row.publishedBy, recipients: row.recipients.map(\.rawValue))
    }
}

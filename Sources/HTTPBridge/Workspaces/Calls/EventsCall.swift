internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations
internal import ProtobufRuntime

extension WorkspacesCalls {
    func events(_ request: BridgeRequest) async throws -> Answer {
        let at = try WorkspacesRequest(request)
        let after = try request.sequence(after: request.query.first("after"))
        var asked = WatchRequest(
            workspaceID: at.workspaceID, podID: at.podID,
            executionID: try request.executionReference, afterSequence: after)
        var watch = try await operations.watchExecution(asked, by: at.caller)
        if after > 0 {
            // What is shown of an event needs those before it, also where they are not sent again.
            asked.afterSequence = 0
            watch = try await operations.watchExecution(asked, by: at.caller)
        }
        return .events(EventStream(watch, after: after, pace: pace, WorkspacesEvents()))
    }

    func ticket(_ request: BridgeRequest) async throws -> Answer {
        let at = try WorkspacesRequest(request)
        let ticket = try await operations.createStreamTicket(
            executionID: try request.executionReference, workspaceID: at.workspaceID,
            podID: at.podID, by: at.caller)
        let stream = request.target.dropLast("/ticket".utf8.count)
        return .json(status: .created) { json in
            json.object { json in
                json.member("ticket", ticket.text)
                json.member("expiresAt", instant: Timestamp(ticket.expiresAt))
                json.member("url", "\(stream)?ticket=\(ticket.text)")
            }
        }
    }
}

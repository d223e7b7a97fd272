internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations

/// What serves the calls of the workspaces dialect, one file each.
struct WorkspacesCalls: Sendable {
    let operations: Operations
    let pace: EventStream.Pace
}

/// What all of them need of a request.
struct WorkspacesRequest {
    let caller: Caller
    let workspaceID: String
    let podID: String

    /// - Parameter isEditor: the call needs the role editor, also where the operation asks for less.
    init(_ request: BridgeRequest, isEditor: Bool = false) throws(Fault) {
        var caller = request.caller
        if isEditor { caller.roleMin = .editor }
        self.caller = caller
        workspaceID = try request.path("wId")
        podID = try request.path("podId")
    }
}

extension BridgeRequest {
    /// The path's execution, as `Operations` take it.
    var executionReference: String {
        get throws(Fault) { ExecutionName.reference(try path("id")) }
    }
}

extension Answer {
    /// One execution with all that was read of it.
    static func workspaces(
        _ execution: Execution, isWhole: Bool = true, status: HTTPResponse.Status = .ok
    ) -> Answer {
        .json(status: status) { json in
            WorkspacesShapes.write(execution, isWhole: isWhole, to: &json)
        }
    }
}

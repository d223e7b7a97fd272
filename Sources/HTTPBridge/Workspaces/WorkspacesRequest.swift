internal import Messages
internal import Operations

/// What every call of the workspaces dialect needs of its request.
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

internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations

/// What serves the calls of the workspaces dialect, one file each.
struct WorkspacesCalls: Sendable {
    let operations: Operations
    let pace: EventStream.Pace
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

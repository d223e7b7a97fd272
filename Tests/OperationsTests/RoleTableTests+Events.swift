import Messages

@testable import Operations

extension RoleTableTests {
    static let eventRows: [Row] = [
        Row(.publishEvent) { desk, caller, scope in
            _ = try await desk.operations.publishEvent(
                PublishEventRequest(workspaceID: scope.workspaceID, name: "paid"), by: caller)
        },
        Row(.listKeptEvents) { desk, caller, scope in
            _ = try await desk.operations.listKeptEvents(
                ListKeptEventsRequest(workspaceID: scope.workspaceID), by: caller)
        },
    ]
}

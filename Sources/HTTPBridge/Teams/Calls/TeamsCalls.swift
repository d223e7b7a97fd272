internal import HTTPTypes
internal import Messages
internal import Operations

/// Serves the calls of the teams dialect, one file each.
struct TeamsCalls: Sendable {
    let operations: Operations

    /// The team that a call is about: that of the path, else of the query; empty: the caller's own.
    static func team(_ request: BridgeRequest) throws(Fault) -> String {
        request.route.path.captures.contains("teamId")
            ? try request.path("teamId") : request.query.first("teamId") ?? ""
    }

    /// Runs `body`, and says of a team that is not the caller's what this API says.
    static func inTeam<Value: Sendable>(
        _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch let error as OperationError where error.reason == "WORKSPACE_NOT_FOUND" {
            throw Fault(.forbidden, code: "TEAM_FORBIDDEN", error.message)
        }
    }

    /// The execution that the path names, in any of its forms.
    static func executionID(_ request: BridgeRequest) throws(Fault) -> String {
        ExecutionName.reference(try request.path("id"))
    }
}

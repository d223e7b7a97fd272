package import Messages
package import Operations
package import RPC
internal import Services

/// `signalbox.v1.AdminService` over the operations.
package struct AdminServiceEdge: AdminServiceHandler {
    private let operations: Operations

    package init(operations: Operations) {
        self.operations = operations
    }

    package func createWorkspace(_ request: CreateWorkspaceRequest, context: CallContext)
        async throws -> Workspace
    {
        try await operations.createWorkspace(request, by: context.caller)
    }

    package func getWorkspace(_ request: GetWorkspaceRequest, context: CallContext) async throws
        -> Workspace
    {
        try await operations.getWorkspace(request, by: context.caller)
    }

    package func listWorkspaces(_ request: ListWorkspacesRequest, context: CallContext)
        async throws -> ListWorkspacesResponse
    {
        let caller = context.caller
        return try await offEventLoop { try await operations.listWorkspaces(request, by: caller) }
    }

    package func updateWorkspace(_ request: UpdateWorkspaceRequest, context: CallContext)
        async throws -> Workspace
    {
        try await operations.updateWorkspace(request, by: context.caller)
    }

    package func deleteWorkspace(_ request: DeleteWorkspaceRequest, context: CallContext)
        async throws -> DeleteWorkspaceResponse
    {
        try await operations.deleteWorkspace(request, by: context.caller)
    }

    package func createPod(_ request: CreatePodRequest, context: CallContext) async throws -> Pod {
        try await operations.createPod(request, by: context.caller)
    }

    package func listPods(_ request: ListPodsRequest, context: CallContext) async throws
        -> ListPodsResponse
    {
        let caller = context.caller
        return try await offEventLoop { try await operations.listPods(request, by: caller) }
    }

    package func renamePod(_ request: RenamePodRequest, context: CallContext) async throws -> Pod {
        try await operations.renamePod(request, by: context.caller)
    }

    package func deletePod(_ request: DeletePodRequest, context: CallContext) async throws
        -> DeletePodResponse
    {
        try await operations.deletePod(request, by: context.caller)
    }

    package func putMember(_ request: PutMemberRequest, context: CallContext) async throws -> Member
    {
        try await operations.putMember(request, by: context.caller)
    }

    package func listMembers(_ request: ListMembersRequest, context: CallContext) async throws
        -> ListMembersResponse
    {
        let caller = context.caller
        return try await offEventLoop { try await operations.listMembers(request, by: caller) }
    }

    package func deleteMember(_ request: DeleteMemberRequest, context: CallContext) async throws
        -> DeleteMemberResponse
    {
        try await operations.deleteMember(request, by: context.caller)
    }

    package func rotateToken(_ request: RotateTokenRequest, context: CallContext) async throws
        -> CreateTokenResponse
    {
        try await operations.rotateToken(request, by: context.caller)
    }

    package func getSettings(_ request: GetSettingsRequest, context: CallContext) async throws
        -> WorkspaceSettings
    {
        try await operations.getSettings(request, by: context.caller)
    }

    package func updateSettings(_ request: UpdateSettingsRequest, context: CallContext)
        async throws -> WorkspaceSettings
    {
        let caller = context.caller
        // Compiling a hundred expressions takes its time.
        return try await offEventLoop { try await operations.updateSettings(request, by: caller) }
    }

    package func listAuditEntries(_ request: ListAuditEntriesRequest, context: CallContext)
        async throws -> ListAuditEntriesResponse
    {
        let caller = context.caller
        return try await offEventLoop { try await operations.listAuditEntries(request, by: caller) }
    }
}

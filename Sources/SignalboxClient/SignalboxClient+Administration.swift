public import Messages
public import RPC
internal import Services

/// Who works where: workspaces, pods, members, settings and the audit log.
extension SignalboxClient {
    /// Makes a workspace with its first pod.
    public func createWorkspace(
        _ request: CreateWorkspaceRequest, options: CallOptions = CallOptions()
    ) async throws -> Workspace {
        try await administration().createWorkspace(request, options: options)
    }

    /// Returns a workspace.
    public func getWorkspace(
        _ request: GetWorkspaceRequest, options: CallOptions = CallOptions()
    ) async throws -> Workspace {
        try await administration().getWorkspace(request, options: options)
    }

    /// Lists the workspaces the caller can work in.
    public func listWorkspaces(
        _ request: ListWorkspacesRequest, options: CallOptions = CallOptions()
    ) async throws -> ListWorkspacesResponse {
        try await administration().listWorkspaces(request, options: options)
    }

    /// Changes a workspace's name.
    public func updateWorkspace(
        _ request: UpdateWorkspaceRequest, options: CallOptions = CallOptions()
    ) async throws -> Workspace {
        try await administration().updateWorkspace(request, options: options)
    }

    /// Deletes an empty workspace.
    public func deleteWorkspace(
        _ request: DeleteWorkspaceRequest, options: CallOptions = CallOptions()
    ) async throws {
        _ = try await administration().deleteWorkspace(request, options: options)
    }

    /// Makes a pod.
    public func createPod(
        _ request: CreatePodRequest, options: CallOptions = CallOptions()
    ) async throws -> Pod {
        try await administration().createPod(request, options: options)
    }

    /// Lists the pods of a workspace.
    public func listPods(
        _ request: ListPodsRequest, options: CallOptions = CallOptions()
    ) async throws -> ListPodsResponse {
        try await administration().listPods(request, options: options)
    }

    /// Gives a pod another name.
    public func renamePod(
        _ request: RenamePodRequest, options: CallOptions = CallOptions()
    ) async throws -> Pod {
        try await administration().renamePod(request, options: options)
    }

    /// Deletes an empty pod.
    public func deletePod(
        _ request: DeletePodRequest, options: CallOptions = CallOptions()
    ) async throws {
        _ = try await administration().deletePod(request, options: options)
    }

    /// Gives a principal a role in a workspace.
    public func putMember(
        _ request: PutMemberRequest, options: CallOptions = CallOptions()
    ) async throws -> Member {
        try await administration().putMember(request, options: options)
    }

    /// Lists the members of a workspace.
    public func listMembers(
        _ request: ListMembersRequest, options: CallOptions = CallOptions()
    ) async throws -> ListMembersResponse {
        try await administration().listMembers(request, options: options)
    }

    /// Takes a member's role away.
    public func deleteMember(
        _ request: DeleteMemberRequest, options: CallOptions = CallOptions()
    ) async throws {
        _ = try await administration().deleteMember(request, options: options)
    }

    /// Gives a token another secret, which is in this answer and nowhere else.
    public func rotateToken(
        _ request: RotateTokenRequest, options: CallOptions = CallOptions()
    ) async throws -> CreateTokenResponse {
        try await administration().rotateToken(request, options: options)
    }

    /// Returns a workspace's settings.
    public func getSettings(
        _ request: GetSettingsRequest, options: CallOptions = CallOptions()
    ) async throws -> WorkspaceSettings {
        try await administration().getSettings(request, options: options)
    }

    /// Replaces a workspace's settings.
    public func updateSettings(
        _ request: UpdateSettingsRequest, options: CallOptions = CallOptions()
    ) async throws -> WorkspaceSettings {
        try await administration().updateSettings(request, options: options)
    }

    /// Lists a workspace's audit log, newest first.
    public func listAuditEntries(
        _ request: ListAuditEntriesRequest, options: CallOptions = CallOptions()
    ) async throws -> ListAuditEntriesResponse {
        try await administration().listAuditEntries(request, options: options)
    }

    private func administration() async throws -> AdminServiceClient {
        AdminServiceClient(channel: try await dialer.connection())
    }
}

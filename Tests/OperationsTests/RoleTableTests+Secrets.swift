import Messages

@testable import Operations

extension RoleTableTests {
    static let secretRows: [Row] = [
        Row(.listSecrets) { desk, caller, scope in
            _ = try await desk.operations.listSecrets(
                ListSecretsRequest(workspaceID: scope.workspaceID), by: caller)
        },
        Row(.putSecret) { desk, caller, scope in
            _ = try await desk.operations.putSecret(
                PutSecretRequest(workspaceID: scope.workspaceID, name: "KEY", value: "value"),
                by: caller)
        },
        Row(.rotateSecrets) { desk, caller, scope in
            _ = try await desk.operations.rotateSecrets(
                RotateSecretsRequest(workspaceID: scope.workspaceID), by: caller)
        },
        Row(.deleteSecret) { desk, caller, scope in
            let admin = Desk.caller(.admin)
            _ = try await desk.operations.putSecret(
                PutSecretRequest(name: "KEY", value: "value"), by: admin)
            _ = try await desk.operations.deleteSecret(
                DeleteSecretRequest(workspaceID: scope.workspaceID, name: "KEY"), by: caller)
        },
    ]
}

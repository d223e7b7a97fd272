public import Messages
public import RPC
internal import Services

/// A client of a Signalbox server, over ttrpc and TLS.
///
/// One client holds one connection for any number of calls at once, dials again when it was lost,
/// and gives each connection its identity before anything else is sent. A call that was under way
/// when the connection broke fails with UNAVAILABLE and is not repeated, since it may have had its
/// effect: give it a `request_id` and repeat it. `watch` continues by itself.
///
/// Every method throws `RPCError`; its `reason` tells errors of one code apart. Safe to use from any
/// task.
public final class SignalboxClient: Sendable {
    let dialer: Dialer

    private init(_ dialer: Dialer) {
        self.dialer = dialer
    }

    /// Connects and authenticates.
    /// - Throws: `RPCError`: UNAVAILABLE if there is no server or no trust, UNAUTHENTICATED if the
    ///   token is refused, INVALID_ARGUMENT for a configuration that makes no sense.
    public static func connect(_ configuration: ClientConfiguration) async throws
        -> SignalboxClient
    {
        let dialer = try Dialer(configuration)
        _ = try await dialer.connection()
        return SignalboxClient(dialer)
    }

    /// Closes the connection; calls under way fail with UNAVAILABLE, and so do later ones.
    public func close() async {
        await dialer.close()
    }

    // MARK: Executions

    /// Starts an execution; with `wait`, returns once it has ended, suspends or the wait is over.
    public func trigger(_ request: TriggerRequest, options: CallOptions = CallOptions())
        async throws -> TriggerResponse
    {
        try await executions().trigger(request, options: options)
    }

    /// Returns one execution.
    public func getExecution(_ request: GetExecutionRequest, options: CallOptions = CallOptions())
        async throws -> Execution
    {
        try await executions().get(request, options: options)
    }

    /// Lists executions, newest first.
    public func listExecutions(
        _ request: ListExecutionsRequest, options: CallOptions = CallOptions()
    ) async throws -> ListExecutionsResponse {
        try await executions().list(request, options: options)
    }

    /// Counts executions.
    public func countExecutions(
        _ request: CountExecutionsRequest, options: CallOptions = CallOptions()
    ) async throws -> CountExecutionsResponse {
        try await executions().count(request, options: options)
    }

    /// Lists an execution's node executions in the order they first appeared.
    public func listNodeExecutions(
        _ request: ListNodeExecutionsRequest, options: CallOptions = CallOptions()
    ) async throws -> ListNodeExecutionsResponse {
        try await executions().listNodeExecutions(request, options: options)
    }

    /// Returns one node execution with its input and output.
    public func getNodeExecution(
        _ request: GetNodeExecutionRequest, options: CallOptions = CallOptions()
    ) async throws -> NodeExecution {
        try await executions().getNodeExecution(request, options: options)
    }

    /// Cancels an execution that is not final.
    public func cancel(_ request: CancelExecutionRequest, options: CallOptions = CallOptions())
        async throws -> Execution
    {
        try await executions().cancel(request, options: options)
    }

    /// Answers an interrupt.
    public func respond(_ request: RespondRequest, options: CallOptions = CallOptions())
        async throws -> Execution
    {
        try await executions().respond(request, options: options)
    }

    /// Runs a final execution again as a new one.
    public func replay(_ request: ReplayRequest, options: CallOptions = CallOptions())
        async throws -> Execution
    {
        try await executions().replay(request, options: options)
    }

    /// Runs a final execution that did not complete on, as a new one.
    public func retry(_ request: RetryRequest, options: CallOptions = CallOptions())
        async throws -> Execution
    {
        try await executions().retry(request, options: options)
    }

    /// Erases a final execution.
    public func deleteExecution(
        _ request: DeleteExecutionRequest, options: CallOptions = CallOptions()
    ) async throws {
        _ = try await executions().delete(request, options: options)
    }

    /// Returns an execution's structured log.
    public func getLogs(_ request: GetLogsRequest, options: CallOptions = CallOptions())
        async throws -> GetLogsResponse
    {
        try await executions().getLogs(request, options: options)
    }

    /// The events of an execution after `after_sequence`, live until the final one, without gap or
    /// repeat also where the connection is lost and made again on the way.
    ///
    /// Nothing is sent before the sequence is iterated. Iterating throws what cannot be mended, and
    /// UNAVAILABLE when no server was reached for `patience`.
    public func watch(_ request: WatchRequest, patience: Duration = .seconds(60)) -> WatchedEvents {
        WatchedEvents(dialer: dialer, request: request, patience: patience)
    }

    // MARK: Workflows

    /// Saves a definition as a new version.
    public func putWorkflow(_ request: PutWorkflowRequest, options: CallOptions = CallOptions())
        async throws -> Workflow
    {
        try await workflows().put(request, options: options)
    }

    /// Returns a workflow with the definition of one version.
    public func getWorkflow(_ request: GetWorkflowRequest, options: CallOptions = CallOptions())
        async throws -> Workflow
    {
        try await workflows().get(request, options: options)
    }

    /// Lists workflows by id.
    public func listWorkflows(
        _ request: ListWorkflowsRequest, options: CallOptions = CallOptions()
    ) async throws -> ListWorkflowsResponse {
        try await workflows().list(request, options: options)
    }

    /// Lists a workflow's versions, newest first.
    public func listWorkflowVersions(
        _ request: ListWorkflowVersionsRequest, options: CallOptions = CallOptions()
    ) async throws -> ListWorkflowVersionsResponse {
        try await workflows().listVersions(request, options: options)
    }

    /// Makes one version the deployed one.
    public func deployWorkflow(
        _ request: DeployWorkflowRequest, options: CallOptions = CallOptions()
    ) async throws -> Workflow {
        try await workflows().deploy(request, options: options)
    }

    /// Checks a definition and lists every fault.
    public func validateWorkflow(
        _ request: ValidateWorkflowRequest, options: CallOptions = CallOptions()
    ) async throws -> ValidateWorkflowResponse {
        try await workflows().validate(request, options: options)
    }

    /// Erases a workflow and its versions.
    public func deleteWorkflow(
        _ request: DeleteWorkflowRequest, options: CallOptions = CallOptions()
    ) async throws {
        _ = try await workflows().delete(request, options: options)
    }

    // MARK: The server

    /// What the server is and what it allows.
    public func getInfo(options: CallOptions = CallOptions()) async throws -> GetInfoResponse {
        try await server().getInfo(GetInfoRequest(), options: options)
    }

    /// Makes a token; its secret is in this answer and nowhere else.
    public func createToken(_ request: CreateTokenRequest, options: CallOptions = CallOptions())
        async throws -> CreateTokenResponse
    {
        try await server().createToken(request, options: options)
    }

    /// Lists tokens, without their secrets.
    public func listTokens(_ request: ListTokensRequest, options: CallOptions = CallOptions())
        async throws -> ListTokensResponse
    {
        try await server().listTokens(request, options: options)
    }

    /// Revokes a token.
    public func revokeToken(_ request: RevokeTokenRequest, options: CallOptions = CallOptions())
        async throws
    {
        _ = try await server().revokeToken(request, options: options)
    }

    // MARK: Secrets

    /// Makes a secret or replaces its value.
    public func putSecret(_ request: PutSecretRequest, options: CallOptions = CallOptions())
        async throws -> Secret
    {
        try await secrets().putSecret(request, options: options)
    }

    /// Lists secrets, without their values.
    public func listSecrets(_ request: ListSecretsRequest, options: CallOptions = CallOptions())
        async throws -> ListSecretsResponse
    {
        try await secrets().listSecrets(request, options: options)
    }

    /// Erases a secret.
    public func deleteSecret(_ request: DeleteSecretRequest, options: CallOptions = CallOptions())
        async throws
    {
        _ = try await secrets().deleteSecret(request, options: options)
    }

    /// Encrypts secrets that an older key holds with the newest.
    public func rotateSecrets(
        _ request: RotateSecretsRequest, options: CallOptions = CallOptions()
    ) async throws -> RotateSecretsResponse {
        try await secrets().rotateSecrets(request, options: options)
    }

    private func secrets() async throws -> SecretServiceClient {
        SecretServiceClient(channel: try await dialer.connection())
    }

    private func executions() async throws -> ExecutionServiceClient {
        ExecutionServiceClient(channel: try await dialer.connection())
    }

    private func workflows() async throws -> WorkflowServiceClient {
        WorkflowServiceClient(channel: try await dialer.connection())
    }

    private func server() async throws -> ServerServiceClient {
        ServerServiceClient(channel: try await dialer.connection())
    }
}

package import Messages
package import Operations
package import RPC
internal import Services

/// `signalbox.v1.WorkflowService` over the operations.
package struct WorkflowServiceEdge: WorkflowServiceHandler {
    private let operations: Operations

    package init(operations: Operations) {
        self.operations = operations
    }

    package func put(_ request: PutWorkflowRequest, context: CallContext) async throws -> Workflow {
        let caller = context.caller
        return try await offEventLoop {
            try await operations.putWorkflow(request, by: caller)
        }
    }

    package func get(_ request: GetWorkflowRequest, context: CallContext) async throws -> Workflow {
        try await operations.getWorkflow(request, by: context.caller)
    }

    package func list(_ request: ListWorkflowsRequest, context: CallContext) async throws
        -> ListWorkflowsResponse
    {
        let caller = context.caller
        return try await offEventLoop {
            try await operations.listWorkflows(request, by: caller)
        }
    }

    package func listVersions(_ request: ListWorkflowVersionsRequest, context: CallContext)
        async throws -> ListWorkflowVersionsResponse
    {
        let caller = context.caller
        return try await offEventLoop {
            try await operations.listWorkflowVersions(request, by: caller)
        }
    }

    package func deploy(_ request: DeployWorkflowRequest, context: CallContext) async throws
        -> Workflow
    {
        try await operations.deployWorkflow(request, by: context.caller)
    }

    package func validate(_ request: ValidateWorkflowRequest, context: CallContext) async throws
        -> ValidateWorkflowResponse
    {
        let caller = context.caller
        return try await offEventLoop {
            try await operations.validateWorkflow(request, by: caller)
        }
    }

    package func delete(_ request: DeleteWorkflowRequest, context: CallContext) async throws
        -> DeleteWorkflowResponse
    {
        try await operations.deleteWorkflow(request, by: context.caller)
    }
}

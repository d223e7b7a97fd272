package import Messages
package import Operations
package import RPC
internal import Services

/// `signalbox.v1.TagService` over the operations.
package struct TagServiceEdge: TagServiceHandler {
    private let operations: Operations

    package init(operations: Operations) {
        self.operations = operations
    }

    package func createTag(_ request: CreateTagRequest, context: CallContext) async throws -> Tag {
        try await operations.createTag(request, by: context.caller)
    }

    package func getTag(_ request: GetTagRequest, context: CallContext) async throws -> Tag {
        try await operations.getTag(request, by: context.caller)
    }

    package func listTags(_ request: ListTagsRequest, context: CallContext) async throws
        -> ListTagsResponse
    {
        let caller = context.caller
        return try await offEventLoop { try await operations.listTags(request, by: caller) }
    }

    package func renameTag(_ request: RenameTagRequest, context: CallContext) async throws -> Tag {
        try await operations.renameTag(request, by: context.caller)
    }

    package func deleteTag(_ request: DeleteTagRequest, context: CallContext) async throws
        -> DeleteTagResponse
    {
        try await operations.deleteTag(request, by: context.caller)
    }

    package func getExecutionTags(_ request: GetExecutionTagsRequest, context: CallContext)
        async throws -> ExecutionTags
    {
        try await operations.getExecutionTags(request, by: context.caller)
    }

    package func setExecutionTags(_ request: SetExecutionTagsRequest, context: CallContext)
        async throws -> ExecutionTags
    {
        try await operations.setExecutionTags(request, by: context.caller)
    }
}

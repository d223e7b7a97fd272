import Messages

@testable import Operations

extension RoleTableTests {
    static let manyRows: [Row] = tagRows + batchRows + bulkRows

    private static let tagRows: [Row] = [
        Row(.createTag) { desk, caller, scope in
            _ = try await desk.operations.createTag(
                CreateTagRequest(workspaceID: scope.workspaceID, name: "new"), by: caller)
        },
        Row(.getTag) { desk, caller, scope in
            try await makeTag(desk)
            _ = try await desk.operations.getTag(
                GetTagRequest(workspaceID: scope.workspaceID, tag: "red"), by: caller)
        },
        Row(.listTags) { desk, caller, scope in
            _ = try await desk.operations.listTags(
                ListTagsRequest(workspaceID: scope.workspaceID), by: caller)
        },
        Row(.renameTag) { desk, caller, scope in
            try await makeTag(desk)
            _ = try await desk.operations.renameTag(
                RenameTagRequest(workspaceID: scope.workspaceID, tag: "red", name: "Crimson"),
                by: caller)
        },
        Row(.deleteTag) { desk, caller, scope in
            try await makeTag(desk)
            _ = try await desk.operations.deleteTag(
                DeleteTagRequest(workspaceID: scope.workspaceID, tag: "red"), by: caller)
        },
        Row(.getExecutionTags) { desk, caller, scope in
            _ = try await desk.operations.getExecutionTags(
                GetExecutionTagsRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.finished), by: caller)
        },
        Row(.setExecutionTags) { desk, caller, scope in
            try await makeTag(desk)
            _ = try await desk.operations.setExecutionTags(
                SetExecutionTagsRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.finished, add: ["red"]), by: caller)
        },
    ]

    private static let batchRows: [Row] = [
        Row(.startBatch) { desk, caller, scope in
            _ = try await desk.operations.startBatch(
                StartBatchRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    workflows: [BatchWorkflow(workflowID: "noops")]), by: caller)
        },
        Row(.getBatch) { desk, caller, scope in
            let batch = try await makeBatch(desk)
            _ = try await desk.operations.getBatch(
                GetBatchRequest(workspaceID: scope.workspaceID, batchID: batch), by: caller)
        },
        Row(.listBatches) { desk, caller, scope in
            _ = try await desk.operations.listBatches(
                ListBatchesRequest(workspaceID: scope.workspaceID), by: caller)
        },
        Row(.listBatchItems) { desk, caller, scope in
            let batch = try await makeBatch(desk)
            _ = try await desk.operations.listBatchItems(
                ListBatchItemsRequest(workspaceID: scope.workspaceID, batchID: batch), by: caller)
        },
        Row(.watchBatch) { desk, caller, scope in
            let batch = try await makeBatch(desk)
            _ = try await desk.operations.watchBatch(
                WatchBatchRequest(workspaceID: scope.workspaceID, batchID: batch), by: caller)
        },
        Row(.stopBatch) { desk, caller, scope in
            let batch = try await makeBatch(desk)
            _ = try await desk.operations.stopBatch(
                StopBatchRequest(workspaceID: scope.workspaceID, batchID: batch), by: caller)
        },
        Row(.stopAllBatches) { desk, caller, scope in
            _ = try await desk.operations.stopAllBatches(
                StopAllBatchesRequest(workspaceID: scope.workspaceID), by: caller)
        },
        Row(.clearBatches) { desk, caller, scope in
            _ = try await desk.operations.clearBatches(
                ClearBatchesRequest(workspaceID: scope.workspaceID, force: true), by: caller)
        },
    ]

    private static let bulkRows: [Row] = [
        Row(.startBulkOperation) { desk, caller, scope in
            _ = try await desk.operations.startBulkOperation(
                StartBulkOperationRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, action: .cancel),
                by: caller)
        },
        Row(.getBulkOperation) { desk, caller, scope in
            let bulk = try await makeBulk(desk)
            _ = try await desk.operations.getBulkOperation(
                GetBulkOperationRequest(workspaceID: scope.workspaceID, operationID: bulk),
                by: caller)
        },
        Row(.listBulkOperations) { desk, caller, scope in
            _ = try await desk.operations.listBulkOperations(
                ListBulkOperationsRequest(workspaceID: scope.workspaceID), by: caller)
        },
        Row(.listBulkResults) { desk, caller, scope in
            let bulk = try await makeBulk(desk)
            _ = try await desk.operations.listBulkResults(
                ListBulkResultsRequest(workspaceID: scope.workspaceID, operationID: bulk),
                by: caller)
        },
        Row(.watchBulkOperation) { desk, caller, scope in
            let bulk = try await makeBulk(desk)
            _ = try await desk.operations.watchBulkOperation(
                WatchBulkOperationRequest(workspaceID: scope.workspaceID, operationID: bulk),
                by: caller)
        },
        Row(.stopBulkOperation) { desk, caller, scope in
            let bulk = try await makeBulk(desk)
            _ = try await desk.operations.stopBulkOperation(
                StopBulkOperationRequest(workspaceID: scope.workspaceID, operationID: bulk),
                by: caller)
        },
    ]

    /// One that nobody runs; the same each time.
    private static func makeBulk(_ desk: Desk) async throws -> String {
        try await desk.operations.startBulkOperation(
            StartBulkOperationRequest(action: .cancel, requestID: "once"),
            by: Desk.caller(.admin)
        ).operation?.id ?? ""
    }

    /// A tag that may be there already.
    private static func makeTag(_ desk: Desk) async throws {
        do throws(OperationError) {
            _ = try await desk.operations.createTag(
                CreateTagRequest(name: "Red", tagID: "red"), by: Desk.caller(.admin))
        } catch {
            guard error.reason == "TAG_EXISTS" else { throw error }
        }
    }

    /// One that does not end by itself.
    private static func makeBatch(_ desk: Desk) async throws -> String {
        try await desk.operations.startBatch(
            StartBatchRequest(workflows: [BatchWorkflow(workflowID: "approval")]),
            by: Desk.caller(.admin)
        ).batch?.id ?? ""
    }
}

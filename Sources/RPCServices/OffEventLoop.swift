/// Calls run on their connection's event loop. What may hold it for more than about 100 µs (lists,
/// readings of whole journals, validation, large documents) goes to the threads all tasks share.
func offEventLoop<Answer: Sendable>(
    _ body: @Sendable () async throws -> Answer
) async throws -> Answer {
    try await withTaskExecutorPreference(globalConcurrentExecutor, operation: body)
}

/// Documents up to this size are checked where the call runs.
let smallDocumentBytesMax = 16 << 10

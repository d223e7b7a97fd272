package import Messages
package import Operations
package import RPC
internal import Services

/// `signalbox.v1.ExportService` over the operations.
package struct ExportServiceEdge: ExportServiceHandler {
    private let operations: Operations

    package init(operations: Operations) {
        self.operations = operations
    }

    package func export(
        _ request: ExportRequest, responses: MessageWriter<ExportChunk>, context: CallContext
    ) async throws {
        let caller = context.caller
        try await offEventLoop {
            let export = try await operations.exportExecutions(request, by: caller)
            var isFirst = true
            for try await data in export.chunks {
                var chunk = ExportChunk(data: data)
                if isFirst {
                    chunk.contentType = export.contentType
                    chunk.fileName = export.fileName
                    isFirst = false
                }
                try await responses.write(chunk)
            }
        }
    }
}

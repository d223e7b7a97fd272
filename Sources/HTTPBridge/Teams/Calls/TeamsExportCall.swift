internal import HTTPTypes
internal import JSON
internal import Messages
internal import NIOCore
internal import Operations

extension TeamsCalls {
    private static let exportWords = ExportWords(
        executionID: \.id, status: { TeamsWords.states[$0] },
        trigger: { TeamsWords.triggers[$0.trigger] }, nodeID: { TeamsIDs.node($0.nodeID) },
        nodeType: { TeamsWords.nodeType($0.kind, $1.trigger) },
        nodeStatus: { TeamsWords.nodeStatuses[$0.status] })

    /// The executions of a team as a file, written while it is made.
    func export(_ request: BridgeRequest) async throws -> Answer {
        let format: ExportFormat
        switch request.query.first("format") {
        case nil, "csv": format = .csv
        case "json": format = .json
        case let other?:
            throw Fault.invalid("format", "expected csv or json, got '\(other.prefix(64))'")
        }
        let days = try request.query.integer("days", in: 1...36_500) ?? 30
        let export = try await Self.inTeam {
            try await operations.exportExecutions(
                ExportRequest(
                    workspaceID: try Self.team(request), format: format, days: Int32(days)),
                words: Self.exportWords, by: request.caller)
        }
        var answer = Answer.stream(contentType: export.contentType) { writer in
            for try await chunk in export.chunks {
                try await writer.write(ByteBuffer(bytes: chunk))
            }
        }
        answer.headers[.contentDisposition] = "attachment; filename=\"\(export.fileName)\""
        return answer
    }
}

internal import Foundation
package import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

extension Operations {
    private static var exportDaysUsual: Int32 { 30 }
    private static var exportDaysMax: Int32 { 36_500 }

    /// Executions as one file, to be read piece by piece. Needs viewer.
    ///
    /// Everything is checked, and the export audited, before this returns; the pieces are made as they
    /// are asked for, so that whoever reads slowly costs no memory. Iterating throws `OperationError`.
    /// - Parameter words: how a door calls states, triggers and kinds.
    package func exportExecutions(
        _ request: ExportRequest, words: ExportWords = .own, by caller: Caller
    ) async throws(OperationError) -> ExecutionExport {
        let grant = try await authorise(
            .exportExecutions, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        var filter = request.filter ?? ExecutionFilter()
        check.filter(filter)
        check.known("format", request.format)
        check.range("days", request.days, 0...Self.exportDaysMax)
        try check.finish()
        let now = environment.now()
        if request.days > 0 || filter.createdFrom == nil {
            let days = request.days > 0 ? request.days : Self.exportDaysUsual
            let from = now.advanced(by: .seconds(-86_400 * Int64(days))).timestamp
            filter.createdFrom = filter.createdFrom.map { max($0, from) } ?? from
        }
        guard let place = exports.take(grant.workspaceID, max: limits.exportsPerWorkspaceMax) else {
            throw OperationError(
                .resourceExhausted, reason: "EXPORTS_TOO_MANY",
                "the workspace has \(limits.exportsPerWorkspaceMax) exports under way, which is the "
                    + "limit", retryAfter: .seconds(5))
        }
        let redaction = try await redaction(workspaceID: grant.workspaceID)
        let isJSON = request.format == .json
        await record(grant, "executions as \(isJSON ? "JSON" : "CSV")")
        var query = ExecutionQuery(
            workspaceID: grant.workspaceID, podID: grant.podID, filter: filter, limit: 100)
        query.detail = .slim
        return ExecutionExport(
            contentType: isJSON ? "application/json" : "text/csv; charset=utf-8",
            fileName: "executions-\(Self.day(now)).\(isJSON ? "json" : "csv")",
            chunks: ExportChunks(
                operations: self, query: query,
                format: isJSON
                    ? .json(JSONExport(words: words, redactor: redaction.redactor))
                    : .csv(CSVExport(words: words, redactor: redaction.redactor)),
                place: place))
    }

    /// For example `20260217`.
    private static func day(_ time: WallTime) -> String {
        String(time.timestamp.rfc3339.prefix(10).replacing("-", with: ""))
    }
}

/// A checked export.
package struct ExecutionExport: Sendable {
    package let contentType: String
    /// Of letters, digits, `-` and `.` only.
    package let fileName: String
    /// The file in order; can be iterated once.
    package let chunks: ExportChunks
}

package import Messages
package import Model
package import ProtobufRuntime
package import Store

/// Builders of rows that checks and tests vary.
package enum Samples {
    /// 2026-01-01T00:00:00Z.
    package static let epoch = WallTime(microseconds: 1_767_225_600_000_000)

    /// An instant that many seconds after `epoch`.
    package static func time(_ seconds: Int64) -> WallTime {
        WallTime(microseconds: epoch.microseconds + seconds * 1_000_000)
    }

    package static func timestamp(_ time: WallTime) -> Timestamp {
        Timestamp(nanosecondsSinceEpoch: time.microseconds * 1_000)
    }

    package static func id(_ number: Int64) -> String {
        ExecutionID(time: epoch, random: (0, UInt64(number))).description
    }

    /// RUNNING, created `number` seconds after `epoch`.
    package static func execution(
        _ number: Int64, workspaceID: String = "default", podID: String = "default",
        workflowID: String = "order", status: ExecutionStatus = .running, key: String = ""
    ) -> ExecutionRow {
        ExecutionRow(
            execution: Execution(
                id: id(number), number: number, workspaceID: workspaceID, podID: podID,
                workflowID: workflowID, workflowVersion: 1, workflowName: "Order",
                status: status, trigger: .api, triggeredBy: "token:test",
                createTime: timestamp(time(number)), key: key))
    }

    package static func journal(
        _ number: Int64, from sequence: Int64, count: Int32 = 1, bytes: Int = 8, ends: Bool = false
    ) -> JournalRow {
        JournalRow(
            number: ExecutionNumber(rawValue: number), firstSequence: sequence, eventCount: count,
            batch: [UInt8](repeating: UInt8(truncatingIfNeeded: sequence), count: bytes),
            endsExecution: ends)
    }

    /// A row with large outputs, the same for every number: one that shrinks, one that comes twice, and
    /// one that does not shrink; and a small one.
    package static func payloads(_ number: Int64) -> JournalRow {
        var state: UInt64 = 1
        let noise = String(
            decoding: (0..<(20 << 10)).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(1 + (state >> 57) % 127)
            }, as: UTF8.self)
        let long = "\"" + String(repeating: "payload ", count: 100_000) + "\""
        let outputs = [long, "1", noise, String(repeating: "x", count: 8 << 10), long]
        let events = outputs.enumerated().map { index, output in
            ExecutionEvent(
                sequence: Int64(index + 1), time: timestamp(time(number)),
                kind: .nodeCompleted(
                    NodeCompleted(nodePath: "n\(index)", nodeID: "n\(index)", outputJSON: output)))
        }
        let batch = unsafe EventBatch(events: events).withProtobufBytes { unsafe [UInt8]($0) }
        var row = JournalRow(
            number: ExecutionNumber(rawValue: number), firstSequence: 1,
            eventCount: Int32(events.count), batch: batch, endsExecution: true)
        row.cut = CutBatch(batch)
        return row
    }

    package static func request(_ number: Int64, id: String, method: String = "Trigger")
        -> RequestRecord
    {
        RequestRecord(
            workspaceID: "default", method: method, requestID: id, hash: [1, 2, 3],
            number: ExecutionNumber(rawValue: number))
    }

    package static func workflow(
        _ id: String, workspaceID: String = "default", podID: String = "default",
        definition: String = "{}", at time: WallTime = epoch
    ) -> WorkflowVersionRow {
        WorkflowVersionRow(
            workspaceID: workspaceID, podID: podID, workflowID: id, name: "Workflow \(id)",
            definitionJSON: definition, savedAt: time, savedBy: "token:editor")
    }

    static func secret(
        _ name: String, workspaceID: String = "default", key: String = "first",
        box: [UInt8] = [1, 2, 3], at time: WallTime = Samples.time(0)
    ) -> SecretRow {
        SecretRow(
            workspaceID: workspaceID, name: name, keyID: key, box: box, createdAt: time,
            updatedAt: time, updatedBy: "token:admin")
    }

    package static func token(_ id: String, name: String, workspaceID: String = "default")
        -> TokenRow
    {
        TokenRow(
            token: Token(
                id: id, name: name, workspaceID: workspaceID, role: .operator,
                createTime: timestamp(epoch), createdBy: "token:admin", kind: .bearer),
            secretHash: Array("secret of \(workspaceID) \(id)".utf8))
    }
}

extension ExecutionRow {
    /// The row in another status.
    package func with(
        status: ExecutionStatus, reason: ExecutionReason = .unspecified, endedAt: WallTime? = nil
    ) -> ExecutionRow {
        var row = self
        row.execution.status = status
        row.execution.reason = reason
        row.execution.endTime = endedAt.map(Samples.timestamp)
        return row
    }

    package var number: ExecutionNumber { ExecutionNumber(rawValue: execution.number) }
    package var state: ExecutionState { ExecutionState(of: execution) }
}

extension Store {
    /// Writes one commit and expects it to be taken.
    package func put(_ changes: Change..., file: String = #fileID, line: Int = #line) throws {
        let outcomes = write([Commit(changes)])
        guard case .committed? = outcomes.first, outcomes.count == 1 else {
            throw ConformanceFailure(description: "\(file):\(line): \(outcomes)")
        }
    }

    /// Writes one commit and expects it to be refused.
    func expectRefusal(
        _ refusal: CommitOutcome.Refusal, of changes: Change..., file: String = #fileID,
        line: Int = #line
    ) throws {
        let outcomes = write([Commit(changes)])
        guard case .refused(refusal)? = outcomes.first, outcomes.count == 1 else {
            throw ConformanceFailure(
                description: "\(file):\(line): expected refusal \(refusal), got \(outcomes)")
        }
    }

    /// Writes one commit and expects it not to follow from what is stored.
    func expectConflict(_ changes: Change..., file: String = #fileID, line: Int = #line) throws {
        let outcomes = write([Commit(changes)])
        guard case .failed(let error)? = outcomes.first, error.code == .conflict else {
            throw ConformanceFailure(
                description: "\(file):\(line): expected a conflict, got \(outcomes)")
        }
    }

    func get(_ number: Int64) async throws -> ExecutionRow? {
        try await execution(.number(ExecutionNumber(rawValue: number)), workspaceID: nil)
    }
}

internal import GRDB
internal import Messages
internal import Model
internal import ProtobufRuntime
package import Store

/// The inbox of a workspace.
///
/// Each question is asked along one index: for each name, for the workflow, for each type, for the pod
/// or for all. What several of them give is merged, so that a page costs as much as it holds.
extension SQLiteStore {
    package func openInterrupts(_ query: InterruptQuery) async throws(StoreError) -> InterruptPage {
        try await read { database in
            var found: [Found] = []
            var seen: Set<Found.Key> = []
            for strand in Self.strands(query) {
                for row in try Self.rows(database, query, strand)
                where seen.insert(row.key).inserted {
                    found.append(row)
                }
            }
            found.sort { $0.key > $1.key }
            let page = found.prefix(query.limit)
            return InterruptPage(
                interrupts: page.map(\.interrupt),
                triggers: Dictionary(
                    page.map { ($0.key.number, $0.trigger) },
                    uniquingKeysWith: { first, _ in first }),
                next: found.count > query.limit ? page.last?.key.position : nil)
        }
    }

    private struct Found {
        struct Key: Hashable, Comparable {
            let createdAt: Int64
            let number: Int64
            let sequence: Int64

            static func < (left: Self, right: Self) -> Bool {
                (left.createdAt, left.number, left.sequence)
                    < (right.createdAt, right.number, right.sequence)
            }

            var position: InterruptQuery.Position {
                InterruptQuery.Position(
                    createdAt: WallTime(microseconds: createdAt),
                    number: ExecutionNumber(rawValue: number), sequence: sequence)
            }
        }

        let key: Key
        let interrupt: OpenInterrupt
        /// Of its execution.
        let trigger: TriggerKind
    }

    /// One way through an index, with what it is narrowed by.
    private struct Strand {
        /// The table or tables, of which `k` has the order.
        var from: String
        var condition = ""
        var value: SQLValue?
    }

    private static func strands(_ query: InterruptQuery) -> [Strand] {
        if !query.audience.isEmpty {
            return query.audience.map(\.name).sorted().map { name in
                Strand(
                    from: "interrupt_names k JOIN interrupts i USING (number, sequence)",
                    condition: " AND k.name = ?", value: .text(name))
            }
        }
        func along(_ index: String) -> String { "interrupts k INDEXED BY interrupts_by_\(index)" }
        if let workflowID = query.workflowID {
            return [
                Strand(
                    from: along("workflow"), condition: " AND k.workflow_id = ?",
                    value: .text(workflowID))
            ]
        }
        if !query.types.isEmpty {
            return Set(query.types.map(\.rawValue)).sorted().map { type in
                Strand(
                    from: along("type"), condition: " AND k.type = ?", value: .integer(Int64(type)))
            }
        }
        if let podID = query.podID {
            return [
                Strand(from: along("pod"), condition: " AND k.pod_id = ?", value: .text(podID))
            ]
        }
        return [Strand(from: along("time"))]
    }

    private static func rows(
        _ database: Database, _ query: InterruptQuery, _ strand: Strand
    ) throws -> [Found] {
        // The table that has the columns of the interrupt.
        let row = query.audience.isEmpty ? "k" : "i"
        var sql = """
            SELECT k.created_at, k.number, k.sequence, \(row).body, e.id, e.pod_id, e.workflow_id, \
            e.workflow_name, e.triggered_by, e.trigger_kind \
            FROM \(strand.from) JOIN executions e ON e.number = k.number \
            WHERE k.workspace_id = ?\(strand.condition)
            """
        var values: [SQLValue] = [.text(query.workspaceID)]
        if let value = strand.value { values.append(value) }
        if let podID = query.podID {
            sql += " AND \(row).pod_id = ?"
            values.append(.text(podID))
        }
        if let workflowID = query.workflowID {
            sql += " AND \(row).workflow_id = ?"
            values.append(.text(workflowID))
        }
        if !query.types.isEmpty {
            let types = query.types.map { "\($0.rawValue)" }.joined(separator: ",")
            sql += " AND \(row).type IN (\(types))"
        }
        if let deadline = query.deadlineBefore {
            sql += " AND \(row).deadline < ?"
            values.append(.integer(deadline.microseconds))
        }
        if let after = query.after {
            sql += " AND (k.created_at, k.number, k.sequence) < (?, ?, ?)"
            values += [
                .integer(after.createdAt.microseconds), .integer(after.number.rawValue),
                .integer(after.sequence),
            ]
        }
        sql += " ORDER BY k.created_at DESC, k.number DESC, k.sequence DESC LIMIT ?"
        values.append(.integer(Int64(query.limit) + 1))
        let select = try SQLStatement(database, sql)
        for (index, value) in values.enumerated() { select.bind(Int32(index + 1), value) }
        var found: [Found] = []
        while try select.step() { found.append(try Self.found(select)) }
        return found
    }

    private static func found(_ select: SQLStatement) throws -> Found {
        let interrupt = try unsafe select.withBlob(3) { bytes throws(ProtobufDecodingError) in
            try unsafe Interrupt(protobufBytes: bytes)
        }
        let id = unsafe select.withBlob(4) { unsafe ExecutionID(bytes: $0).description }
        return Found(
            key: Found.Key(
                createdAt: select.integer(0), number: select.integer(1),
                sequence: select.integer(2)),
            interrupt: OpenInterrupt(
                interrupt: interrupt, executionID: id, executionNumber: select.integer(1),
                podID: select.text(5), workflowID: select.text(6), workflowName: select.text(7),
                triggeredBy: select.text(8)),
            trigger: TriggerKind(rawValue: Int32(truncatingIfNeeded: select.integer(9))))
    }
}

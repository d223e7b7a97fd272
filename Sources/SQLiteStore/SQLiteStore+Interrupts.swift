internal import GRDB
internal import Messages
internal import Model
internal import ProtobufRuntime
package import Store

/// The inbox of a workspace.
///
/// Each question is asked along one index: for each name, for the workflow, for each type, for the pod
/// or for all. What several of them give is merged, and only then are the interrupts themselves read, so
/// that a page costs as much as it holds.
extension SQLiteStore {
    package func openInterrupts(_ query: InterruptQuery) async throws(StoreError) -> InterruptPage {
        try await read { database in
            var sizes: [Key: Int] = [:]
            for strand in Self.strands(query) { try Self.find(&sizes, database, query, strand) }
            let keys = sizes.keys.sorted(by: >)
            var room = PageRoom(rows: query.limit, bytes: query.bytesMax)
            let page = keys.prefix { room.take(sizes[$0] ?? 0) }
            let select = try SQLStatement(
                database,
                """
                SELECT i.number, i.body, e.id, e.pod_id, e.workflow_id, e.workflow_name, \
                e.triggered_by, e.trigger_kind FROM interrupts i \
                JOIN executions e ON e.number = i.number WHERE i.number = ? AND i.sequence = ?
                """)
            var interrupts: [OpenInterrupt] = []
            var triggers: [Int64: TriggerKind] = [:]
            for key in page {
                select.bind(1, key.number)
                select.bind(2, key.sequence)
                guard try select.step() else { continue }
                interrupts.append(try Self.interrupt(select))
                triggers[key.number] = TriggerKind(
                    rawValue: Int32(truncatingIfNeeded: select.integer(7)))
                select.reset()
            }
            return InterruptPage(
                interrupts: interrupts, triggers: triggers,
                next: page.count < keys.count ? page.last?.position : nil)
        }
    }

    /// A place in the order of the list.
    private struct Key: Hashable, Comparable {
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

    /// Finds what a strand has for the page, and how much of it, in bytes.
    private static func find(
        _ sizes: inout [Key: Int], _ database: Database, _ query: InterruptQuery, _ strand: Strand
    ) throws {
        // The table that has the columns of the interrupt.
        let row = query.audience.isEmpty ? "k" : "i"
        var sql = """
            SELECT k.created_at, k.number, k.sequence, length(\(row).body) FROM \(strand.from) \
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
        while try select.step() {
            let key = Key(
                createdAt: select.integer(0), number: select.integer(1),
                sequence: select.integer(2))
            sizes[key] = Int(select.integer(3))
        }
    }

    private static func interrupt(_ select: SQLStatement) throws -> OpenInterrupt {
        let interrupt = try unsafe select.withBlob(1) { bytes throws(ProtobufDecodingError) in
            try unsafe Interrupt(protobufBytes: bytes)
        }
        let id = unsafe select.withBlob(2) { unsafe ExecutionID(bytes: $0).description }
        return OpenInterrupt(
            interrupt: interrupt, executionID: id, executionNumber: select.integer(0),
            podID: select.text(3), workflowID: select.text(4), workflowName: select.text(5),
            triggeredBy: select.text(6))
    }
}

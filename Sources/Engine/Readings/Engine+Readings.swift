package import Messages
internal import Model
package import Store

/// One page of node executions.
package struct NodeExecutionPage: Sendable {
    package let nodeExecutions: [NodeExecution]
    /// Where the next page begins; nil on the last.
    package let next: Int?
}

/// One page of log lines.
package struct LogPage: Sendable {
    package let entries: [LogEntry]
    /// The sequence number after which the next page begins; nil on the last.
    package let next: Int64?
}

/// Readings of the journal.
extension Engine {
    /// What FULL view may hold, so that it fits into one message.
    private static var payloadBytesMax: Int { 3 << 20 }
    private static var nodeExecutionsMax: Int { 1_000 }

    /// The execution of `row` in the view asked for. The newest sequence number of one that is not
    /// final is read from its journal, since rows are written less often; its status is never older than
    /// that number, so that who watches after it misses no change.
    /// - Parameter detail: how much of the row is shown, as it was read.
    package func execution(
        _ row: ExecutionRow, view: ExecutionView, detail: ExecutionQuery.Detail = .whole
    ) async throws(EngineError) -> Execution {
        guard view == .full else {
            return noted(try await fresh(row, seen: 0, detail).execution)
        }
        var reading = try await reading(row, payloads: .at(0..<Self.nodeExecutionsMax))
        var now = try await fresh(row, seen: reading.lastSequence, detail)
        while now.execution.status != .running, reading.lastSequence < now.execution.lastSequence {
            // It came to rest while the journal was read, and may have gone on since.
            reading = try await self.reading(now, payloads: .at(0..<Self.nodeExecutionsMax))
            now = try await fresh(now, seen: reading.lastSequence, detail)
        }
        return noted(Self.full(now.execution, reading))
    }

    /// With what is known only here of why it waits: whether a worker is there.
    private func noted(_ execution: Execution) -> Execution {
        guard execution.status == .running,
            let note = parts.workers.note(ExecutionNumber(rawValue: execution.number))
        else { return execution }
        var execution = execution
        execution.nextWakeUp += "; \(note)"
        return execution
    }

    /// FULL view of an execution that has just ended, as a reading of its journal gives it.
    package func execution(_ rested: RestedExecution) -> Execution {
        var reading = ExecutionReading(
            graph: rested.graph, limits: parts.limits, payloads: .at(0..<Self.nodeExecutionsMax))
        reading.add(EventBatch(events: rested.events))
        return Self.full(rested.row.execution, reading)
    }

    private static func full(_ execution: Execution, _ reading: ExecutionReading) -> Execution {
        var execution = execution
        execution.lastSequence = max(execution.lastSequence, reading.lastSequence)
        // The open interrupts come first: somebody is asked.
        var room =
            payloadBytesMax
            - execution.interrupts.map { interrupt in
                unsafe interrupt.withProtobufBytes { bytes in bytes.count }
            }.reduce(0, +)
        func fits(_ bytes: Int) -> Bool {
            guard bytes <= room else { return false }
            room -= bytes
            return true
        }
        if fits(reading.inputJSON.utf8.count) {
            execution.inputJSON = reading.inputJSON
        } else {
            execution.dataTooLarge = true
        }
        if execution.status == .completed {
            if fits(reading.outputJSON.utf8.count) {
                execution.outputJSON = reading.outputJSON
            } else {
                execution.dataTooLarge = true
            }
        }
        for index in reading.nodes.indices.prefix(nodeExecutionsMax) {
            let node = reading.nodes[index]
            let size =
                node.inputJSON.utf8.count + node.outputJSON.utf8.count
                + (node.error?.detailsJSON.utf8.count ?? 0) + 256
            if fits(size) {
                execution.nodeExecutions.append(node)
            } else {
                execution.nodeExecutions.append(reading.nodes[index].basic)
                execution.dataTooLarge = true
            }
        }
        if reading.nodes.count > nodeExecutionsMax { execution.dataTooLarge = true }
        return execution
    }

    /// The row with the sequence number of the newest event in its journal, or as it stands now where it
    /// was written since.
    /// - Parameter seen: the newest event that was read of its journal.
    private func fresh(
        _ row: ExecutionRow, seen: Int64, _ detail: ExecutionQuery.Detail
    ) async throws(EngineError) -> ExecutionRow {
        guard !row.execution.status.isFinal else { return row }
        let number = ExecutionNumber(rawValue: row.execution.number)
        var fresh = row
        do throws(StoreError) {
            while row.execution.status == .running {
                let rows = try await parts.store.journal(
                    number, after: fresh.execution.lastSequence, byteLimit: 1 << 20,
                    payloads: false)
                guard let last = rows.last else { break }
                fresh.execution.lastSequence = last.lastSequence
                if let node = Self.lastStarted(rows) { fresh.execution.currentNodeID = node }
            }
            fresh.execution.lastSequence = max(fresh.execution.lastSequence, seen)
            guard fresh.execution.lastSequence > row.execution.lastSequence,
                let now = try await parts.store.execution(.number(number), workspaceID: nil)
            else { return row }
            // A change of status writes the row in its own commit: if that is as it was, none is among
            // the events that were read.
            let isUnchanged =
                now.execution.lastSequence == row.execution.lastSequence
                && now.execution.status == row.execution.status
            return isUnchanged ? fresh : now.showing(detail)
        } catch {
            throw EngineError(error)
        }
    }

    /// The node that started last in these journal rows.
    private static func lastStarted(_ rows: [JournalRow]) -> String? {
        for row in rows.reversed() {
            guard let batch = try? EngineParts.decode(row) else { continue }
            for event in batch.events.reversed() {
                if case .nodeStarted(let started) = event.kind { return started.nodeID }
            }
        }
        return nil
    }

    /// Node executions in the order they first appeared, from the one at `from`.
    package func nodeExecutions(
        _ row: ExecutionRow, from: Int, limit: Int, view: ExecutionView
    ) async throws(EngineError) -> NodeExecutionPage {
        var index = min(max(0, from), Int(Int32.max))
        let nodes =
            view == .full
            ? try await reading(row, payloads: .at(index..<index + max(0, limit))).nodes
            : try await outline(row)
        var page: [NodeExecution] = []
        var room = Self.payloadBytesMax
        while index < nodes.count, page.count < limit {
            let node = view == .full ? Self.fitting(nodes[index]) : nodes[index].basic
            let size = node.inputJSON.utf8.count + node.outputJSON.utf8.count + 256
            if size > room, !page.isEmpty { break }
            room -= size
            page.append(node)
            index += 1
        }
        return NodeExecutionPage(
            nodeExecutions: page, next: index < nodes.count ? index : nil)
    }

    /// One node execution with its payloads; nil if it never appeared.
    package func nodeExecution(_ row: ExecutionRow, path: String) async throws(EngineError)
        -> NodeExecution?
    {
        try await reading(row, payloads: .of(path: path)).node(path).map { Self.fitting($0) }
    }

    /// The node execution without its input, or either payload, where they do not fit into one message.
    private static func fitting(_ node: NodeExecution) -> NodeExecution {
        let output = node.outputJSON.utf8.count + (node.error?.detailsJSON.utf8.count ?? 0)
        guard node.inputJSON.utf8.count + output > payloadBytesMax else { return node }
        var fitting = node
        fitting.inputJSON = ""
        if output > payloadBytesMax { fitting.outputJSON = "" }
        fitting.dataTooLarge = true
        return fitting
    }

    /// Log lines after the sequence number `after`, of at least `level`.
    package func logs(_ row: ExecutionRow, after: Int64, limit: Int, level: LogLevel)
        async throws(EngineError) -> LogPage
    {
        let execution = row.execution
        let version = try? await parts.graphs.version(
            execution.workflowID, execution.workflowVersion, workspaceID: execution.workspaceID)
        var reading = LogReading(graph: version?.graph, limits: parts.limits)
        var entries: [LogEntry] = []
        var room = Self.payloadBytesMax
        var next: Int64?
        try await parts.forEachBatch(of: ExecutionNumber(rawValue: execution.number)) { batch in
            for event in batch.events {
                let lines = reading.entries(event).filter { $0.level.rawValue >= level.rawValue }
                guard !lines.isEmpty, event.sequence > after, next == nil else { continue }
                // Lines of one event stay together: the next page begins after a sequence number.
                let bytes = lines.reduce(0) {
                    $0 + $1.inputJSON.utf8.count + $1.outputJSON.utf8.count
                }
                if entries.count + lines.count <= limit && bytes <= room || entries.isEmpty {
                    entries += lines
                    room -= bytes
                } else {
                    next = entries.last?.sequence
                }
            }
        }
        return LogPage(entries: entries, next: next)
    }

    private func reading(_ row: ExecutionRow, payloads: ExecutionReading.Payloads)
        async throws(EngineError) -> ExecutionReading
    {
        let execution = row.execution
        let version = try? await parts.graphs.version(
            execution.workflowID, execution.workflowVersion, workspaceID: execution.workspaceID)
        var reading = ExecutionReading(
            graph: version?.graph, limits: parts.limits, payloads: payloads)
        try await parts.forEachBatch(of: ExecutionNumber(rawValue: execution.number)) {
            reading.add($0)
        }
        return reading
    }
}

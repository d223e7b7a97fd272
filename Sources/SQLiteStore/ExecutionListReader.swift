internal import GRDB
internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// Reads lists and counts of executions from one connection, within one snapshot.
struct ExecutionListReader {
    private let database: Database
    private let query: ExecutionQuery
    private let states: [StateCode]
    private let plan: ExecutionListPlan

    /// Failed executions whose error is looked at for one page of a list that filters by its text,
    /// which no index knows; the page ends there, and the next goes on.
    static let errorsPerPageMax = 5_000

    private let errorsMax: Int

    init(
        _ database: Database, _ query: ExecutionQuery,
        errorsMax: Int = ExecutionListReader.errorsPerPageMax
    ) throws {
        self.errorsMax = errorsMax
        self.database = database
        self.query = query
        // From the same snapshot, so that no execution hides in a state that is new.
        states = try StateCode.all(in: database)
        plan = ExecutionListPlan(query, states: states)
    }

    // MARK: Lists

    func page() throws -> ExecutionPage {
        let horizon = try horizon()
        var keys = try keys(limit: query.skip + query.limit + 1, horizon)
        if let horizon { keys.removeAll { $0 < horizon } }
        keys.removeFirst(min(query.skip, keys.count))
        let hasMore = keys.count > query.limit
        if hasMore { keys.removeLast() }
        let select = try SQLStatement(
            database, "SELECT \(ExecutionColumns.selected) FROM executions WHERE number = ?")
        var rows: [ExecutionRow] = []
        var room = PageRoom(bytes: bytesMax)
        for (index, key) in keys.enumerated() {
            let row = try read(key, select)
            guard bytesMax == .max || room.take(row.execution.messageBytes) else {
                return ExecutionPage(rows: rows, next: keys[index - 1].position)
            }
            rows.append(row)
        }
        return ExecutionPage(rows: rows, next: (hasMore ? keys.last : horizon)?.position)
    }

    /// What a page's rows may have together.
    private var bytesMax: Int {
        if case .listed(let bytesMax) = query.detail { bytesMax } else { .max }
    }

    private func read(_ key: ListKey, _ select: SQLStatement) throws -> ExecutionRow {
        select.bind(1, key.number)
        guard try select.step() else {
            throw StoreError(
                .corrupt, "an index names execution \(key.number), which is not there")
        }
        defer { select.reset() }
        var row = try ExecutionColumns.read(select)
        row.execution.tags = try SQLiteStore.tags(of: key.number, in: database)
        return row.showing(query.detail)
    }

    /// The oldest key that this page looks at, where not all can be looked at.
    private func horizon() throws -> ListKey? {
        guard plan.index == .byError else { return nil }
        let select = try SQLStatement(database, plan.horizonSQL)
        let range = ExecutionRange(query)
        select.bind(1, query.workspaceID)
        select.bind(2, range.upper.createdAt)
        select.bind(3, range.upper.number)
        select.bind(4, range.lower)
        select.bind(5, Int64(errorsMax - 1))
        guard try select.step() else { return nil }
        defer { select.reset() }
        return ListKey(createdAt: select.integer(0), number: select.integer(1))
    }

    /// The newest keys of all arms, newest first, down to the horizon's instant.
    private func keys(limit: Int, _ horizon: ListKey?) throws -> [ListKey] {
        var range = ExecutionRange(query)
        if let horizon { range.lower = max(range.lower, horizon.createdAt) }
        let select = try SQLStatement(database, plan.keysSQL)
        var best: [ListKey] = []
        for arm in plan.arms {
            var lower = range.lower
            // An arm need not be read beyond the oldest key that still counts.
            if best.count == limit, let oldest = best.last { lower = max(lower, oldest.createdAt) }
            let next = bind(arm, ExecutionRange(lower: lower, upper: range.upper), to: select)
            select.bind(next, Int64(limit))
            var found: [ListKey] = []
            while try select.step() {
                found.append(ListKey(createdAt: select.integer(0), number: select.integer(1)))
            }
            best = merged(best, found, limit: limit)
        }
        return best
    }

    private func merged(_ left: [ListKey], _ right: [ListKey], limit: Int) -> [ListKey] {
        guard !left.isEmpty, !right.isEmpty else { return left.isEmpty ? right : left }
        var result: [ListKey] = []
        result.reserveCapacity(min(limit, left.count + right.count))
        var (l, r) = (0, 0)
        while result.count < limit, l < left.count || r < right.count {
            if r == right.count || (l < left.count && left[l] > right[r]) {
                result.append(left[l])
                l += 1
            } else {
                result.append(right[r])
                r += 1
            }
        }
        return result
    }

    /// - Returns: the parameter after those bound.
    private func bind(_ arm: [SQLValue], _ range: ExecutionRange, to statement: SQLStatement)
        -> Int32
    {
        statement.bind(1, query.workspaceID)
        var parameter: Int32 = 2
        for value in arm {
            statement.bind(parameter, value)
            parameter += 1
        }
        statement.bind(parameter, range.upper.createdAt)
        statement.bind(parameter + 1, range.upper.number)
        statement.bind(parameter + 2, range.lower)
        parameter += 3
        for condition in plan.conditions {
            statement.bind(parameter, condition.value)
            parameter += 1
        }
        return parameter
    }

    // MARK: Counts

    /// Whole days come from the counters where the filter allows, the rest from the index.
    func count() throws -> Int64 {
        var whole = query
        whole.after = nil
        let range = ExecutionRange(whole)
        guard hasCounters else { return try countRows(range) }
        let upper = range.upper.createdAt
        let firstDay = range.lower == .min ? .min : CounterKey.day(microseconds: range.lower) + 1
        let endDay = upper == .max ? .max : CounterKey.day(microseconds: upper)
        guard firstDay < endDay else { return try countRows(range) }
        var total = try countDays(from: firstDay, before: endDay)
        if firstDay != .min {
            let key = ListKey(createdAt: firstDay * CounterKey.dayMicroseconds, number: .min)
            total += try countRows(ExecutionRange(lower: range.lower, upper: key))
        }
        if endDay != .max {
            total += try countRows(
                ExecutionRange(lower: endDay * CounterKey.dayMicroseconds, upper: range.upper))
        }
        return total
    }

    private var hasCounters: Bool {
        let filter = query.filter
        return filter.triggers.isEmpty && filter.errorContains.isEmpty && filter.sourceID.isEmpty
            && filter.key.isEmpty && filter.tags.isEmpty && filter.batchID.isEmpty
            && query.below == nil && query.startedFrom == nil && query.startedBefore == nil
    }

    private func countRows(_ range: ExecutionRange) throws -> Int64 {
        let select = try SQLStatement(database, plan.countSQL)
        var total: Int64 = 0
        for arm in plan.arms {
            _ = bind(arm, range, to: select)
            guard try select.step() else { continue }
            total += select.integer(0)
            select.reset()
        }
        return total
    }

    private func countDays(from first: Int64, before end: Int64) throws -> Int64 {
        var sql = """
            SELECT total(count) FROM execution_counters \
            WHERE workspace_id = ? AND day >= ? AND day < ?
            """
        var values: [SQLValue] = []
        if let podID = query.podID {
            sql += " AND pod_id = ?"
            values.append(.text(podID))
        }
        if !query.filter.workflowIDs.isEmpty {
            sql += " AND workflow_id IN (SELECT value FROM json_each(?))"
            values.append(.text(ExecutionListPlan.jsonArray(query.filter.workflowIDs)))
        }
        if !query.filter.states.isEmpty {
            sql += " AND state IN (SELECT value FROM json_each(?))"
            let selected = states.filter { $0.matches(query.filter.states) }
            values.append(
                .text("[" + selected.map { String($0.rawValue) }.joined(separator: ",") + "]"))
        }
        let select = try SQLStatement(database, sql)
        select.bind(1, query.workspaceID)
        select.bind(2, first)
        select.bind(3, end)
        for (index, value) in values.enumerated() { select.bind(Int32(index + 4), value) }
        guard try select.step() else { return 0 }
        defer { select.reset() }
        return select.integer(0)
    }
}

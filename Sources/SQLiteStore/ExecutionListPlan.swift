internal import Messages
internal import Model
internal import Store

/// Which index a list or a count reads, and where in it.
///
/// An index is keyed by (workspace, …, created_at, number). Each *arm* is one value of the columns
/// between; the arms' rows, each newest first, are merged. What the index does not decide is checked
/// row by row.
struct ExecutionListPlan: Equatable {
    enum Index: String {
        case byKey = "executions_by_key"
        case bySource = "executions_by_source"
        case byError = "executions_by_error"
        /// The primary key of the table `execution_tags`, joined with the executions.
        case byTag = "execution_tags"
        case byWorkflow = "executions_by_workflow"
        case byPod = "executions_by_pod"
        case byState = "executions_by_state"
        case byTrigger = "executions_by_trigger"

        /// The columns between the workspace and the instant, whose values make an arm.
        var armColumns: [String] {
            switch self {
            case .byKey: ["key"]
            case .bySource: ["source_id"]
            case .byError: []
            case .byTag: ["tag_id"]
            case .byWorkflow: ["workflow_id", "state"]
            case .byPod: ["pod_id", "state"]
            case .byState: ["state"]
            case .byTrigger: ["trigger_kind"]
            }
        }
    }

    let index: Index
    let arms: [[SQLValue]]
    /// A condition on the row with one parameter each.
    private(set) var conditions: [Condition] = []

    struct Condition: Equatable {
        let sql: String
        let value: SQLValue
    }

    /// - Parameter states: every state that an execution may be in.
    init(_ query: ExecutionQuery, states: [StateCode]) {
        let filter = query.filter
        let states = states.filter { $0.matches(filter.states) }
        let byState = states.map { [SQLValue.integer($0.rawValue)] }
        if !filter.key.isEmpty {
            index = .byKey
            arms = [[.text(filter.key)]]
        } else if !filter.sourceID.isEmpty {
            index = .bySource
            arms = [[.text(filter.sourceID)]]
        } else if !filter.errorContains.isEmpty {
            index = .byError
            arms = [[]]
        } else if let tagID = filter.tags.first {
            index = .byTag
            arms = [[.text(tagID)]]
        } else if !filter.workflowIDs.isEmpty {
            index = .byWorkflow
            arms = Set(filter.workflowIDs).sorted().flatMap { workflow in
                byState.map { [.text(workflow)] + $0 }
            }
        } else if let podID = query.podID {
            index = .byPod
            arms = byState.map { [.text(podID)] + $0 }
        } else if !filter.triggers.isEmpty, filter.states.isEmpty {
            index = .byTrigger
            arms = Set(filter.triggers.map { Int64($0.rawValue) }).sorted().map { [.integer($0)] }
        } else {
            index = .byState
            arms = byState
        }
        addConditions(query, states: states)
        addBounds(query)
    }

    private mutating func addBounds(_ query: ExecutionQuery) {
        if let below = query.below {
            conditions.append(Condition(sql: "number < ?", value: .integer(below.rawValue)))
        }
        if let from = query.startedFrom {
            conditions.append(
                Condition(sql: "started_at >= ?", value: .integer(from.microseconds)))
        }
        if let before = query.startedBefore {
            conditions.append(
                Condition(sql: "started_at < ?", value: .integer(before.microseconds)))
        }
    }

    private mutating func addConditions(_ query: ExecutionQuery, states: [StateCode]) {
        let filter = query.filter
        let armColumns = index.armColumns
        if !filter.states.isEmpty, !armColumns.contains("state") {
            add("state", in: states.map(\.rawValue))
        }
        if !filter.triggers.isEmpty, !armColumns.contains("trigger_kind") {
            add("trigger_kind", in: filter.triggers.map { Int64($0.rawValue) })
        }
        if let podID = query.podID, !armColumns.contains("pod_id") {
            conditions.append(Condition(sql: "pod_id = ?", value: .text(podID)))
        }
        if !filter.workflowIDs.isEmpty, !armColumns.contains("workflow_id") {
            conditions.append(
                Condition(
                    sql: "workflow_id IN (SELECT value FROM json_each(?))",
                    value: .text(Self.jsonArray(filter.workflowIDs))))
        }
        if !filter.sourceID.isEmpty, index != .bySource {
            conditions.append(Condition(sql: "source_id = ?", value: .text(filter.sourceID)))
        }
        if !filter.errorContains.isEmpty {
            conditions.append(
                Condition(
                    sql: #"error_message LIKE ? ESCAPE '\'"#,
                    value: .text(Self.containsPattern(filter.errorContains))))
        }
        addMemberships(filter)
    }

    /// Tags, by id: all of them. A batch, by number.
    private mutating func addMemberships(_ filter: ExecutionFilter) {
        for tagID in index == .byTag ? filter.tags.dropFirst() : filter.tags[...] {
            conditions.append(
                Condition(
                    sql: "EXISTS (SELECT 1 FROM execution_tags AS other "
                        + "WHERE other.number = executions.number AND other.tag_id = ?)",
                    value: .text(tagID)))
        }
        if let number = Int64(filter.batchID) {
            conditions.append(
                Condition(
                    sql: "EXISTS (SELECT 1 FROM batch_items "
                        + "WHERE batch_items.number = executions.number AND batch_number = ?)",
                    value: .integer(number)))
        }
    }

    /// One text for lists of any length, so that it is prepared once.
    private mutating func add(_ column: String, in values: [Int64]) {
        let list = "[" + values.map(String.init).joined(separator: ",") + "]"
        conditions.append(
            Condition(sql: "\(column) IN (SELECT value FROM json_each(?))", value: .text(list)))
    }

    /// A JSON array of strings that hold no control characters beyond what is escaped here.
    static func jsonArray(_ values: [String]) -> String {
        let strings = values.map { value in
            var text = "\""
            for scalar in value.unicodeScalars {
                switch scalar {
                case "\"", "\\":
                    text += "\\"
                    text.unicodeScalars.append(scalar)
                case "\u{0}"..."\u{1F}":
                    let digits = String(scalar.value, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                default:
                    text.unicodeScalars.append(scalar)
                }
            }
            return text + "\""
        }
        return "[" + strings.joined(separator: ",") + "]"
    }

    static func containsPattern(_ text: String) -> String {
        var pattern = "%"
        for character in text.unicodeScalars {
            if character == "%" || character == "_" || character == "\\" { pattern += "\\" }
            pattern.unicodeScalars.append(character)
        }
        return pattern + "%"
    }

    // MARK: Statements

    /// Selects `what` of one arm within [lower, upper); the parameters are the workspace, the arm,
    /// upper instant and number, lower instant, and the conditions'.
    private func select(_ what: String) -> String {
        let table = index == .byTag ? index.rawValue : "executions"
        let equalities = (["workspace_id"] + index.armColumns).map { "\(table).\($0) = ?" }
        let residuals = conditions.map(\.sql)
        let isThere: [String] =
            switch index {
            case .byError: ["error_message IS NOT NULL"]
            default: []
            }
        let source: String
        switch index {
        case .byTag where residuals.isEmpty: source = table
        case .byTag: source = "\(table) CROSS JOIN executions USING (number)"
        default: source = "executions INDEXED BY \(index.rawValue)"
        }
        let all =
            equalities + ["(\(table).created_at, \(table).number) < (?, ?)"]
            + ["\(table).created_at >= ?"] + isThere + residuals
        return "SELECT \(what) FROM \(source) WHERE " + all.joined(separator: " AND ")
    }

    /// Keys of one arm, newest first; the last parameter is the limit.
    var keysSQL: String {
        let table = index == .byTag ? index.rawValue : "executions"
        return select("\(table).created_at, \(table).number")
            + " ORDER BY \(table).created_at DESC, \(table).number DESC LIMIT ?"
    }

    /// The key that many places down in the order of the failed executions; the parameters are the
    /// workspace, upper instant and number, lower instant, and how many places.
    var horizonSQL: String {
        """
        SELECT created_at, number FROM executions INDEXED BY \(Index.byError.rawValue) \
        WHERE workspace_id = ? AND (created_at, number) < (?, ?) AND created_at >= ? \
        AND error_message IS NOT NULL ORDER BY created_at DESC, number DESC LIMIT 1 OFFSET ?
        """
    }

    /// How many rows one arm has.
    var countSQL: String { select("count(*)") }
}

/// A stretch of a list's order: from an instant up to, not including, a position.
struct ExecutionRange: Equatable {
    var lower: Int64
    var upper: ListKey

    /// The query's time range, after its page position.
    init(_ query: ExecutionQuery) {
        lower = query.filter.createdFrom?.microseconds ?? .min
        upper = ListKey(createdAt: .max, number: .max)
        if let before = query.filter.createdBefore {
            upper = ListKey(createdAt: before.microseconds, number: .min)
        }
        if let after = query.after {
            upper = min(
                upper,
                ListKey(createdAt: after.createdAt.microseconds, number: after.number.rawValue))
        }
    }

    init(lower: Int64, upper: ListKey) {
        self.lower = lower
        self.upper = upper
    }
}

/// What lists are sorted by.
struct ListKey: Comparable {
    let createdAt: Int64
    let number: Int64

    var position: ExecutionQuery.Position {
        ExecutionQuery.Position(
            createdAt: WallTime(microseconds: createdAt),
            number: ExecutionNumber(rawValue: number))
    }

    static func < (left: ListKey, right: ListKey) -> Bool {
        (left.createdAt, left.number) < (right.createdAt, right.number)
    }
}

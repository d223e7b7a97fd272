package import Messages

/// The states of executions in a dialect's words: the first row that fits a state is its word, and a
/// filter by a word selects exactly the states that are shown so.
package struct StateTable: Sendable {
    /// One state, or several.
    package struct Row: Sendable {
        let status: ExecutionStatus
        let reason: ExecutionReason
        let isWaiting: Bool?
        let word: String

        /// A status with one reason.
        package init(_ status: ExecutionStatus, _ reason: ExecutionReason, _ word: String) {
            self.status = status
            self.reason = reason
            isWaiting = nil
            self.word = word
        }

        /// A status with any reason.
        /// - Parameter isWaiting: whether it waits for a timer; nil: either.
        package init(_ status: ExecutionStatus, isWaiting: Bool? = nil, _ word: String) {
            self.status = status
            reason = .unspecified
            self.isWaiting = isWaiting
            self.word = word
        }
    }

    private let rows: [Row]
    private let more: [String]

    /// - Parameter more: words of the dialect that none of our states is shown as.
    package init(_ rows: [Row], more: [String] = []) {
        self.rows = rows
        self.more = more
    }

    /// The word of an execution's state.
    package subscript(execution: Execution) -> String {
        word(execution.status, execution.reason, isWaiting: execution.waitingUntil != nil)
    }

    /// All words, each once.
    package var words: [String] {
        var words: [String] = []
        for word in rows.map(\.word) + more where !words.contains(word) { words.append(word) }
        return words
    }

    /// The states of a word; nil for a word that is none of the dialect's.
    package func filters(of word: String) -> [StateFilter]? {
        guard words.contains(word) else { return nil }
        var filters: [StateFilter] = []
        for status in ExecutionStatus.allCases where status != .unspecified {
            filters += self.filters(of: word, status)
        }
        return filters
    }

    private func filters(of word: String, _ status: ExecutionStatus) -> [StateFilter] {
        let candidates: [(StateFilter, isWaiting: Bool)] =
            switch status {
            case .running:
                [
                    (StateFilter(status: status, waiting: .no), false),
                    (StateFilter(status: status, waiting: .yes), true),
                ]
            case .failed:
                ExecutionReason.allCases.filter { $0 != .unspecified }.map {
                    (StateFilter(status: status, reason: $0), false)
                }
            default:
                [(StateFilter(status: status), false)]
            }
        let fitting = candidates.filter {
            self.word(status, $0.0.reason, isWaiting: $0.isWaiting) == word
        }
        // All of them together are the status itself, also with reasons that are yet to come.
        if fitting.count == candidates.count { return [StateFilter(status: status)] }
        return fitting.map(\.0)
    }

    private func word(
        _ status: ExecutionStatus, _ reason: ExecutionReason, isWaiting: Bool
    ) -> String {
        let row = rows.first { row in
            row.status == status && (row.reason == .unspecified || row.reason == reason)
                && (row.isWaiting == nil || row.isWaiting == isWaiting)
        }
        return row?.word ?? rows.first?.word ?? ""
    }
}

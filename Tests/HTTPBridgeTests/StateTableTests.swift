import Messages
import ProtobufRuntime
import Testing

@testable import HTTPBridge

/// Section 5.1 of the dialects: every state, what it is shown as, and what finds it again.
struct StateTableTests {
    struct Row: Sendable {
        let status: ExecutionStatus
        var reason = ExecutionReason.unspecified
        var isWaiting = false
        let client: String
        let team: String

        var execution: Execution {
            Execution(
                status: status, reason: reason,
                waitingUntil: isWaiting ? Timestamp(seconds: 1) : nil)
        }
    }

    static let rows = [
        Row(status: .queued, client: "new", team: "PENDING"),
        Row(status: .running, client: "running", team: "RUNNING"),
        Row(status: .running, isWaiting: true, client: "waiting", team: "RUNNING"),
        Row(status: .suspended, reason: .approval, client: "waiting", team: "RUNNING"),
        Row(status: .suspended, reason: .event, client: "waiting", team: "RUNNING"),
        Row(status: .completed, client: "success", team: "SUCCESS"),
        Row(status: .failed, reason: .nodeFailed, client: "error", team: "FAILED"),
        Row(status: .failed, reason: .rejected, client: "error", team: "FAILED"),
        Row(status: .failed, reason: .timedOut, client: "canceled", team: "CANCELLED"),
        Row(status: .failed, reason: .crashed, client: "crashed", team: "FAILED"),
        Row(status: .cancelled, client: "canceled", team: "CANCELLED"),
    ]

    @Test("a state has its word in each dialect", arguments: rows)
    func words(_ row: Row) {
        #expect(ExecutionsClientWords.states[row.execution] == row.client)
        #expect(TeamsWords.states[row.execution] == row.team)
    }

    @Test("a filter by a word selects exactly the states that are shown so", arguments: rows)
    func filters(_ row: Row) {
        for (table, word) in [
            (ExecutionsClientWords.states, row.client), (TeamsWords.states, row.team),
        ] {
            for other in table.words {
                let filters = table.filters(of: other) ?? []
                #expect(
                    filters.contains { Self.fits($0, row) } == (other == word), "\(other) \(row)")
            }
        }
    }

    @Test("a word of the dialect that nothing has selects nothing; another is none")
    func unknown() {
        #expect(ExecutionsClientWords.states.filters(of: "unknown") == [])
        #expect(ExecutionsClientWords.states.filters(of: "SUCCESS") == nil)
        #expect(TeamsWords.states.filters(of: "success") == nil)
    }

    private static func fits(_ filter: StateFilter, _ row: Row) -> Bool {
        guard filter.status == row.status,
            filter.reason == .unspecified || filter.reason == row.reason
        else { return false }
        return switch filter.waiting {
        case .yes: row.isWaiting
        case .no: !row.isWaiting
        default: true
        }
    }
}

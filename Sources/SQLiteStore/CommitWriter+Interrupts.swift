internal import Messages
internal import ProtobufRuntime
internal import Store

/// Keeps the table of open interrupts as the executions' rows are.
extension CommitWriter {
    /// The open interrupts of a new execution.
    func insertInterrupts(of execution: Execution) throws {
        for interrupt in execution.interrupts { try insert(interrupt, of: execution) }
    }

    /// Puts what is open now in the place of what was.
    func replaceInterrupts(of execution: Execution) throws {
        let delete = try statement("DELETE FROM interrupts WHERE number = ?")
        delete.bind(1, execution.number)
        if try change(delete) > 0 {
            let names = try statement(
                "DELETE FROM interrupt_names INDEXED BY interrupt_names_by_number WHERE number = ?")
            names.bind(1, execution.number)
            try change(names)
        }
        try insertInterrupts(of: execution)
    }

    private func insert(_ interrupt: Interrupt, of execution: Execution) throws {
        let createdAt = interrupt.createTime?.microseconds ?? 0
        let insert = try statement("INSERT INTO interrupts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
        insert.bind(1, execution.number)
        insert.bind(2, interrupt.sequence)
        insert.bind(3, execution.workspaceID)
        insert.bind(4, execution.podID)
        insert.bind(5, execution.workflowID)
        insert.bind(6, Int64(interrupt.type.rawValue))
        insert.bind(7, createdAt)
        insert.bind(8, interrupt.deadline?.microseconds)
        insert.bind(9, unsafe interrupt.withProtobufBytes { unsafe [UInt8]($0) })
        try change(insert)
        for name in interrupt.audience.map(\.name) {
            let named = try statement("INSERT INTO interrupt_names VALUES (?, ?, ?, ?, ?)")
            named.bind(1, execution.workspaceID)
            named.bind(2, name)
            named.bind(3, createdAt)
            named.bind(4, execution.number)
            named.bind(5, interrupt.sequence)
            try change(named)
        }
    }
}

extension Interrupt {
    /// Whom it is meant for.
    var audience: Set<InterruptQuery.Audience> {
        guard !assignees.isEmpty || !groups.isEmpty else { return [.anybody] }
        return Set(assignees.map { .assignee($0) } + groups.map { .group($0) })
    }
}

extension InterruptQuery.Audience {
    /// As it stands in `interrupt_names`.
    var name: String {
        switch self {
        case .assignee(let name): "p:\(name)"
        case .group(let name): "g:\(name)"
        case .anybody: ""
        }
    }
}

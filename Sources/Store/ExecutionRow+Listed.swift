package import Messages

extension ExecutionRow {
    /// As much of it as is asked for.
    package func showing(_ detail: ExecutionQuery.Detail) -> ExecutionRow {
        switch detail {
        case .whole: self
        case .listed: listed
        case .slim: slim
        }
    }

    /// As lists show it: without the data of votes.
    package var listed: ExecutionRow {
        guard !execution.interrupts.isEmpty else { return self }
        var listed = self
        listed.execution.interrupts = execution.interrupts.map(\.listed)
        return listed
    }
}

extension Interrupt {
    /// As lists show it: without the data of its votes.
    package var listed: Interrupt {
        guard !votes.isEmpty else { return self }
        var listed = self
        for index in listed.votes.indices { listed.votes[index].dataJSON = "" }
        return listed
    }
}

internal import Messages
internal import Store

extension Operations {
    /// Executions with the retries that were made of them.
    func linked(_ executions: [Execution], _ grant: Authoriser.Grant)
        async throws(OperationError) -> [Execution]
    {
        let ids = executions.filter { $0.status == .failed || $0.status == .cancelled }.map(\.id)
        guard !ids.isEmpty else { return executions }
        let links = try await reading { () async throws(StoreError) in
            try await store.retries(of: ids, workspaceID: grant.workspaceID)
        }
        guard !links.isEmpty else { return executions }
        return executions.map { execution in
            guard let link = links[execution.id] else { return execution }
            var linked = execution
            linked.retriedBy = link.newest
            linked.retrySuccess = link.completed
            return linked
        }
    }
}

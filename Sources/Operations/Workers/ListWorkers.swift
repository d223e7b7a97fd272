internal import Engine
package import Messages

extension Operations {
    /// Lists the connected workers of a workspace by id. Needs viewer.
    package func listWorkers(_ request: ListWorkersRequest, by caller: Caller)
        async throws(OperationError) -> ListWorkersResponse
    {
        let grant = try await authorise(.listWorkers, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        let limit = check.pageSize(request.pageSize, usual: 50)
        try check.finish()
        let pages = PageToken("ListWorkers", [grant.workspaceID])
        let after = try pages.name(request.pageToken)
        let rest = engine.workers.workers(of: grant.workspaceID).filter { worker in
            after.map { worker.spec.id > $0 } ?? true
        }
        let page = rest.prefix(limit).fitting { worker in
            worker.spec.kinds.reduce(0) { $0 + $1.name.utf8.count }
        }
        return ListWorkersResponse(
            workers: page.map(ConnectedWorker.init),
            nextPageToken: rest.count > page.count
                ? page.last.map { pages.token(name: $0.spec.id) } ?? "" : "")
    }
}

extension ConnectedWorker {
    fileprivate init(_ worker: WorkerStanding) {
        self.init(
            workerID: worker.spec.id, queue: worker.spec.queue,
            kinds: worker.spec.kinds.map {
                WorkerKind(name: $0.name, concurrency: Int32($0.concurrency))
            }, concurrency: Int32(worker.spec.concurrency),
            runningCount: Int32(worker.runningCount), connectTime: worker.connectedAt.timestamp,
            seenTime: worker.seenAt.timestamp, principal: worker.spec.principal)
    }
}

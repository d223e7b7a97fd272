package import Messages
internal import Model
internal import ProtobufRuntime
internal import Redaction
internal import Store

extension Operations {
    /// Lists the open interrupts of a workspace, newest first, masked as its policy says by what started
    /// each's execution, and without the data of votes; a page ends early where it would have more than a
    /// message holds. Needs viewer.
    package func listInterrupts(_ request: ListInterruptsRequest, by caller: Caller)
        async throws(OperationError) -> ListInterruptsResponse
    {
        let grant = try await authorise(
            .listInterrupts, caller, workspaceID: request.workspaceID, podID: request.podID)
        let filter = request.filter ?? InterruptFilter()
        var check = RequestCheck()
        check.text("filter.assignee", filter.assignee, bytesMax: 1_024)
        check.text("filter.group", filter.group, bytesMax: 1_024)
        check.text("filter.workflow_id", filter.workflowID, bytesMax: 128)
        check.instant("filter.deadline_before", filter.deadlineBefore)
        if filter.types.count > 16 {
            check.fault("filter.types", "expected at most 16, got \(filter.types.count)")
        }
        for type in filter.types { check.known("filter.types", type) }
        if [!filter.assignee.isEmpty, !filter.group.isEmpty, filter.mine].count(where: \.self) > 1 {
            check.fault("filter", "expected one of assignee, group and mine, got several")
        }
        let limit = check.pageSize(request.pageSize, usual: 50)
        try check.finish()
        let audience = Self.audience(filter, grant.principal)
        // What `mine` means depends on who asks.
        let whose = filter.mine ? [grant.principal.name] + grant.principal.groups : []
        let pages = PageToken(
            "ListInterrupts", [grant.workspaceID, grant.podID ?? ""] + whose, message: filter)
        let position = try pages.numbers(request.pageToken, count: 3)
        let query = InterruptQuery(
            workspaceID: grant.workspaceID, podID: grant.podID, audience: audience,
            types: filter.types,
            workflowID: filter.workflowID.isEmpty ? nil : filter.workflowID,
            deadlineBefore: filter.deadlineBefore.map { WallTime($0) }, limit: limit,
            bytesMax: pageBytesMax,
            after: position.map {
                InterruptQuery.Position(
                    createdAt: WallTime(microseconds: $0[0]),
                    number: ExecutionNumber(rawValue: $0[1]), sequence: $0[2])
            })
        let page = try await reading { () async throws(StoreError) in
            try await store.openInterrupts(query)
        }
        let showing = try await showing(grant)
        return ListInterruptsResponse(
            interrupts: page.interrupts.map { open in
                let trigger = page.triggers[open.executionNumber] ?? .unspecified
                guard let redactor = showing.redactor(trigger) else { return open.listed }
                var shown = open.listed
                redactor.redact(&shown)
                return shown
            },
            nextPageToken: page.next.map {
                pages.token($0.createdAt.microseconds, $0.number.rawValue, $0.sequence)
            } ?? "")
    }

    private static func audience(_ filter: InterruptFilter, _ principal: Principal)
        -> Set<InterruptQuery.Audience>
    {
        func group(_ name: String) -> [InterruptQuery.Audience] { [.group(name), .assignee(name)] }
        if !filter.assignee.isEmpty { return [.assignee(filter.assignee)] }
        if !filter.group.isEmpty { return Set(group(filter.group)) }
        guard filter.mine else { return [] }
        return Set(
            [.anybody, .assignee(principal.name)] + principal.groups.flatMap { group($0) })
    }
}

extension OpenInterrupt {
    fileprivate var listed: OpenInterrupt {
        var listed = self
        listed.interrupt = interrupt?.listed
        return listed
    }
}

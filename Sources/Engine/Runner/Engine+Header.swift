internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// What a new execution begins with.
extension Engine {
    /// Its first event's content.
    func header(
        of new: NewExecution, _ number: ExecutionNumber, _ version: GraphCache.Version,
        input: String, at now: WallTime
    ) -> ExecutionCreated {
        var header = ExecutionCreated(
            id: newID(at: now), number: number.rawValue, workspaceID: new.workspaceID,
            podID: version.podID, workflowID: new.workflowID, workflowVersion: version.version,
            workflowName: version.name, trigger: new.trigger, triggeredBy: new.triggeredBy,
            inputJSON: input, key: new.key, priority: new.priority, sourceID: new.sourceID,
            parentID: new.parentID, traceparent: new.traceparent, fromNodeID: new.fromNodeID)
        if new.breakpoints?.enabled ?? false { header.breakpoints = new.breakpoints }
        header.traceLogs = new.traceLogs
        if let notBefore = new.notBefore, notBefore > now {
            header.notBefore = Timestamp(notBefore)
        }
        return header
    }

    func newID(at now: WallTime) -> String {
        ExecutionID(time: now, random: (parts.environment.random(), parts.environment.random()))
            .description
    }

    /// What it belongs to from its first commit on.
    static func memberships(
        _ number: ExecutionNumber, _ header: ExecutionCreated, tagIDs: [String]
    ) -> [Change] {
        var changes: [Change] = []
        if !header.groups.isEmpty {
            changes.append(.many(.joinGroups(number, header.groups)))
        }
        if !tagIDs.isEmpty {
            changes.append(
                .many(
                    .tag(
                        .set(
                            number, workspaceID: header.workspaceID, add: tagIDs, remove: [],
                            replacing: false, limit: tagIDs.count))))
        }
        return changes
    }
}

internal import Messages
internal import Model
internal import Store

/// Groups of which only so many executions are under way at once.
extension EngineParts {
    /// A new execution that takes no slot yet.
    func arriveLater() -> Slots.OnArrival {
        withSlots { $0.hasRoom(for: 1) } ? .queue : .refuse
    }

    func enqueue(_ number: ExecutionNumber, _ header: ExecutionCreated) {
        enqueue(
            number, priority: header.priority, workspace: header.workspaceID, groups: header.groups)
    }

    /// It has ended, and whoever waits for its places may have them.
    func leave(_ number: ExecutionNumber) {
        start(withSlots { $0.leave(number) })
    }

    /// Takes the places of those that have started; gives the groups of the others.
    func recoverGroups() async throws(EngineError) -> [ExecutionNumber: [ConcurrencyGroup]] {
        var waiting: [ExecutionNumber: [ConcurrencyGroup]] = [:]
        var after: ExecutionNumber?
        while true {
            let members: [GroupMember]
            do throws(StoreError) {
                members = try await store.many.groupMembers(after: after, limit: 1_000)
                if after == nil {
                    for batch in try await store.many.stoppingBatches(limit: 1_000) {
                        withSlots { $0.close(Engine.group(ofBatch: batch.number)) }
                    }
                }
            } catch {
                throw EngineError(error)
            }
            for member in members {
                if member.hasStarted {
                    withSlots { slots in
                        for group in member.groups { slots.hold(member.number, group) }
                    }
                } else {
                    waiting[member.number] = member.groups
                }
            }
            guard members.count == 1_000 else { return waiting }
            after = members.last?.number
        }
    }
}

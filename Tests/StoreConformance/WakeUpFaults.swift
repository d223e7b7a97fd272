package import Store
internal import Messages
internal import Model

extension Store {
    /// What breaks the rule that every execution that is not final has a next wake-up, which a get shows:
    /// a slot, a node at work, a timer, a message from outside or a named interrupt. Also that what a
    /// workspace's inbox lists is what its executions show.
    package func wakeUpFaults(workspaces: [String]) async throws -> [String] {
        var faults: [String] = []
        for workspaceID in workspaces {
            var open: Set<String> = []
            var query = ExecutionQuery(workspaceID: workspaceID, limit: 1_000)
            repeat {
                let page = try await executions(query)
                for row in page.rows {
                    faults += Self.faults(row)
                    for interrupt in row.execution.interrupts {
                        open.insert("\(row.execution.number) \(interrupt.id)")
                    }
                }
                query.after = page.next
            } while query.after != nil
            let listed = try await listed(workspaceID)
            if listed != open {
                faults.append("the inbox lists \(listed.sorted()), executions \(open.sorted())")
            }
        }
        return faults
    }

    private func listed(_ workspaceID: String) async throws -> Set<String> {
        var listed: Set<String> = []
        var query = InterruptQuery(workspaceID: workspaceID, limit: 1_000)
        repeat {
            let page = try await openInterrupts(query)
            for open in page.interrupts {
                listed.insert("\(open.executionNumber) \(open.interrupt?.id ?? "")")
            }
            query.after = page.next
        } while query.after != nil
        return listed
    }

    private static func faults(_ row: ExecutionRow) -> [String] {
        let execution = row.execution
        let name = "execution \(execution.number), \(execution.status.protobufName),"
        if execution.status.isFinal {
            let isAwake = !execution.nextWakeUp.isEmpty || row.wakeAt != nil
            let isOpen = !execution.interrupts.isEmpty
            return isAwake || isOpen ? ["\(name) still waits: '\(execution.nextWakeUp)'"] : []
        }
        if execution.nextWakeUp.isEmpty { return ["\(name) shows no next wake-up"] }
        if execution.status == .suspended, execution.interrupts.isEmpty {
            return ["\(name) is suspended at nothing"]
        }
        if execution.waitingUntil != nil, row.wakeAt == nil {
            return ["\(name) waits for an instant at which nobody wakes it"]
        }
        return []
    }
}

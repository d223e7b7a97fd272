internal import Messages

extension RequestCheck {
    /// A filter of executions: what it names is known, and goes together.
    mutating func filter(_ filter: ExecutionFilter) {
        if filter.states.count > 64 {
            fault("filter.states", "expected at most 64 states, got \(filter.states.count)")
        }
        for (index, state) in filter.states.prefix(64).enumerated() {
            self.state("filter.states[\(index)]", state)
        }
        if filter.workflowIDs.count > 100 {
            fault(
                "filter.workflow_ids", "expected at most 100 ids, got \(filter.workflowIDs.count)")
        }
        for (index, id) in filter.workflowIDs.prefix(100).enumerated() {
            text("filter.workflow_ids[\(index)]", id, bytesMax: 128, isNeeded: true)
        }
        if filter.triggers.count > 16 {
            fault("filter.triggers", "expected at most 16 triggers, got \(filter.triggers.count)")
        }
        for (index, trigger) in filter.triggers.prefix(16).enumerated() {
            known("filter.triggers[\(index)]", trigger)
            if trigger == .unspecified {
                fault("filter.triggers[\(index)]", "expected a trigger, got none")
            }
        }
        instant("filter.created_from", filter.createdFrom)
        instant("filter.created_before", filter.createdBefore)
        text("filter.error_contains", filter.errorContains, bytesMax: 256)
        text("filter.source_id", filter.sourceID, bytesMax: 64)
        text("filter.key", filter.key, bytesMax: 256)
        tags("filter.tags", filter.tags, max: 16)
        text("filter.batch_id", filter.batchID, bytesMax: 64)
    }

    /// Ids or names of tags.
    mutating func tags(_ field: String, _ tags: [String], max: Int) {
        if tags.count > max { fault(field, "expected at most \(max) tags, got \(tags.count)") }
        for (index, tag) in tags.prefix(max).enumerated() {
            text("\(field)[\(index)]", tag, bytesMax: 64, isNeeded: true)
        }
    }

    private mutating func state(_ field: String, _ state: StateFilter) {
        known("\(field).status", state.status)
        known("\(field).reason", state.reason)
        known("\(field).waiting", state.waiting)
        if state.status == .unspecified {
            fault("\(field).status", "expected a status, got none")
        }
        if state.waiting != .unspecified, state.status != .running {
            fault("\(field).waiting", "expected only with the status RUNNING, got it with another")
        }
    }
}

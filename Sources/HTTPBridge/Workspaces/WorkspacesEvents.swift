internal import JSON
internal import Messages
internal import ProtobufRuntime

/// An execution's journal in the events of the workspaces dialect, folded in order from the first: a
/// node's end needs its beginning, and a suspension the interrupts that are open.
struct WorkspacesEvents: EventRendering {
    private var starts: [String: Timestamp] = [:]
    private var interrupts: [Interrupt] = []

    mutating func events(_ event: ExecutionEvent) -> [ServerSentEvent] {
        switch event.kind {
        case .nodeStarted(let started):
            starts[started.nodePath] = event.time
            return [update(started.nodePath, started.nodeID, .running)]
        case .nodeCompleted(let completed):
            return [
                update(
                    completed.nodePath, completed.nodeID, .completed,
                    output: completed.outputJSON, end: event.time)
            ]
        case .nodeFailed(let failed):
            let isFinal = failed.retryTime == nil
            return [
                update(
                    failed.nodePath, failed.nodeID, isFinal ? .failed : .running,
                    error: failed.error?.message, end: isFinal ? event.time : nil)
            ]
        case .nodeCancelled(let cancelled):
            return [
                update(
                    cancelled.nodePath, cancelled.nodeID, .cancelled,
                    error: WorkspacesWords.cancelled, end: event.time)
            ]
        case .interruptOpened(let opened):
            guard let interrupt = opened.interrupt else { return [] }
            interrupts.append(interrupt)
            return [update(interrupt.nodePath, interrupt.nodeID, .suspended)]
        case .interruptClosed(let closed):
            interrupts.removeAll { $0.id == closed.interruptID }
            return []
        case .executionSuspended:
            return [suspended()]
        default:
            return Self.final(event).map { [$0] } ?? []
        }
    }

    private mutating func update(
        _ path: String, _ id: String, _ status: NodeStatus, output: String = "",
        error: String? = nil, end: Timestamp? = nil
    ) -> ServerSentEvent {
        let start = end == nil ? nil : starts.removeValue(forKey: path)
        return Self.event("node_update") { json in
            json.member("nodeId", id)
            json.member("nodePath", path)
            json.member("status", WorkspacesWords.nodeStatuses[status])
            if !output.isEmpty { json.member("output", document: output) }
            if let error { json.member("error", error) }
            if let duration = InstantShape.milliseconds(from: start, to: end) {
                json.member("durationMs", duration)
            }
        }
    }

    private func suspended() -> ServerSentEvent {
        Self.event("execution_suspended") { json in
            json.key("interrupt")
            if let first = interrupts.first {
                WorkspacesShapes.write(first, to: &json)
            } else {
                json.null()
            }
            json.key("interrupts")
            json.array(interrupts) { json, one in WorkspacesShapes.write(one, to: &json) }
        }
    }

    private static func final(_ event: ExecutionEvent) -> ServerSentEvent? {
        switch event.kind {
        case .executionCompleted(let completed):
            Self.event("execution_complete") { json in
                json.member("output", document: completed.outputJSON)
            }
        case .executionFailed(let failed):
            Self.event("execution_failed") { json in
                json.member("error", failed.error?.message ?? "")
                json.member("code", failed.error?.code)
                json.member("nodePath", failed.error?.nodePath)
            }
        case .executionCancelled(let cancelled):
            // Clients know no other type for an end that is no success.
            Self.event("execution_failed") { json in
                json.member("error", WorkspacesWords.cancelled)
                json.member("status", WorkspacesWords.statuses[.cancelled])
                json.member("reason", cancelled.endReason.isEmpty ? nil : cancelled.endReason)
            }
        default:
            nil
        }
    }

    private static func event(
        _ type: String, _ write: (inout JSONWriter) -> Void
    ) -> ServerSentEvent {
        var json = JSONWriter()
        json.object { json in
            json.member("type", type)
            write(&json)
        }
        return ServerSentEvent(data: json.finish())
    }
}

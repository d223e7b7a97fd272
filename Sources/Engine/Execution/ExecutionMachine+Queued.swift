internal import Messages
internal import Model
internal import ProtobufRuntime

/// Before the start.
extension ExecutionMachine {
    /// While it is queued for later: when it begins to wait for its places and a slot.
    var startsAt: WallTime? {
        guard status == .queued, !isDue else { return nil }
        return header.notBefore.map { WallTime($0) }
    }

    /// Why it is QUEUED, one line for people.
    var queuedWakeUp: String {
        if let startsAt { return "its start at \(Timestamp(startsAt).rfc3339)" }
        let slot = "a slot: the server or the workspace runs its maximum"
        guard !header.groups.isEmpty else { return slot }
        let places = header.groups.map { "'\($0.name)', of which \($0.limit) run at once" }
        return "a place in \(places.joined(separator: " and in ")), or \(slot)"
    }
}

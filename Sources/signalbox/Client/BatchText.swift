internal import Messages
internal import ProtobufRuntime

/// A batch, for people.
enum BatchText {
    static func status(_ batch: Batch) -> String {
        batch.status.shortName
    }

    /// `batch-7 RUNNING  2 completed, 1 failed, 0 stopped, 4 running (1 held), 13 queued of 20`.
    static func line(_ batch: Batch) -> String {
        let name = batch.number == 0 ? "batch" : "batch-\(batch.number)"
        let held = batch.suspended == 0 ? "" : " (\(batch.suspended) held)"
        return "\(name) \(status(batch))  \(batch.completed) completed, \(batch.failed) failed, "
            + "\(batch.stopped) stopped, \(batch.running) running\(held), \(batch.queued) queued "
            + "of \(batch.total)"
    }

    /// The line, and what was wrong with those that were not started.
    static func details(_ batch: Batch) -> String {
        var lines = [line(batch)]
        for fault in batch.faults {
            let name = [fault.path, fault.fileName].first { !$0.isEmpty } ?? "#\(fault.index)"
            for error in fault.errors {
                lines.append("not started: \(SafeText.line(name)): \(SafeText.line(error))")
            }
        }
        let more = Int(batch.invalid) - batch.faults.count
        if more > 0 { lines.append("not started: \(more) more") }
        if batch.faults.contains(where: { $0.errors.contains(where: WayOut.isUnknownKind) }) {
            lines.append(WayOut.ofUnknownKind)
        }
        return lines.joined(separator: "\n")
    }
}

extension Batch {
    /// What a script learns from the exit status.
    var exitStatus: Int32 {
        switch status {
        case .completed: 0
        case .error: 1
        case .stopped: 2
        case .running, .unspecified, .unrecognized: 3
        }
    }
}

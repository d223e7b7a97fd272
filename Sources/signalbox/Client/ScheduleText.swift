internal import Messages
internal import ProtobufRuntime

/// Schedules, for people.
enum ScheduleText {
    static func table(_ schedules: [Schedule]) -> Table {
        var table = Table(["ID", "WORKFLOW", "CRON", "ZONE", "NEXT", "NAME"])
        for schedule in schedules {
            let spec = schedule.spec ?? ScheduleSpec()
            table.add([
                schedule.id, spec.workflowID, spec.cron,
                spec.timeZone.isEmpty ? "UTC" : spec.timeZone,
                schedule.paused ? "paused" : ExecutionText.instant(schedule.nextFireTime),
                spec.name,
            ])
        }
        return table
    }

    static func table(_ fires: [ScheduleFire]) -> Table {
        var table = Table(["NOMINAL", "OUTCOME", "EXECUTION", "WHY"])
        for fire in fires {
            table.add([
                ExecutionText.instant(fire.nominalTime),
                fire.outcome.shortName,
                fire.executionNumber == 0 ? "" : "\(fire.executionNumber)",
                fire.reason.isEmpty ? "" : "\(fire.reason): \(fire.message)",
            ])
        }
        return table
    }

    /// Everything, a line each.
    static func details(_ schedule: Schedule) -> String {
        let spec = schedule.spec ?? ScheduleSpec()
        var lines: [(String, String)] = [
            ("schedule", schedule.id), ("workflow", spec.workflowID),
            ("cron", "\(spec.cron) \(spec.timeZone.isEmpty ? "UTC" : spec.timeZone)"),
            ("runs as", schedule.runsAs),
        ]
        func add(_ name: String, _ value: String) {
            if !value.isEmpty { lines.append((name, value)) }
        }
        add("name", spec.name)
        if spec.overlapPolicy != .unspecified { add("overlap", Choice.word(spec.overlapPolicy)) }
        add("from", ExecutionText.instant(spec.startTime))
        add("until", ExecutionText.instant(spec.endTime))
        add("input", spec.inputJSON)
        if schedule.paused {
            add("paused", schedule.pauseNote.isEmpty ? "yes" : schedule.pauseNote)
        }
        if schedule.bufferedCount > 0 { add("waiting", "\(schedule.bufferedCount)") }
        for time in schedule.nextTimes { add("next", time.rfc3339) }
        let width = lines.map(\.0.count).max() ?? 0
        let text = lines.map { name, value in
            name + String(repeating: " ", count: width - name.count) + "  "
                + SafeText.line(value, max: 100_000)
        }.joined(separator: "\n")
        return schedule.recentFires.isEmpty
            ? text
            : text + "\n\n" + table(schedule.recentFires).text(colourful: Terminal.isColourful())
    }
}

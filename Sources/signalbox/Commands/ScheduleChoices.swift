internal import ArgumentParser
internal import Messages
internal import ProtobufRuntime

/// What an author may choose of a schedule on the command line.
struct ScheduleChoices: ParsableArguments {
    @Option(help: ArgumentHelp("A name for people.", valueName: "text"))
    var name: String?
    @Option(help: ArgumentHelp("An IANA name (UTC).", valueName: "zone"))
    var timeZone: String?
    @Option(help: ArgumentHelp("JSON, @FILE, or - for standard input.", valueName: "json"))
    var input: String?
    @Option(help: ArgumentHelp("No time before it.", valueName: "time"))
    var start: String?
    @Option(help: ArgumentHelp("No time at or after it.", valueName: "time"))
    var end: String?
    @Option(
        help: ArgumentHelp(
            "While one runs: skip (the default), buffer-one, buffer-all, cancel-other or allow-all.",
            valueName: "policy"))
    var overlap: String?
    @Option(help: ArgumentHelp("How many wait with buffer-all (100).", valueName: "number"))
    var bufferMax: Int32?
    @Option(
        help: ArgumentHelp("How late a time may be fired (3600).", valueName: "seconds"))
    var catchUpWindow: Int64?
    @Option(help: ArgumentHelp("How many late ones are fired (10).", valueName: "number"))
    var catchUpMax: Int32?
    @Option(help: ArgumentHelp("Put fires off by a part of it.", valueName: "seconds"))
    var jitter: Int64?
    @Option(help: ArgumentHelp("-100 to 100; higher runs first.", valueName: "number"))
    var priority: Int32?

    func apply(to spec: inout ScheduleSpec) throws {
        if let name { spec.name = name }
        if let timeZone { spec.timeZone = timeZone }
        if let input { spec.inputJSON = try TextArgument.read(input, flag: "--input") }
        if let start { spec.startTime = try TimeArgument.instant(start, "--start") }
        if let end { spec.endTime = try TimeArgument.instant(end, "--end") }
        if let overlap { spec.overlapPolicy = try Self.policy(overlap) }
        if let bufferMax { spec.bufferMax = bufferMax }
        if let catchUpWindow { spec.catchUpWindow = ProtobufDuration(seconds: catchUpWindow) }
        if let catchUpMax { spec.catchUpMax = catchUpMax }
        if let jitter { spec.jitter = ProtobufDuration(seconds: jitter) }
        if let priority { spec.priority = priority }
    }

    private static func policy(_ word: String) throws -> OverlapPolicy {
        let policy = OverlapPolicy.allCases.first {
            $0 != .unspecified && ScheduleText.word($0) == word
        }
        guard let policy else {
            throw ValidationError(
                "--overlap: expected skip, buffer-one, buffer-all, cancel-other or allow-all, got "
                    + "'\(word)'")
        }
        return policy
    }
}

/// Schedules, for people.
enum ScheduleText {
    /// `buffer-one`.
    static func word(_ policy: OverlapPolicy) -> String {
        policy.shortName.lowercased()
            .replacing("_", with: "-")
    }

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
        if spec.overlapPolicy != .unspecified { add("overlap", word(spec.overlapPolicy)) }
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

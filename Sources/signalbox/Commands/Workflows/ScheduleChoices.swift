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
        help: ArgumentHelp("What becomes of a time while one runs (skip).", valueName: "policy"))
    var overlap: Choice<OverlapPolicy>?
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
        if let overlap { spec.overlapPolicy = overlap.value }
        if let bufferMax { spec.bufferMax = bufferMax }
        if let catchUpWindow { spec.catchUpWindow = ProtobufDuration(seconds: catchUpWindow) }
        if let catchUpMax { spec.catchUpMax = catchUpMax }
        if let jitter { spec.jitter = ProtobufDuration(seconds: jitter) }
        if let priority { spec.priority = priority }
    }
}

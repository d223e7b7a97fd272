internal import ArgumentParser
internal import Messages
internal import ProtobufRuntime

/// The filter of `list` and `count`.
struct FilterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "queued, running, waiting, suspended, completed, failed or cancelled. Repeatable.",
            valueName: "state"))
    var status: [String] = []
    @Option(help: ArgumentHelp("A workflow's id. Repeatable.", valueName: "id"))
    var workflow: [String] = []
    @Option(help: ArgumentHelp("manual, api, replay, … Repeatable.", valueName: "kind"))
    var trigger: [String] = []
    @Option(help: ArgumentHelp("Created at or after (RFC 3339).", valueName: "time"))
    var from: String?
    @Option(help: ArgumentHelp("Created before (RFC 3339).", valueName: "time"))
    var before: String?
    @Option(help: ArgumentHelp("What the error says.", valueName: "text"))
    var error: String?
    @Option(help: ArgumentHelp("The caller's own key.", valueName: "key"))
    var key: String?
    @Option(help: ArgumentHelp("The execution it is a replay of.", valueName: "id"))
    var source: String?
    @Option(help: ArgumentHelp("A tag's id or name. Repeatable: all of them.", valueName: "tag"))
    var tag: [String] = []
    @Option(help: ArgumentHelp("The batch it belongs to.", valueName: "batch"))
    var batch: String?

    func filter() throws -> ExecutionFilter {
        ExecutionFilter(
            states: try status.map(Self.state), workflowIDs: workflow,
            createdFrom: try from.map { try TimeArgument.instant($0, "--from") },
            createdBefore: try before.map { try TimeArgument.instant($0, "--before") },
            triggers: try trigger.map(Self.trigger), errorContains: error ?? "",
            sourceID: source ?? "", key: key ?? "", tags: tag, batchID: batch ?? "")
    }

    private static func state(_ word: String) throws -> StateFilter {
        if word.lowercased() == "waiting" { return StateFilter(status: .running, waiting: .yes) }
        guard
            let status = ExecutionStatus(
                protobufName: "EXECUTION_STATUS_\(word.uppercased())"), status != .unspecified
        else { throw ValidationError("--status: '\(word)' is no state") }
        return StateFilter(status: status)
    }

    private static func trigger(_ word: String) throws -> TriggerKind {
        guard let kind = TriggerKind(protobufName: "TRIGGER_KIND_\(word.uppercased())"),
            kind != .unspecified
        else { throw ValidationError("--trigger: '\(word)' is no trigger") }
        return kind
    }
}

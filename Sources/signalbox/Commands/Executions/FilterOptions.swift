internal import ArgumentParser
internal import Messages
internal import ProtobufRuntime

/// The filter of `list` and `count`.
struct FilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How it stands. Repeatable.", valueName: "state"))
    var status: [StateChoice] = []
    @Option(help: ArgumentHelp("A workflow's id. Repeatable.", valueName: "id"))
    var workflow: [String] = []
    @Option(help: ArgumentHelp("What started it. Repeatable.", valueName: "kind"))
    var trigger: [Choice<TriggerKind>] = []
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
            states: status.map(\.filter), workflowIDs: workflow,
            createdFrom: try from.map { try TimeArgument.instant($0, "--from") },
            createdBefore: try before.map { try TimeArgument.instant($0, "--before") },
            triggers: trigger.map(\.value), errorContains: error ?? "",
            sourceID: source ?? "", key: key ?? "", tags: tag, batchID: batch ?? "")
    }
}

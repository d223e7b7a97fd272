internal import ArgumentParser
internal import Messages

/// Which workspace a command is about.
struct WorkspaceOption: ParsableArguments {
    @Option(
        help: ArgumentHelp("A workspace's id or UUID; the token's own by default.", valueName: "id")
    )
    var workspace: String?

    var id: String { workspace ?? "" }
}

/// Which workspace and pod a command is about.
struct PlaceOptions: ParsableArguments {
    @OptionGroup var workspace: WorkspaceOption
    @Option(help: ArgumentHelp("A pod's id; any by default.", valueName: "id"))
    var pod: String?

    var workspaceID: String { workspace.id }
    var podID: String { pod ?? "" }
}

/// How what is personal or secret is shown.
struct RedactionOptions: ParsableArguments {
    @Flag(help: "Mask what is personal or secret.")
    var redact = false
    @Flag(help: "Show what the workspace's policy masks; needs the permission, and is audited.")
    var reveal = false

    var mode: RedactionMode { redact ? .redact : reveal ? .reveal : .unspecified }

    func validate() throws {
        guard !(redact && reveal) else {
            throw ValidationError("--redact and --reveal: expected one of them")
        }
    }
}

/// Which part of a list to show.
struct PageOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How many, 1 to 1000.", valueName: "number"))
    var limit: Int32 = 50
    @Option(help: ArgumentHelp("Continue an earlier list.", valueName: "token"))
    var pageToken: String?

    var token: String { pageToken ?? "" }

    /// A table, and how to go on after it.
    static func text(_ table: Table, next: String) -> String {
        table.text(colourful: Terminal.isColourful())
            + (next.isEmpty ? "" : "\nmore: --page-token \(SafeText.line(next))")
    }
}

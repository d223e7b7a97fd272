internal import ArgumentParser

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

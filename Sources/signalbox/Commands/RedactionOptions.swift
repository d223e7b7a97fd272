internal import ArgumentParser
internal import Messages

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

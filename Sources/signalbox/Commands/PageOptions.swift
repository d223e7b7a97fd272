internal import ArgumentParser

/// Which part of a list to show.
struct PageOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How many, 1 to 1000.", valueName: "number"))
    var limit: Int32 = 50
    @Option(help: ArgumentHelp("Continue an earlier list.", valueName: "token"))
    var pageToken: String?

    func validate() throws { try Self.check(limit, "--limit") }

    /// - Throws: `ValidationError` that names `flag` for what is no size of a page.
    static func check(_ limit: Int32, _ flag: String) throws {
        guard (1...1_000).contains(limit) else {
            throw ValidationError("\(flag): expected 1 to 1000, got \(limit)")
        }
    }

    var token: String { pageToken ?? "" }

    /// A table, and how to go on after it.
    static func text(_ table: Table, next: String) -> String {
        table.text(colourful: Terminal.isColourful())
            + (next.isEmpty ? "" : "\nmore: --page-token \(SafeText.line(next))")
    }
}

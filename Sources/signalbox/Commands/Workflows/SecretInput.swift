internal import ArgumentParser

/// A webhook's secret on the command line: as text, `@FILE`, or `-` for standard input.
enum SecretInput {
    static var help: ArgumentHelp {
        ArgumentHelp(
            "The sender's secret, @FILE, or - for standard input; a new one by default.",
            valueName: "text")
    }

    static func read(_ argument: String?) throws -> String {
        guard let argument else { return "" }
        var text = try TextArgument.read(argument, flag: "--secret")
        if text.last == "\n" { text.removeLast() }
        return text
    }
}

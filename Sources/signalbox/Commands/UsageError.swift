internal import ArgumentParser

/// What is said of a command that was called wrongly, in the words of the parser: also where that is
/// found out only when it runs, which the parser would show with the usage of the program.
struct UsageError {
    /// As sysexits.h has it.
    static let status: Int32 = 64

    let message: String
    let place: CommandTree

    /// - Parameter root: the command that `place` was found in.
    func text(root: any ParsableCommand.Type) -> String {
        """
        Error: \(message)
        Usage: \(root.usageString(for: place.command))
          See '\(place.path.joined(separator: " ")) --help' for more information.

        """
    }
}

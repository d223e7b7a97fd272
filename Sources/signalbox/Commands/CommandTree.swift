internal import ArgumentParser

/// The commands by their names, from the root down.
struct CommandTree {
    let command: any ParsableCommand.Type
    /// How it is called, from the root on: `["signalbox", "workflow", "put"]`.
    let path: [String]

    init(_ root: any ParsableCommand.Type) {
        self.init(root, under: [])
    }

    private init(_ command: any ParsableCommand.Type, under path: [String]) {
        self.command = command
        self.path = path + [Self.name(command)]
    }

    /// What may follow its name.
    var children: [CommandTree] {
        command.configuration.subcommands.map { CommandTree($0, under: path) }
    }

    /// The place of `wanted` in it; nil where it is none of its commands.
    func find(_ wanted: any ParsableCommand.Type) -> CommandTree? {
        if command == wanted { return self }
        for child in children {
            if let found = child.find(wanted) { return found }
        }
        return nil
    }

    /// The first word of `arguments` that stands where a command has to, and is none.
    func unknown(in arguments: some Collection<String>) -> UnknownCommand? {
        let children = children
        guard let word = arguments.first, !children.isEmpty, !word.hasPrefix("-") else {
            return nil
        }
        // The parser's own.
        if path.count == 1, word == "help" { return nil }
        guard let child = children.first(where: { $0.names.contains(word) }) else {
            return UnknownCommand(
                word: word, parent: self, names: children.flatMap(\.names))
        }
        return child.unknown(in: arguments.dropFirst())
    }

    private var names: [String] {
        (path.last.map { [$0] } ?? []) + command.configuration.aliases
    }

    /// The name it was given, else its type's.
    private static func name(_ command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? String(describing: command).lowercased()
    }
}

internal import ArgumentParser
internal import Foundation

/// `signalbox`: the server and its command line.
@main
struct Signalbox: AsyncParsableCommand {
    /// Shown by `--version` and `GetInfo`.
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "signalbox",
        abstract: "Runs workflows durably, and keeps the truth about every run.",
        discussion: """
            Start a server with 'signalbox serve'. Every other command talks to one: it takes \
            --server, --ca and --token, or SIGNALBOX_SERVER, SIGNALBOX_CA and SIGNALBOX_TOKEN.

            Exit status: 0 done or completed, 1 the execution failed, 2 it was cancelled, 3 it has \
            not ended (suspended, or the wait is over), 4 the server refused it, 64 usage, 65 bad \
            input, 66 not found, 69 no server, 70 internal, 75 try again later, 77 not allowed.
            """,
        groupedSubcommands: [
            CommandGroup(
                name: "Server", subcommands: [ServeCommand.self, InfoCommand.self]),
            CommandGroup(
                name: "Workflow",
                subcommands: [
                    WorkflowCommand.self, TriggerCommand.self, ScheduleCommand.self,
                    WebhookCommand.self, EventCommand.self, SecretCommand.self,
                    WorkerCommand.self,
                ]),
            CommandGroup(
                name: "Execution",
                subcommands: [
                    ListCommand.self, CountCommand.self, GetCommand.self, NodesCommand.self,
                    WatchCommand.self, LogsCommand.self, InboxCommand.self, RespondCommand.self,
                    CancelCommand.self, ReplayCommand.self, RetryCommand.self, PauseCommand.self,
                    ResumeCommand.self, ContinueCommand.self, TraceCommand.self,
                    ExportCommand.self, DeleteCommand.self,
                ]),
            CommandGroup(
                name: "Bulk",
                subcommands: [TagCommand.self, BatchCommand.self, BulkCommand.self]),
            CommandGroup(
                name: "Access",
                subcommands: [
                    TokenCommand.self, WorkspaceCommand.self, PodCommand.self, MemberCommand.self,
                    AuditCommand.self,
                ]),
        ])

    // Not the configuration's `version`: that would add a second `--version` to the commands whose
    // own is a workflow's.
    @Flag(name: .customLong("version"), help: "Show the version.")
    var showsVersion = false

    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let tree = CommandTree(Self.self)
        if let unknown = tree.unknown(in: arguments) {
            leave(UsageError(message: unknown.message, place: unknown.parent))
        }
        var command: any ParsableCommand
        do {
            command = try await asyncParseAsRoot(arguments)
        } catch {
            exit(withError: error)
        }
        do {
            if var running = command as? any AsyncParsableCommand {
                try await running.run()
            } else {
                try command.run()
            }
        } catch let error as ValidationError {
            // What only running shows, for example a file that cannot be read.
            leave(
                UsageError(
                    message: error.message, place: tree.find(type(of: command)) ?? tree))
        } catch {
            exit(withError: error)
        }
    }

    private static func leave(_ error: UsageError) -> Never {
        Terminal.write(error.text(root: Self.self), to: .standardError)
        Foundation.exit(UsageError.status)
    }

    func run() async throws {
        guard showsVersion else { throw CleanExit.helpRequest() }
        Terminal.say(Self.version)
    }
}

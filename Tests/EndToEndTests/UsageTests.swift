import ArgumentParser
import Foundation
import Messages
import ProtobufRuntime
import Testing

@testable import signalbox

/// What is said of a command that was called wrongly.
struct UsageTests {
    /// Refused while it is parsed or when it runs: either way the command's own usage is shown.
    @Test(
        arguments: [
            ("list --status odd", "odd", ["queued", "waiting", "cancelled"], "signalbox list"),
            ("list --trigger odd", "odd", ["manual", "schedule", "parent"], "signalbox list"),
            ("list --limit 0", "0", ["1 to 1000"], "signalbox list"),
            ("workflow list --limit 0", "0", ["1 to 1000"], "signalbox workflow list"),
            ("list --from yesterday", "yesterday", ["2026-01-02T03:04:05Z"], "signalbox list"),
            ("get 1 --view odd", "odd", ["basic", "full"], "signalbox get"),
            ("logs 1 --level odd", "odd", ["debug", "warning"], "signalbox logs"),
            ("export --format odd", "odd", ["csv", "json"], "signalbox export"),
            ("inbox --type odd", "odd", ["approval", "event"], "signalbox inbox"),
            ("trigger a --breakpoints odd", "odd", ["all", "marked"], "signalbox trigger"),
            ("trigger a --input @nowhere", "nowhere", ["--input"], "signalbox trigger"),
            ("batch list --status odd", "odd", ["running", "stopped"], "signalbox batch list"),
            ("bulk start odd", "odd", ["cancel", "tag"], "signalbox bulk start"),
            (
                "schedule create a b --overlap odd", "odd", ["skip", "buffer-one", "allow-all"],
                "signalbox schedule create"
            ),
            (
                "webhook create a --verify odd", "odd", ["signature", "shared-secret", "none"],
                "signalbox webhook create"
            ),
            (
                "webhook create a --respond odd", "odd", ["accepted", "output"],
                "signalbox webhook create"
            ),
            ("token create a --role odd", "odd", ["viewer", "worker"], "signalbox token create"),
            (
                "token create a --role viewer --kind odd", "odd", ["bearer", "api-key"],
                "signalbox token create"
            ),
            ("member put user:a --role odd", "odd", ["viewer", "admin"], "signalbox member put"),
            (
                "workspace redaction --policy odd", "odd", ["nothing", "non-manual"],
                "signalbox workspace redaction"
            ),
            ("trace 1 odd", "odd", ["on", "off"], "signalbox trace"),
            ("serve --log-level odd", "odd", ["notice", "critical"], "signalbox serve"),
            ("triger a", "triger", ["Did you mean 'trigger'?"], "signalbox"),
            ("workflow putt a", "putt", ["Did you mean 'put'?"], "signalbox workflow"),
        ] as [(String, String, [String], String)])
    func `what came, what was expected, and the usage of that very command`(
        line: String, came: String, expected: [String], command: String
    ) async throws {
        let folder = try TemporaryFolder()
        let ended = try await Program.run(
            line.split(separator: " ").map(String.init), in: folder.url)
        #expect(ended.status == 64)
        #expect(ended.output.isEmpty)
        for text in [came] + expected {
            #expect(ended.complaint.contains(text), "\(text) in: \(ended.complaint)")
        }
        #expect(
            ended.complaint.contains("See '\(command) --help'"), "\(ended.complaint)")
        let usage = ended.complaint.split(separator: "\n").first { $0.hasPrefix("Usage: ") }
        #expect(usage?.hasPrefix("Usage: \(command) ") == true, "\(ended.complaint)")
    }

    @Test func `completion scripts know every command, and the words of a choice`() async throws {
        let folder = try TemporaryFolder()
        for shell in ["bash", "zsh", "fish"] {
            let ended = try await Program.run(
                ["--generate-completion-script", shell], in: folder.url)
            #expect(ended.status == 0)
            let words = Set(
                ended.output.split { !($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
            // Shells name a command alone, or all above it in front.
            func check(_ tree: CommandTree) {
                let name = tree.path.last ?? ""
                let full = tree.path.joined(separator: "_")
                #expect(
                    words.contains { $0 == name || $0.hasSuffix(full) }, "\(shell): \(tree.path)")
                tree.children.forEach(check)
            }
            check(CommandTree(Signalbox.self))
            for level in ["trace", "debug", "info", "notice", "warning", "error", "critical"] {
                #expect(words.contains(Substring(level)), "\(shell): \(level)")
            }
        }
    }

    @Test func `every command is found at the path that the parser knows it by`() throws {
        func check(_ place: CommandTree) {
            let help = Signalbox.helpMessage(for: place.command)
            let path = place.path.joined(separator: " ")
            #expect(help.contains("USAGE: \(path)"), "\(path): \(help)")
            #expect(
                CommandTree(Signalbox.self).unknown(in: Array(place.path.dropFirst())) == nil)
            place.children.forEach(check)
        }
        check(CommandTree(Signalbox.self))
        let found = CommandTree(Signalbox.self).find(BatchCommand.StopAll.self)
        #expect(found?.path == ["signalbox", "batch", "stop-all"])
    }

    @Test(
        arguments: [
            ([], nil), (["--version"], nil), (["help", "list"], nil), (["list", "odd"], nil),
            (["step", "1"], nil), (["workflow"], nil), (["workflow", "--help"], nil),
            (["frobnicate"], "there is no command 'signalbox frobnicate'."),
            (
                ["lsit"], "there is no command 'signalbox lsit'. Did you mean 'list'?"
            ),
            (
                ["workflow", "ptu", "x"],
                "there is no command 'signalbox workflow ptu'. Did you mean 'put'?"
            ),
        ] as [([String], String?)])
    func `a word that is no command is told from all others`(
        arguments: [String], message: String?
    ) {
        #expect(CommandTree(Signalbox.self).unknown(in: arguments)?.message == message)
    }

    @Test func `a choice takes the words of its enum, however they are written`() {
        #expect(Choice<OverlapPolicy>(argument: "buffer-one")?.value == .bufferOne)
        #expect(Choice<OverlapPolicy>(argument: "BUFFER_ONE")?.value == .bufferOne)
        #expect(Choice<OverlapPolicy>(argument: "unspecified") == nil)
        #expect(Choice<OverlapPolicy>(argument: "") == nil)
        #expect(
            Choice<OverlapPolicy>.allValueStrings
                == ["skip", "buffer-one", "buffer-all", "cancel-other", "allow-all"])
        #expect(Choice(TokenKind.apiKey).defaultValueDescription == "api-key")
        #expect(StateChoice(argument: "Waiting")?.filter.waiting == .yes)
        #expect(StateChoice.allCases.map(\.filter.status).allSatisfy { $0 != .unspecified })
    }

    @Test(arguments: [
        ("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("list", "list", 0),
        ("lsit", "list", 1), ("ab", "b", 1), ("abcd", "badc", 2),
    ])
    func `words are as far apart as the changes between them`(
        one: String, other: String, changes: Int
    ) {
        #expect(SimilarWord.changes(one, other) == changes)
        #expect(SimilarWord.changes(other, one) == changes)
    }
}

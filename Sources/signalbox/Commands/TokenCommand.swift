internal import ArgumentParser
internal import Messages
internal import Operations
internal import ProtobufRuntime
internal import SignalboxClient

/// `signalbox token`.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Makes, lists and revokes tokens.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a token and prints its secret, this once.")

        @OptionGroup var options: ClientOptions
        @Argument(help: "A name: A-Z a-z 0-9 _ - . and at most 64 of them.")
        var name: String
        @Option(help: "viewer, operator, editor, admin or worker.")
        var role: String
        @Option(
            help: ArgumentHelp("How long it is good for; for ever by default.", valueName: "days"))
        var days: Int64?

        func run() async throws {
            guard let role = Role(word: role) else {
                throw ValidationError(
                    "--role: expected viewer, operator, editor, admin or worker, got '\(role)'")
            }
            let lifetime = days.map {
                ProtobufDuration(seconds: $0.multipliedReportingOverflow(by: 86_400).partialValue)
            }
            try await options.run { client in
                let made = try await client.createToken(
                    CreateTokenRequest(name: name, role: role, lifetime: lifetime))
                Output(options).show(made) { made.secret }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists tokens, without secrets.")

        @OptionGroup var options: ClientOptions
        @Option(help: ArgumentHelp("How many, 1 to 1000.", valueName: "number"))
        var limit: Int32 = 50
        @Option(help: ArgumentHelp("Continue an earlier list.", valueName: "token"))
        var pageToken: String?

        func run() async throws {
            try await options.run { client in
                let page = try await client.listTokens(
                    ListTokensRequest(pageSize: limit, pageToken: pageToken ?? ""))
                Output(options).show(page) { Self.text(page) }
            }
        }

        private static func text(_ page: ListTokensResponse) -> String {
            var table = Table(["NAME", "ROLE", "CREATED", "BY", "EXPIRES", "REVOKED", "ID"])
            for token in page.tokens {
                table.add([
                    token.name, token.role.word, ExecutionText.instant(token.createTime),
                    token.createdBy, ExecutionText.instant(token.expireTime),
                    ExecutionText.instant(token.revokeTime), token.id,
                ])
            }
            return table.text(colourful: Terminal.isColourful())
                + (page.nextPageToken.isEmpty
                    ? "" : "\nmore: --page-token \(SafeText.line(page.nextPageToken))")
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revokes a token; calls with it fail from then on.")

        @OptionGroup var options: ClientOptions
        @Argument(help: "Its name or id.")
        var token: String

        func run() async throws {
            try await options.run { client in
                try await client.revokeToken(RevokeTokenRequest(tokenID: token))
                if !options.json { Terminal.say("revoked \(token)") }
            }
        }
    }
}

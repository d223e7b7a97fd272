internal import ArgumentParser
internal import Messages
internal import Operations
internal import ProtobufRuntime
internal import SignalboxClient

/// `signalbox token`.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Makes, lists, rotates and revokes tokens.",
        subcommands: [Create.self, List.self, Rotate.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a token and prints its secret, this once.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Argument(help: "A name: A-Z a-z 0-9 _ - . and at most 64 of them.")
        var name: String
        @Option(help: ArgumentHelp("What its holder may do.", valueName: "role"))
        var role: Choice<Role>
        @Option(
            help: ArgumentHelp("How long it is good for; for ever by default.", valueName: "days"))
        var days: Int64?
        @Option(help: ArgumentHelp("How its text begins.", valueName: "kind"))
        var kind = Choice<TokenKind>(.bearer)
        @Option(help: "A group its holder belongs to. Repeatable.")
        var group: [String] = []
        @Option(
            help: ArgumentHelp(
                "Calls a minute; as many as the server allows by default.", valueName: "number"))
        var rateLimit: Int32 = 0
        @Flag(help: "Its holder may make workspaces and is admin in all of them.")
        var serverAdmin = false

        func run() async throws {
            let lifetime = days.map {
                ProtobufDuration(seconds: $0.multipliedReportingOverflow(by: 86_400).partialValue)
            }
            try await options.run { client in
                let made = try await client.createToken(
                    CreateTokenRequest(
                        workspaceID: workspace.id, name: name, role: role.value,
                        lifetime: lifetime, kind: kind.value, serverAdmin: serverAdmin,
                        groups: group,
                        callsPerMinute: rateLimit))
                Output(options).show(made) { made.secret }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists tokens, without secrets.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @OptionGroup var page: PageOptions

        func run() async throws {
            try await options.run { client in
                let list = try await client.listTokens(
                    ListTokensRequest(
                        workspaceID: workspace.id, pageSize: page.limit, pageToken: page.token))
                Output(options).show(list) { Self.text(list) }
            }
        }

        private static func text(_ page: ListTokensResponse) -> String {
            var table = Table([
                "NAME", "ROLE", "CREATED", "BY", "EXPIRES", "REVOKED", "USED", "ID",
            ])
            for token in page.tokens {
                table.add([
                    token.name, token.serverAdmin ? "server admin" : token.role.word,
                    ExecutionText.instant(token.createTime),
                    token.createdBy, ExecutionText.instant(token.expireTime),
                    ExecutionText.instant(token.revokeTime),
                    ExecutionText.instant(token.lastUseTime), token.id,
                ])
            }
            return PageOptions.text(table, next: page.nextPageToken)
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives a token another secret and prints it, this once.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Argument(help: "Its name or id.")
        var token: String

        func run() async throws {
            try await options.run { client in
                let made = try await client.rotateToken(
                    RotateTokenRequest(workspaceID: workspace.id, tokenID: token))
                Output(options).show(made) { made.secret }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revokes a token; calls with it fail from then on.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var workspace: WorkspaceOption
        @Argument(help: "Its name or id.")
        var token: String

        func run() async throws {
            try await options.run { client in
                try await client.revokeToken(
                    RevokeTokenRequest(workspaceID: workspace.id, tokenID: token))
                Output(options).done("revoked \(token)")
            }
        }
    }
}

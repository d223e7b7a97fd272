internal import ArgumentParser
internal import Foundation
internal import Messages
internal import SignalboxClient

/// `signalbox secret`.
struct SecretCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret", abstract: "Keeps what http and worker nodes need to know.",
        subcommands: [Put.self, List.self, Delete.self, Rotate.self])

    struct Put: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a secret or replaces its value, which is read from standard input.",
            discussion: """
                One line end at the end is not part of the value. For example: \
                printf %s "$TOKEN" | signalbox secret put SHOP_TOKEN
                """)

        @OptionGroup var options: ClientOptions
        @Argument(help: "A letter or _, then up to 63 of A-Z a-z 0-9 _.")
        var name: String

        func run() async throws {
            var value = FileHandle.standardInput.readDataToEndOfFile()
            if value.last == UInt8(ascii: "\n") { value.removeLast() }
            guard let text = String(data: value, encoding: .utf8) else {
                throw ValidationError("expected the value as UTF-8 text on standard input")
            }
            try await options.run { client in
                let secret = try await client.putSecret(PutSecretRequest(name: name, value: text))
                Output(options).show(secret) { "put \(secret.name)" }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists secrets, without their values.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var page: PageOptions

        func run() async throws {
            try await options.run { client in
                let list = try await client.listSecrets(
                    ListSecretsRequest(pageSize: page.limit, pageToken: page.token))
                Output(options).show(list) { Self.text(list) }
            }
        }

        private static func text(_ page: ListSecretsResponse) -> String {
            var table = Table(["NAME", "UPDATED", "BY", "KEY"])
            for secret in page.secrets {
                table.add([
                    secret.name, ExecutionText.instant(secret.updateTime), secret.updatedBy,
                    secret.keyID,
                ])
            }
            return PageOptions.text(table, next: page.nextPageToken)
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Erases a secret.")

        @OptionGroup var options: ClientOptions
        @Argument(help: "Its name.")
        var name: String

        func run() async throws {
            try await options.run { client in
                try await client.deleteSecret(DeleteSecretRequest(name: name))
                Output(options).done("deleted \(name)")
            }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Encrypts secrets that an older key holds with the newest.")

        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.run { client in
                let answer = try await client.rotateSecrets(RotateSecretsRequest())
                Output(options).show(answer) { "rotated \(answer.rotatedCount)" }
            }
        }
    }
}

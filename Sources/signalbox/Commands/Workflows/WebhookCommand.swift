internal import ArgumentParser
internal import Messages
internal import ProtobufRuntime
internal import SignalboxClient

/// `signalbox webhook`.
struct WebhookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhook", abstract: "Runs workflows when somebody posts to a URL.",
        discussion: """
            A webhook fires the deployed version of its workflow for each delivery that verifies. For \
            example: signalbox webhook create order --verify github
            """,
        subcommands: [
            Create.self, Get.self, List.self, Update.self, Enable.self, Disable.self, Rotate.self,
            Delete.self, Deliveries.self,
        ])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a webhook; its secret is shown once.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: WorkspaceOption
        @Argument(help: "The workflow's id.")
        var workflow: String
        @OptionGroup var choices: WebhookChoices
        @Option(help: SecretInput.help)
        var secret: String?
        @Flag(help: "Begin disabled.")
        var disabled = false

        func run() async throws {
            var spec = WebhookSpec()
            spec.workflowID = workflow
            choices.apply(to: &spec)
            let request = CreateWebhookRequest(
                workspaceID: place.id, spec: spec, secret: try SecretInput.read(secret),
                disabled: disabled)
            try await options.run { client in
                let made = try await client.createWebhook(request)
                Output(options).show(made) { WebhookText.withSecret(made) }
            }
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows a webhook and its newest deliveries.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: WorkspaceOption
        @Argument(help: "Its id.")
        var id: String

        func run() async throws {
            try await options.run { client in
                let webhook = try await client.getWebhook(
                    GetWebhookRequest(workspaceID: place.id, webhookID: id))
                Output(options).show(webhook) { WebhookText.details(webhook) }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists webhooks by id.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: WorkspaceOption
        @OptionGroup var page: PageOptions
        @Option(help: ArgumentHelp("Of one workflow.", valueName: "id"))
        var workflow: String?

        func run() async throws {
            try await options.run { client in
                let answer = try await client.listWebhooks(
                    ListWebhooksRequest(
                        workspaceID: place.id, workflowID: workflow ?? "", pageSize: page.limit,
                        pageToken: page.token))
                Output(options).show(answer) {
                    PageOptions.text(
                        WebhookText.table(answer.webhooks), next: answer.nextPageToken)
                }
            }
        }
    }

    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Changes a webhook; what is not given stays.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: WorkspaceOption
        @Argument(help: "Its id.")
        var id: String
        @Option(help: ArgumentHelp("Another workflow.", valueName: "id"))
        var workflow: String?
        @OptionGroup var choices: WebhookChoices

        func run() async throws {
            try await options.run { client in
                let known = try await client.getWebhook(
                    GetWebhookRequest(workspaceID: place.id, webhookID: id))
                var spec = known.spec ?? WebhookSpec()
                if let workflow { spec.workflowID = workflow }
                choices.apply(to: &spec)
                let webhook = try await client.updateWebhook(
                    UpdateWebhookRequest(workspaceID: place.id, webhookID: id, spec: spec))
                Output(options).show(webhook) { WebhookText.details(webhook) }
            }
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Enables a webhook.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: WorkspaceOption
        @Argument(help: "Its id.")
        var id: String

        func run() async throws {
            try await options.run { client in
                let webhook = try await client.setWebhookEnabled(
                    SetWebhookEnabledRequest(
                        workspaceID: place.id, webhookID: id, enabled: true))
                Output(options).show(webhook) { WebhookText.details(webhook) }
            }
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Disables a webhook: its URL does not exist.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: WorkspaceOption
        @Argument(help: "Its id.")
        var id: String

        func run() async throws {
            try await options.run { client in
                let webhook = try await client.setWebhookEnabled(
                    SetWebhookEnabledRequest(
                        workspaceID: place.id, webhookID: id, enabled: false))
                Output(options).show(webhook) { WebhookText.details(webhook) }
            }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives a webhook another secret, which is shown once.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: WorkspaceOption
        @Argument(help: "Its id.")
        var id: String
        @Option(help: SecretInput.help)
        var secret: String?
        @Option(
            help: ArgumentHelp("How long the old one is taken too (0).", valueName: "seconds"))
        var keepPrevious: Int64 = 0

        func run() async throws {
            let request = RotateWebhookSecretRequest(
                workspaceID: place.id, webhookID: id, secret: try SecretInput.read(secret),
                keepPrevious: ProtobufDuration(seconds: keepPrevious))
            try await options.run { client in
                let made = try await client.rotateWebhookSecret(request)
                Output(options).show(made) { WebhookText.withSecret(made) }
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erases a webhook; its executions stay.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: WorkspaceOption
        @Argument(help: "Its id.")
        var id: String

        func run() async throws {
            try await options.run { client in
                try await client.deleteWebhook(
                    DeleteWebhookRequest(workspaceID: place.id, webhookID: id))
                Output(options).done("deleted \(id)")
            }
        }
    }

    struct Deliveries: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists deliveries that verified, newest first.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: WorkspaceOption
        @OptionGroup var page: PageOptions
        @Argument(help: "The webhook's id.")
        var id: String

        func run() async throws {
            try await options.run { client in
                let answer = try await client.listWebhookDeliveries(
                    ListWebhookDeliveriesRequest(
                        workspaceID: place.id, webhookID: id, pageSize: page.limit,
                        pageToken: page.token))
                Output(options).show(answer) {
                    PageOptions.text(
                        WebhookText.table(answer.deliveries), next: answer.nextPageToken)
                }
            }
        }
    }
}

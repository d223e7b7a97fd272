internal import ArgumentParser
internal import Messages
internal import SignalboxClient

/// `signalbox event`.
struct EventCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "event", abstract: "Tells executions of what happened outside.",
        subcommands: [Send.self, List.self])

    struct Send: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Publishes a named event for the nodes that wait for it, or to be kept.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: WorkspaceOption
        @Argument(help: "The event's name.")
        var name: String
        @Option(help: "Which of the nodes that wait for the name.")
        var key: String?
        @Option(help: ArgumentHelp("What the nodes get.", valueName: "json"))
        var data: String?
        @Option(help: ArgumentHelp("Makes a repeat safe.", valueName: "id"))
        var id: String?

        func run() async throws {
            try await options.run { client in
                let answer = try await client.publishEvent(
                    PublishEventRequest(
                        workspaceID: place.id, name: name, key: key ?? "", dataJSON: data ?? "",
                        eventID: id ?? ""))
                Output(options).show(answer) { Self.text(answer) }
            }
        }

        private static func text(_ answer: PublishEventResponse) -> String {
            let event = answer.event ?? NamedEvent()
            let id = SafeText.line(event.eventID)
            if answer.existing { return "\(id) was published before" }
            if event.recipients.isEmpty { return "\(id) is kept: no node waits for it" }
            return "\(id) was given to "
                + event.recipients.map(String.init).joined(separator: ", ")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists events that no node took yet.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: WorkspaceOption
        @OptionGroup var page: PageOptions

        func run() async throws {
            try await options.run { client in
                let list = try await client.listKeptEvents(
                    ListKeptEventsRequest(
                        workspaceID: place.id, pageSize: page.limit, pageToken: page.token))
                Output(options).show(list) { Self.text(list) }
            }
        }

        private static func text(_ page: ListKeptEventsResponse) -> String {
            var table = Table(["NAME", "KEY", "ID", "PUBLISHED", "BY"])
            for event in page.events {
                table.add([
                    SafeText.line(event.name), SafeText.line(event.key),
                    SafeText.line(event.eventID), ExecutionText.instant(event.publishTime),
                    SafeText.line(event.publishedBy),
                ])
            }
            return PageOptions.text(table, next: page.nextPageToken)
        }
    }
}

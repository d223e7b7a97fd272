internal import ArgumentParser
internal import Messages
internal import ProtobufRuntime
internal import SignalboxClient

/// `signalbox schedule`.
struct ScheduleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule", abstract: "Runs workflows by the clock.",
        discussion: """
            A schedule fires the deployed version of its workflow at the times of a cron expression. \
            For example: signalbox schedule create report '0 9 * * MON-FRI' --time-zone Europe/Berlin
            """,
        subcommands: [
            Create.self, Get.self, List.self, Update.self, Pause.self, Resume.self, Delete.self,
            Preview.self, Backfill.self, Fires.self,
        ])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a schedule.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: WorkspaceOption
        @Argument(help: "The workflow's id.")
        var workflow: String
        @Argument(help: "Five fields, or six with the seconds first.")
        var cron: String
        @OptionGroup var choices: ScheduleChoices
        @Option(help: ArgumentHelp("Its id; a new UUID by default.", valueName: "id"))
        var id: String?
        @Flag(help: "Begin paused.")
        var paused = false

        func run() async throws {
            var spec = ScheduleSpec()
            spec.workflowID = workflow
            spec.cron = cron
            try choices.apply(to: &spec)
            let request = CreateScheduleRequest(
                workspaceID: place.id, scheduleID: id ?? "", spec: spec, paused: paused)
            try await options.run { client in
                let schedule = try await client.createSchedule(request)
                Output(options).show(schedule) { ScheduleText.details(schedule) }
            }
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows a schedule, its next times and its newest fires.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: WorkspaceOption
        @Argument(help: "Its id.")
        var id: String

        func run() async throws {
            try await options.run { client in
                let schedule = try await client.getSchedule(
                    GetScheduleRequest(workspaceID: place.id, scheduleID: id))
                Output(options).show(schedule) { ScheduleText.details(schedule) }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists schedules by id.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: WorkspaceOption
        @OptionGroup var page: PageOptions
        @Option(help: ArgumentHelp("Of one workflow.", valueName: "id"))
        var workflow: String?

        func run() async throws {
            try await options.run { client in
                let answer = try await client.listSchedules(
                    ListSchedulesRequest(
                        workspaceID: place.id, workflowID: workflow ?? "", pageSize: page.limit,
                        pageToken: page.token))
                Output(options).show(answer) {
                    PageOptions.text(
                        ScheduleText.table(answer.schedules), next: answer.nextPageToken)
                }
            }
        }
    }

    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Changes a schedule; what is not given stays.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: WorkspaceOption
        @Argument(help: "Its id.")
        var id: String
        @Option(help: ArgumentHelp("Another workflow.", valueName: "id"))
        var workflow: String?
        @Option(help: ArgumentHelp("Another cron expression.", valueName: "cron"))
        var cron: String?
        @OptionGroup var choices: ScheduleChoices

        func run() async throws {
            try await options.run { client in
                let known = try await client.getSchedule(
                    GetScheduleRequest(workspaceID: place.id, scheduleID: id))
                var spec = known.spec ?? ScheduleSpec()
                if let workflow { spec.workflowID = workflow }
                if let cron { spec.cron = cron }
                try choices.apply(to: &spec)
                let schedule = try await client.updateSchedule(
                    UpdateScheduleRequest(workspaceID: place.id, scheduleID: id, spec: spec))
                Output(options).show(schedule) { ScheduleText.details(schedule) }
            }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Pauses a schedule: nothing is fired, and nothing is caught up later.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: WorkspaceOption
        @Argument(help: "Its id.")
        var id: String
        @Option(help: ArgumentHelp("Why.", valueName: "text"))
        var note: String?

        func run() async throws {
            try await options.run { client in
                let schedule = try await client.pauseSchedule(
                    PauseScheduleRequest(workspaceID: place.id, scheduleID: id, note: note ?? ""))
                Output(options).show(schedule) { ScheduleText.details(schedule) }
            }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lets a paused schedule go on.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: WorkspaceOption
        @Argument(help: "Its id.")
        var id: String

        func run() async throws {
            try await options.run { client in
                let schedule = try await client.resumeSchedule(
                    ResumeScheduleRequest(workspaceID: place.id, scheduleID: id))
                Output(options).show(schedule) { ScheduleText.details(schedule) }
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erases a schedule; its executions stay.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: WorkspaceOption
        @Argument(help: "Its id.")
        var id: String

        func run() async throws {
            try await options.run { client in
                try await client.deleteSchedule(
                    DeleteScheduleRequest(workspaceID: place.id, scheduleID: id))
                Output(options).done("deleted \(id)")
            }
        }
    }

    struct Preview: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows the next times of a cron expression.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: WorkspaceOption
        @Argument(help: "Five fields, or six with the seconds first.")
        var cron: String
        @Option(help: ArgumentHelp("An IANA name (UTC).", valueName: "zone"))
        var timeZone: String?
        @Option(help: ArgumentHelp("Times after it (now).", valueName: "time"))
        var after: String?
        @Option(help: ArgumentHelp("How many, 1 to 1000.", valueName: "number"))
        var count: Int32 = 10

        func run() async throws {
            let after = try after.map { try TimeArgument.instant($0, "--after") }
            try await options.run { client in
                let answer = try await client.previewSchedule(
                    PreviewScheduleRequest(
                        workspaceID: place.id, cron: cron, timeZone: timeZone ?? "", after: after,
                        count: count))
                Output(options).show(answer) {
                    answer.times.map(\.rfc3339).joined(separator: "\n")
                }
            }
        }
    }

    struct Backfill: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fires the times of a range that were not fired.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: WorkspaceOption
        @Argument(help: "Its id.")
        var id: String
        @Option(help: ArgumentHelp("The first instant.", valueName: "time"))
        var from: String
        @Option(help: ArgumentHelp("The first instant after them.", valueName: "time"))
        var before: String
        @Flag(help: "All at once, instead of one after the other.")
        var parallel = false

        func run() async throws {
            let request = BackfillScheduleRequest(
                workspaceID: place.id, scheduleID: id,
                from: try TimeArgument.instant(from, "--from"),
                before: try TimeArgument.instant(before, "--before"),
                overlapPolicy: parallel ? .allowAll : .bufferAll)
            try await options.run { client in
                let answer = try await client.backfillSchedule(request)
                Output(options).show(answer) {
                    "\(answer.acceptedCount) accepted, \(answer.existingCount) were there before"
                }
            }
        }
    }

    struct Fires: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists what became of a schedule's times, newest first.")

        @OptionGroup var options: ClientOptions
        @OptionGroup var place: WorkspaceOption
        @OptionGroup var page: PageOptions
        @Argument(help: "Its id.")
        var id: String

        func run() async throws {
            try await options.run { client in
                let answer = try await client.listScheduleFires(
                    ListScheduleFiresRequest(
                        workspaceID: place.id, scheduleID: id, pageSize: page.limit,
                        pageToken: page.token))
                Output(options).show(answer) {
                    PageOptions.text(ScheduleText.table(answer.fires), next: answer.nextPageToken)
                }
            }
        }
    }
}

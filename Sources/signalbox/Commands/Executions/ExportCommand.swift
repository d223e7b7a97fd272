internal import ArgumentParser
internal import Foundation
internal import Messages
internal import SignalboxClient

/// `signalbox export`.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes executions with their node executions as CSV or JSON, masked.")

    @OptionGroup var options: ClientOptions
    @OptionGroup var filter: FilterOptions
    @OptionGroup var workspace: WorkspaceOption
    @Option(help: ArgumentHelp("Of the file; csv by default.", valueName: "format"))
    var format: Choice<ExportFormat>?
    @Option(
        help: ArgumentHelp(
            "Of the last so many days; 30 by default, without --from.", valueName: "number"))
    var days: Int32 = 0
    @Option(
        help: ArgumentHelp("Write to this file; standard output by default.", valueName: "file"),
        completion: .file())
    var output: String?

    func validate() throws {
        guard !options.json || format?.value != .csv else {
            throw ValidationError("--json and --format csv: expected one of them")
        }
    }

    func run() async throws {
        let request = ExportRequest(
            workspaceID: workspace.id, format: format?.value ?? (options.json ? .json : .csv),
            filter: try filter.filter(), days: days)
        let handle = try file()
        try await options.run { client in
            for try await chunk in client.export(request) {
                do {
                    try handle.write(contentsOf: Data(chunk.data))
                } catch {
                    // A reader that went away, as `head` does, is no failure of ours.
                    guard output != nil else { return }
                    throw error
                }
            }
        }
        try handle.close()
    }

    private func file() throws -> FileHandle {
        guard let output else { return .standardOutput }
        guard FileManager.default.createFile(atPath: output, contents: nil),
            let handle = FileHandle(forWritingAtPath: output)
        else { throw ValidationError("--output: cannot write \(output)") }
        return handle
    }
}

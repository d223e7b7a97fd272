internal import Foundation
internal import Messages
internal import SignalboxClient

/// Prints an execution's events as they come. For people it says, too, what they can do where it waits
/// for somebody, and keeps a line of progress below the events on a terminal.
struct Follower {
    /// How long nothing has to come before it is said what somebody can do: of what is read from long
    /// ago, nothing may be left to do.
    private static let quiet = Duration.milliseconds(300)

    let client: SignalboxClient
    let json: Bool
    /// End when it waits for a person, and not only at its end.
    let stopsWhenSuspended: Bool

    /// Follows until the end, or until it is suspended where that was asked for.
    func follow(_ request: WatchRequest) async throws {
        let text = EventText(isColourful: Terminal.isColourful())
        // On standard error, so that what goes to a file or a pipe is events only.
        let showsProgress = !json && Terminal.isColourful(2) && isatty(1) == 1
        let advice = Advice(client, request)
        var progress = Progress()
        var waits = Waits()
        var told: Set<String> = []
        var telling: Task<[String], Never>?
        defer { telling?.cancel() }
        for try await event in client.watch(request) {
            telling?.cancel()
            told.formUnion(await telling?.value ?? [])
            telling = nil
            if showsProgress { Self.erase() }
            Terminal.say(json ? event.protobufJSON : text.line(event))
            progress.saw(event)
            waits.saw(event)
            if stopsWhenSuspended, case .executionSuspended = event.kind {
                if !json { Self.tell(await advice.lines(waits), except: told) }
                return
            }
            let line = showsProgress ? progress.line.map(Style.dim) : nil
            if let line { Terminal.write(line, to: .standardError) }
            guard !json, !waits.isEmpty else { continue }
            telling = Task { [waits, told] in
                guard (try? await Task.sleep(for: Self.quiet)) != nil else { return [] }
                let lines = await advice.lines(waits)
                guard !Task.isCancelled else { return [] }
                if line != nil { Self.erase() }
                Self.tell(lines, except: told)
                if let line { Terminal.write(line, to: .standardError) }
                return lines
            }
        }
        if showsProgress { Self.erase() }
    }

    /// Takes the line of progress away.
    private static func erase() {
        Terminal.write("\r\u{1B}[2K", to: .standardError)
    }

    private static func tell(_ lines: [String], except told: Set<String>) {
        for line in lines where !told.contains(line) {
            Terminal.say("      " + SafeText.line(line))
        }
    }
}

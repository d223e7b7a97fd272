internal import Foundation
internal import Messages
internal import SignalboxClient

/// Prints an execution's events as they come, with a line of progress below them on a terminal.
struct Follower {
    let client: SignalboxClient
    let json: Bool
    /// End when it waits for a person, and not only at its end.
    let stopsWhenSuspended: Bool

    /// Follows until the end, or until it is suspended where that was asked for.
    func follow(_ request: WatchRequest) async throws {
        let text = EventText(isColourful: Terminal.isColourful())
        // On standard error, so that what goes to a file or a pipe is events only.
        let showsProgress = !json && Terminal.isColourful(2) && isatty(1) == 1
        var progress = Progress()
        for try await event in client.watch(request) {
            if showsProgress { Terminal.write("\r\u{1B}[2K", to: .standardError) }
            Terminal.say(json ? event.protobufJSON : text.line(event))
            progress.saw(event)
            if showsProgress, let line = progress.line {
                Terminal.write(Style.dim(line), to: .standardError)
            }
            if stopsWhenSuspended, case .executionSuspended = event.kind { break }
        }
        if showsProgress { Terminal.write("\r\u{1B}[2K", to: .standardError) }
    }
}

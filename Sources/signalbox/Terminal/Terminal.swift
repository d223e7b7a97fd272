internal import Foundation

/// Where the command line writes to.
enum Terminal {
    /// One line to standard output, at once.
    static func say(_ line: String) {
        write(line + "\n", to: .standardOutput)
    }

    /// One line to standard error.
    static func complain(_ line: String) {
        write("signalbox: \(line)\n", to: .standardError)
    }

    static func write(_ text: String, to handle: FileHandle) {
        // A reader that went away, as `head` does, is no failure of ours.
        try? handle.write(contentsOf: Data(text.utf8))
    }

    /// Whether a person looks at it and wants colour (https://no-color.org).
    static func isColourful(
        _ descriptor: Int32 = 1,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> Bool {
        isatty(descriptor) == 1 && (environment["NO_COLOR"] ?? "").isEmpty
            && environment["TERM"] != "dumb"
    }
}

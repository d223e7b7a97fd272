/// What somebody can do about a fault of a definition.
enum WayOut {
    /// Whether a fault's code, or an error's text, tells of a node kind that nobody serves.
    static func isUnknownKind(_ text: String) -> Bool { text.contains("UNKNOWN_KIND") }

    static let ofUnknownKind =
        "a kind of workers is known once a worker that serves it has connected (docs/workers.md); "
        + "before that, save with 'signalbox workflow put --allow-unregistered'"
}

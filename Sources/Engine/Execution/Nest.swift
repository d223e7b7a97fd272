internal import Messages

/// How far a node with bodies is. What the journal says of it, without what has ended in the bodies.
enum Nest: Sendable, Equatable {
    case loop(Loop)
    case attempt(Attempt)

    /// A `foreach`.
    struct Loop: Sendable, Equatable {
        /// JSON documents; one whose body has begun is with that body.
        var items: [String?]
        /// What the bodies that have ended yielded, JSON documents.
        var outputs: [String?]
        /// The first item without a body.
        var next = 0
        /// Bodies at work.
        var active = 0
        /// Of `outputs`.
        var outputBytes = 0

        init(items: [String]) {
            self.items = items
            outputs = Array(repeating: nil, count: items.count)
        }

        /// The array that the loop yields.
        var output: String { "[" + outputs.map { $0 ?? "null" }.joined(separator: ",") + "]" }
    }

    /// How far a loop is, without what its items are and yielded.
    struct LoopProgress {
        let itemCount: Int
        let next: Int
        let active: Int
        let outputBytes: Int
    }

    var loopProgress: LoopProgress? {
        guard case .loop(let loop) = self else { return nil }
        return LoopProgress(
            itemCount: loop.items.count, next: loop.next, active: loop.active,
            outputBytes: loop.outputBytes)
    }

    /// Changes a loop in place: its items and outputs may be many, and are not copied.
    mutating func changeLoop(_ change: (inout Loop) -> Void) {
        guard case .loop(var loop) = self else { return }
        self = .attempt(Attempt())
        change(&loop)
        self = .loop(loop)
    }

    /// A `try`.
    struct Attempt: Sendable, Equatable {
        /// What the node will yield, where all goes well.
        var output: String?
        /// What fails the node, unless it is caught.
        var error: ExecutionError?
    }
}

internal import ArgumentParser
internal import Messages

/// A state on the command line: a status, or `waiting`, which is running without being at work.
enum StateChoice: String, ExpressibleByArgument, CaseIterable {
    case queued, running, waiting, suspended, completed, failed, cancelled

    /// nil where it is no state; capitals make no difference.
    init?(argument: String) {
        self.init(rawValue: argument.lowercased())
    }

    var filter: StateFilter {
        switch self {
        case .queued: StateFilter(status: .queued)
        case .running: StateFilter(status: .running)
        case .waiting: StateFilter(status: .running, waiting: .yes)
        case .suspended: StateFilter(status: .suspended)
        case .completed: StateFilter(status: .completed)
        case .failed: StateFilter(status: .failed)
        case .cancelled: StateFilter(status: .cancelled)
        }
    }
}

internal import Messages

/// What a schedule does at a nominal time, by its policy and what of it has not ended.
enum OverlapDecision: Equatable {
    case fire
    /// Once what runs is cancelled.
    case cancelAndFire
    case buffer
    /// For that reason.
    case skip(String)

    /// - Parameters:
    ///   - isActive: whether an execution of the schedule has not ended.
    ///   - buffered: how many fires wait.
    init(_ policy: OverlapPolicy, isActive: Bool, buffered: Int, bufferMax: Int) {
        let isBusy = isActive || buffered > 0
        switch policy {
        case .allowAll:
            self = .fire
        case .cancelOther:
            self = isActive ? .cancelAndFire : .fire
        case .bufferOne:
            self = !isBusy ? .fire : buffered == 0 ? .buffer : .skip("BUFFER_FULL")
        case .bufferAll:
            self = !isBusy ? .fire : buffered < bufferMax ? .buffer : .skip("BUFFER_FULL")
        case .skip, .unspecified, .unrecognized:
            self = isActive ? .skip("OVERLAP") : .fire
        }
    }
}

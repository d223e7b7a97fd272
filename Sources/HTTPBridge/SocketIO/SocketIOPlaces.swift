/// The sessions of a Socket.IO server by their ids, as a value that keeps their limits.
struct SocketIOPlaces<Session> {
    /// Why there is no place for one more.
    enum Refusal: Equatable {
        case sessions(max: Int)
        case unidentified(max: Int)
    }

    private let limits: SocketIOLimits
    private var sessions: [String: Session] = [:]
    /// Ids of those whose client has not said who it is.
    private var unidentified: Set<String> = []

    init(_ limits: SocketIOLimits) {
        self.limits = limits
    }

    subscript(id: String) -> Session? { sessions[id] }

    /// Takes a place for a session; its client is unknown as yet.
    /// - Returns: why it did not.
    mutating func open(_ id: String, _ session: Session) -> Refusal? {
        guard sessions.count < limits.sessionsMax else {
            return .sessions(max: limits.sessionsMax)
        }
        guard unidentified.count < limits.unidentifiedMax else {
            return .unidentified(max: limits.unidentifiedMax)
        }
        sessions[id] = session
        unidentified.insert(id)
        return nil
    }

    /// The client of a session is known.
    mutating func identified(_ id: String) {
        unidentified.remove(id)
    }

    /// A session ended.
    mutating func ended(_ id: String) {
        sessions[id] = nil
        unidentified.remove(id)
    }
}

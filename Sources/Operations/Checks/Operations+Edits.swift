/// Edits of what others may edit at the same time.
extension Operations {
    /// How often an edit is applied anew because somebody else's came first.
    static var editsMax: Int { 8 }

    /// Others were quicker each time.
    static func outrun(_ kind: String) -> OperationError {
        OperationError(
            .aborted, reason: "CONFLICT",
            "the \(kind) was changed by others \(editsMax) times meanwhile; try again",
            retryAfter: .seconds(1))
    }
}

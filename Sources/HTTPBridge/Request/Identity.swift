internal import Operations

/// Who calls, and by which credential.
struct Identity: Sendable {
    let caller: Caller
    /// nil: another kind of identity, or none.
    let credential: Credential?
    /// Where the caller stands with its calls a minute; nil: its calls are not counted.
    let rate: RateStatus?
}

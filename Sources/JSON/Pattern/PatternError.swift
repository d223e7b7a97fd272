/// Why a pattern is not one that is matched.
struct PatternError: Error, Equatable {
    /// What was expected and found, with the offset in the pattern, in scalars from 0.
    var message: String
}

/// The bounds that expressions run under.
///
/// The helper holds its own to 64 MiB of memory, an output of 1 MiB and 128 levels.
package struct ExpressionLimits: Sendable, Equatable {
    /// The longest program, in bytes. At most 64 KiB, which is what the helper takes.
    package var programBytesMax = 16 << 10
    /// The longest JSON text of all that a program reads, in bytes. At most 16 MiB.
    package var inputBytesMax = 8 << 20
    /// The longest a program may compile and run.
    package var wallMax: Duration = .seconds(1)
    /// The most evaluations that wait for a helper.
    package var queuedMax = 1_024
    /// The most evaluations of one workspace that wait for a helper.
    package var queuedPerWorkspaceMax = 512

    /// The deepest nesting of brackets and interpolations in a program.
    static let nestingMax = 256
    /// The longest body of a helper's answer, in bytes.
    static let answerBytesMax = 2 << 20

    package static let standard = ExpressionLimits()

    package init() {}
}

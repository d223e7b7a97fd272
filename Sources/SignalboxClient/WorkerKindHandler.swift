/// A node kind that a worker serves, and what it does.
public struct WorkerKindHandler: Sendable {
    /// What one task yields: the node's output, a JSON document; empty: its input.
    public typealias Body = @Sendable (WorkerTaskContext) async throws -> String

    let name: String
    let dataSchemaJSON: String
    let concurrency: Int32
    let body: Body

    /// - Parameters:
    ///   - name: the `type` of the nodes; 1 to 128 of `A-Z a-z 0-9 _ - .`.
    ///   - dataSchemaJSON: a JSON Schema of the nodes' `data`; empty: anything goes.
    ///   - concurrency: how many tasks of this kind at once; 0: as many as the worker takes.
    ///   - body: called for each task, again for a task that may have been done before: act on its
    ///     `idempotencyToken`. Cancelled when nobody wants the result any more. Any error fails the task
    ///     and may be tried again; a `WorkerFailure` says more.
    public init(
        _ name: String, dataSchemaJSON: String = "", concurrency: Int = 0,
        body: @escaping Body
    ) {
        self.name = name
        self.dataSchemaJSON = dataSchemaJSON
        self.concurrency = Int32(clamping: concurrency)
        self.body = body
    }
}

/// How a task fails.
public struct WorkerFailure: Error, Sendable, Equatable {
    /// 1 to 64 of `A-Z 0-9 _`, the first a letter.
    public var code: String
    /// For people.
    public var message: String
    /// More for programs, a JSON document; may be empty.
    public var detailsJSON: String
    /// Whether the node's `retry` may try again.
    public var isRetryable: Bool

    /// A failure.
    public init(
        _ code: String, _ message: String, detailsJSON: String = "", isRetryable: Bool = true
    ) {
        self.code = code
        self.message = message
        self.detailsJSON = detailsJSON
        self.isRetryable = isRetryable
    }
}

/// Collects the kinds of a worker.
@resultBuilder
public enum WorkerKinds {
    /// The kinds in the order they were written.
    public static func buildBlock(_ kinds: WorkerKindHandler...) -> [WorkerKindHandler] { kinds }
}

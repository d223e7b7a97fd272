public import Messages
internal import RPC
internal import Services

/// A task that a worker is at work on.
public struct WorkerTaskContext: Sendable {
    /// What is to be done: input, data, the idempotency token.
    public let task: WorkerTask
    let worker: Worker

    /// The node's input, a JSON document.
    public var inputJSON: String { task.inputJSON }
    /// The node's `data`, an object.
    public var dataJSON: String { task.dataJSON }
    /// The same for all attempts of the node: whoever receives it can tell a repeat.
    public var idempotencyToken: String { task.idempotencyToken }

    /// Says how far the task is, a JSON document: an event that watchers of the execution see. Reports
    /// that come too often are left out.
    /// - Throws: `RPCError`; FAILED_PRECONDITION once the task is over.
    public func progress(_ dataJSON: String) async throws {
        do {
            _ = try await worker.service().reportProgress(
                ReportProgressRequest(
                    taskID: task.taskID, dataJSON: dataJSON, workerID: worker.id))
        } catch let error as RPCError where error.reason == "PROGRESS_RATE" {
            return
        }
    }
}

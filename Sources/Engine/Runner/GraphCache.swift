internal import Messages
internal import Model
internal import Store
internal import Synchronization

/// Compiled workflow versions, which never change, and which version is the newest.
final class GraphCache: Sendable {
    /// One saved version, ready to run.
    struct Version: Sendable {
        let graph: WorkflowGraph
        let podID: String
        let version: Int32
        let name: String
    }

    private struct Key: Hashable {
        let workspaceID: String
        let workflowID: String
        /// 0: the newest.
        let version: Int32
    }

    private struct State {
        var versions: [Key: Version] = [:]
        var newest: [Key: Version] = [:]
        /// The committer's count of workflow changes that both were read under.
        var generation: Int64 = -1
    }

    private static let countMax = 1_000
    private let store: any Store
    private let committer: Committer
    private let limits: Limits
    private let state = Mutex(State())

    init(store: any Store, committer: Committer, limits: Limits) {
        self.store = store
        self.committer = committer
        self.limits = limits
    }

    /// The version, or nil if there is none.
    /// - Parameter version: nil: the newest.
    func version(_ workflowID: String, _ version: Int32?, workspaceID: String)
        async throws(EngineError) -> Version?
    {
        let generation = committer.workflowGeneration
        let key = Key(workspaceID: workspaceID, workflowID: workflowID, version: version ?? 0)
        let cached = state.withLock { state -> Version? in
            if state.generation != generation {
                // Erased versions must not be found any more.
                state.generation = generation
                state.versions = [:]
                state.newest = [:]
            }
            return version != nil ? state.versions[key] : state.newest[key]
        }
        if let cached { return cached }
        let workflow: Workflow?
        do throws(StoreError) {
            workflow = try await store.workflow(
                workflowID, version: version, workspaceID: workspaceID)
        } catch {
            throw EngineError(error)
        }
        guard let workflow else { return nil }
        let result = WorkflowCompiler.compile(
            workflow.definitionJSON, limits: limits, allowsUnregistered: true)
        guard let graph = result.graph else {
            throw EngineError(
                .failedPrecondition, reason: "WORKFLOW_INVALID",
                "version \(workflow.version) of '\(workflowID)' cannot be run by this server: "
                    + (result.faults.first?.message ?? ""))
        }
        let found = Version(
            graph: graph, podID: workflow.podID, version: workflow.version, name: workflow.name)
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.versions.count >= Self.countMax { state.versions = [:] }
            if state.newest.count >= Self.countMax { state.newest = [:] }
            state.versions[
                Key(workspaceID: workspaceID, workflowID: workflowID, version: workflow.version)] =
                found
            if version == nil { state.newest[key] = found }
        }
        return found
    }
}

package import Messages
package import Model

/// Readings of tags.
package protocol TagStore: Sendable {
    /// With its count of executions.
    func tag(_ idOrName: String, workspaceID: String) async throws(StoreError) -> Tag?
    /// Those there are; without counts.
    func tags(_ idsOrNames: [String], workspaceID: String) async throws(StoreError) -> [Tag]
    /// By name, after `name`; with counts.
    func tags(workspaceID: String, after name: String?, limit: Int) async throws(StoreError)
        -> [Tag]
    /// By name; only ids and names.
    func tags(of number: ExecutionNumber) async throws(StoreError) -> [Tag]
}

/// Changes of tags. Ids and names of a workspace's tags are all different from one another.
package enum TagChange: Sendable {
    /// Refused with `.nameInUse` or, if it would be one more than `limit`, with `.tooMany`.
    case create(Tag, workspaceID: String, limit: Int)
    /// By id. Refused with `.notFound` or `.nameInUse`.
    case rename(tagID: String, workspaceID: String, name: String, at: WallTime)
    /// Takes it from some of the executions that have it, at most `limit`.
    case shrink(tagID: String, workspaceID: String, limit: Int)
    /// By id, and takes it from every execution. Refused with `.notFound`.
    case delete(tagID: String, workspaceID: String)
    /// Gives an execution tags, by id, and takes others away; with `replacing`, all others. Refused with
    /// `.notFound` if the execution or a tag is gone, and with `.tooMany` past `limit` tags.
    case set(
        ExecutionNumber, workspaceID: String, add: [String], remove: [String], replacing: Bool,
        limit: Int)
}

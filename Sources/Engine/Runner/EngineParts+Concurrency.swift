internal import Expressions
internal import JSON
internal import Messages
internal import Model

/// The `concurrency` setting of workflows.
extension EngineParts {
    /// Has a new execution belong to the group of its key, if its workflow has the setting and the key
    /// is not null. A child shares the place of an execution above it that waits for it: it would wait
    /// for itself.
    func join(_ header: inout ExecutionCreated, _ setting: ConcurrencySetting?)
        async throws(EngineError)
    {
        guard let setting else { return }
        let value: JSONText
        do throws(ExpressionError) {
            let input = header.inputJSON.isEmpty ? "null" : header.inputJSON
            value = try await setting.key.resolve(
                ExpressionBindings(input: JSONText(trusted: input)), with: evaluator,
                workspace: header.workspaceID)
        } catch {
            throw Self.badKey("\(error)")
        }
        guard value.text != "null" else { return }
        let key = (try? JSONValue(value))?.stringValue ?? value.text
        guard key.utf8.count <= ConcurrencySetting.keyBytesMax else {
            throw Self.badKey(
                "expected at most \(ConcurrencySetting.keyBytesMax) bytes, got \(key.utf8.count)")
        }
        let name = "\(header.workspaceID)/\(header.workflowID)"
        header.concurrencyKey = key.isEmpty ? header.workflowID : key
        let group = ConcurrencyGroup(
            name: key.isEmpty ? name : "\(name):\(key)", limit: setting.limit,
            policy: setting.policy)
        if !header.parentGroups.contains(group.name) { header.groups.append(group) }
    }

    private static func badKey(_ description: String) -> EngineError {
        EngineError(
            .invalidArgument, reason: "CONCURRENCY_KEY_INVALID",
            "the workflow's concurrency key cannot be made: \(description)")
    }
}

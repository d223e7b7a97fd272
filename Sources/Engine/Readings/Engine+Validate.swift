internal import Expressions
internal import JSON
internal import Logging
package import Messages
internal import Model
internal import Store

extension Engine {
    /// Expressions that jq finds fault with; more are not looked for.
    private static var expressionFaultsMax: Int { 100 }

    /// Every fault of a definition; empty if it is good.
    ///
    /// Expressions that are more than paths are compiled by jq, each different one once. Of those that
    /// do not compile the first hundred are listed.
    ///
    /// Kinds that workers have registered in the workspace are known; where that cannot be read, they
    /// are not.
    package func validate(
        _ definitionJSON: String, allowUnregistered: Bool, workspaceID: String
    ) async -> [WorkflowFault] {
        var result = WorkflowCompiler.compile(
            definitionJSON, limits: parts.limits, allowsUnregistered: allowUnregistered)
        if !result.workerKinds.isEmpty {
            let registered = await registeredKinds(result.workerKinds, workspaceID: workspaceID)
            result = WorkflowCompiler.compile(
                definitionJSON, limits: parts.limits, allowsUnregistered: allowUnregistered,
                registeredKinds: registered)
        }
        var faults = FaultList()
        faults.append(result.faults)
        var places: [String: Int] = [:]
        var programs: [Expression] = []
        for (_, _, expression) in result.expressions
        where !expression.isPath && places[expression.source] == nil {
            places[expression.source] = programs.count
            programs.append(expression)
        }
        guard programs.count <= parts.limits.workflowProgramsMax else {
            faults.add(
                .tooLarge, .root,
                "\(programs.count) different expressions that are more than paths exceed the limit of "
                    + "\(parts.limits.workflowProgramsMax)")
            return faults.faults
        }
        do throws(ExpressionError) {
            let messages = Dictionary(
                uniqueKeysWithValues: try await parts.evaluator.faults(
                    in: programs, faultsMax: Self.expressionFaultsMax, workspace: ""
                ).map { ($0.index, $0.message) })
            for (node, pointer, expression) in result.expressions {
                guard let place = places[expression.source], let message = messages[place] else {
                    continue
                }
                faults.add(.badExpression, pointer, node: node, message)
            }
        } catch {
            // Nobody waits for the answer of a cancelled task.
            if !Task.isCancelled {
                parts.logger.warning(
                    "expressions were not checked by jq",
                    metadata: ["count": "\(programs.count)", "error": "\(error)"])
            }
        }
        return faults.faults
    }

    private func registeredKinds(_ names: Set<String>, workspaceID: String) async
        -> [String: JSONSchema?]
    {
        var kinds: [String: JSONSchema?] = [:]
        for name in names {
            do throws(StoreError) {
                if let row = try await parts.store.kind(name, workspaceID: workspaceID) {
                    kinds[name] = .some(KindSchemas.compiled(row))
                }
            } catch {
                parts.logger.warning(
                    "a registered kind cannot be read",
                    metadata: ["kind": "\(name)", "error": "\(error)"])
            }
        }
        return kinds
    }
}

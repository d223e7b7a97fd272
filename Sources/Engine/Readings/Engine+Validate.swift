internal import Expressions
internal import JSON
internal import Logging
package import Messages

extension Engine {
    /// Every fault of a definition; empty if it is good.
    ///
    /// Expressions that are more than paths are compiled by jq, each different one once.
    package func validate(_ definitionJSON: String, allowUnregistered: Bool) async
        -> [WorkflowFault]
    {
        let result = WorkflowCompiler.compile(
            definitionJSON, limits: parts.limits, allowsUnregistered: allowUnregistered)
        var faults = result.faults
        var known: [String: String?] = [:]
        var unchecked: (count: Int, error: ExpressionError)?
        for (node, pointer, expression) in result.expressions where !expression.isPath {
            // Nobody waits for the answer, and each expression takes milliseconds.
            if Task.isCancelled { break }
            var message: String?
            if let seen = known[expression.source] {
                message = seen
            } else {
                do throws(ExpressionError) {
                    message = try await complaint(expression)
                } catch {
                    unchecked = ((unchecked?.count ?? 0) + 1, error)
                }
                known[expression.source] = message
            }
            guard let message, faults.count < FaultList.max else { continue }
            faults.append(
                WorkflowFault(
                    code: FaultCode.badExpression.rawValue, pointer: pointer.description,
                    nodeID: node, message: message))
        }
        if let unchecked, !Task.isCancelled {
            parts.logger.warning(
                "expressions were not checked by jq",
                metadata: ["count": "\(unchecked.count)", "error": "\(unchecked.error)"])
        }
        return faults
    }

    /// jq's complaint about an expression, nil if it compiles; fails if it cannot be checked now.
    private func complaint(_ expression: Expression) async throws(ExpressionError) -> String? {
        do throws(ExpressionError) {
            try await parts.evaluator.check(expression, workspace: "")
            return nil
        } catch {
            switch error.code {
            case .unavailable, .overloaded, .cancelled: throw error
            default: return error.message
            }
        }
    }
}

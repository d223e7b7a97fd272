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
        for (node, pointer, expression) in result.expressions where !expression.isPath {
            let message: String?
            if let seen = known[expression.source] {
                message = seen
            } else {
                message = await complaint(expression)
                known[expression.source] = message
            }
            guard let message, faults.count < FaultList.max else { continue }
            faults.append(
                WorkflowFault(
                    code: FaultCode.badExpression.rawValue, pointer: pointer.description,
                    nodeID: node, message: message))
        }
        return faults
    }

    /// jq's complaint about an expression; nil if it compiles, or cannot be checked now.
    private func complaint(_ expression: Expression) async -> String? {
        do throws(ExpressionError) {
            try await parts.evaluator.check(expression, workspace: "")
            return nil
        } catch {
            switch error.code {
            case .unavailable, .overloaded, .cancelled:
                parts.logger.warning(
                    "an expression was not checked by jq", metadata: ["error": "\(error)"])
                return nil
            default:
                return error.message
            }
        }
    }
}

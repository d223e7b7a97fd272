internal import JSON
package import Messages
package import Model
package import Store

/// What people ask of an execution that is there.
extension Engine {
    /// Cancels an execution that is not final; it is CANCELLED when this returns.
    package func cancel(
        _ number: ExecutionNumber, by principal: String, reason: String, request: RequestRecord?
    ) async throws(EngineError) -> Execution {
        try await ask(number, .cancel(by: principal, reason: reason), request)
    }

    /// Answers an interrupt.
    package func respond(
        _ number: ExecutionNumber, _ response: InterruptResponse, request: RequestRecord?
    ) async throws(EngineError) -> Execution {
        if !response.dataJSON.isEmpty {
            let size = response.dataJSON.utf8.count
            let fault: String
            if size > parts.limits.answerBytesMax {
                fault =
                    "answer of \(size) bytes exceeds the limit of \(parts.limits.answerBytesMax)"
            } else {
                do throws(JSONError) {
                    _ = try JSONText(validating: response.dataJSON)
                    fault = ""
                } catch {
                    fault = "the answer is no JSON: \(error)"
                }
            }
            if !fault.isEmpty {
                throw EngineError(
                    .invalidArgument, reason: "ANSWER_INVALID", fault,
                    violations: [EngineError.Violation(field: "data_json", description: fault)])
            }
        }
        return try await ask(number, .respond(response), request)
    }

    /// Pauses, resumes, goes on at a breakpoint or a pause, or turns trace logs on or off.
    package func control(
        _ number: ExecutionNumber, _ command: ControlCommand, request: RequestRecord?
    ) async throws(EngineError) -> Execution {
        try await ask(number, .control(command), request)
    }

    private func ask(
        _ number: ExecutionNumber, _ command: ExecutionCommand, _ request: RequestRecord?
    ) async throws(EngineError) -> Execution {
        if let request, let known = try await repeated(request) { return known }
        let result: Result<Execution, EngineError> = await withCheckedContinuation { continuation in
            parts.post(
                .asked(
                    number,
                    Asked(command: command, request: request) { continuation.resume(returning: $0) }
                ),
                to: number)
        }
        do throws(EngineError) {
            return try result.get()
        } catch {
            // The same request may have been taken between the look-up and the decision.
            if let request, let known = try await repeated(request) { return known }
            throw error
        }
    }

    /// The execution as it stands if this very request was taken before.
    private func repeated(_ request: RequestRecord) async throws(EngineError) -> Execution? {
        guard
            let known = try await self.request(
                request.workspaceID, method: request.method, id: request.requestID)
        else { return nil }
        guard known.hash == request.hash, known.number == request.number else {
            throw .requestMismatch
        }
        guard let row = try await parts.row(known.number) else { throw .notFound }
        return row.execution
    }
}

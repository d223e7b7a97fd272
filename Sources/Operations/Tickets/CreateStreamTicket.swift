internal import Cryptography
internal import Messages
package import Model
internal import Store

/// A ticket for who cannot send headers, such as a browser's EventSource.
package struct IssuedStreamTicket: Sendable, Equatable {
    /// Must be kept out of logs.
    package let text: String
    package let expiresAt: WallTime
}

extension Operations {
    /// The name of the key that tickets are signed with.
    private static var keyName: String { "stream tickets" }

    /// Makes a ticket for the events of one execution, good for `Limits.streamTicketLifetime`, as
    /// often as wanted, by nothing but `watchExecution`, and no longer than its caller's token. Needs
    /// viewer.
    package func createStreamTicket(
        executionID: String, workspaceID: String = "", podID: String = "", by caller: Caller
    ) async throws(OperationError) -> IssuedStreamTicket {
        let grant = try await authorise(
            .createStreamTicket, caller, workspaceID: workspaceID, podID: podID)
        let row = try await execution(executionID, grant)
        guard let id = ExecutionID(row.execution.id) else {
            throw .notFound("execution", executionID, reason: "EXECUTION_NOT_FOUND")
        }
        // What the holder may see is what was granted, wherever the role came from.
        var principal = grant.principal
        principal.workspaceID = grant.workspaceID
        principal.role = grant.role
        principal.serverAdmin = false
        principal.groups = []
        let ticket = StreamTicket(
            executionID: id,
            expiresAt: environment.now().advanced(by: limits.streamTicketLifetime),
            principal: principal)
        let text = ticket.text(key: try await ticketKey())
        await record(grant, "execution \(row.number)")
        return IssuedStreamTicket(text: text, expiresAt: ticket.expiresAt)
    }

    /// Who a ticket admits; nil if it is none of ours, has expired or its token is revoked.
    func identity(ticket text: String) async throws(OperationError) -> Identity? {
        guard let ticket = StreamTicket(text, key: try await ticketKey()),
            environment.now() < ticket.expiresAt
        else { return nil }
        var callsPerMinute = 0
        var expiresAt = ticket.expiresAt
        if !ticket.principal.tokenID.isEmpty {
            guard let token = try await tokens.token(id: ticket.principal.tokenID) else {
                return nil
            }
            callsPerMinute = token.callsPerMinute
            expiresAt = min(expiresAt, token.expiresAt ?? expiresAt)
        }
        return Identity(
            ticket.principal, callsPerMinute: callsPerMinute,
            onlyExecutionID: ticket.executionID.description, expiresAt: expiresAt)
    }

    /// Made once for a store, and the same after a restart.
    private func ticketKey() async throws(OperationError) -> [UInt8] {
        let bytes = try await serverKeys.value(Self.keyName) { () async throws(OperationError) in
            if let found = try await readTicketKey() { return found }
            let new = RandomBytes.make(StreamTicket.keyBytes)
            _ = try await committing([.access(.insertServerKey(name: Self.keyName, key: new))])
            return try await readTicketKey()
        }
        guard let bytes else {
            throw OperationError(.internal, reason: "STORE_FAILED", "the store lost a key")
        }
        return bytes
    }

    private func readTicketKey() async throws(OperationError) -> [UInt8]? {
        try await reading { () async throws(StoreError) in
            try await store.access.serverKey(Self.keyName)
        }
    }
}

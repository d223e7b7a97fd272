internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// Finds the token of a secret, and remembers those used lately: a bounded number of them.
///
/// A token that is revoked or rotated through this server is refused from then on, also where a
/// look-up was under way. Safe to use from any task.
package final class TokenDirectory: Sendable {
    /// How exact the time of the last use is.
    private static let usePrecision = Duration.seconds(60)

    /// What is known of one token.
    struct Known: Sendable {
        let principal: Principal
        /// 0: as the server allows every token.
        let callsPerMinute: Int
        let expiresAt: WallTime?
        /// When its last use was written down.
        var usedAt: WallTime?

        fileprivate init?(_ row: TokenRow?) {
            guard let token = row?.token, token.revokeTime == nil else { return nil }
            principal = Principal(
                name: "token:\(token.name)", workspaceID: token.workspaceID, role: token.role,
                serverAdmin: token.serverAdmin, tokenID: token.id, groups: token.groups)
            callsPerMinute = Int(token.callsPerMinute)
            expiresAt = token.expireTime.map(WallTime.init)
            usedAt = token.lastUseTime.map(WallTime.init)
        }
    }

    private let store: any Store
    private let committer: Committer
    private let environment: any Environment
    private let bySecret: ReadThrough<[UInt8], Known>
    private let byID: ReadThrough<String, Known>
    /// Rings when tokens were revoked or rotated.
    let bell = ChangeBell()

    /// A directory that remembers at most `capacity` tokens.
    init(
        store: any Store, committer: Committer, environment: any Environment,
        capacity: Int = 4_096
    ) {
        self.store = store
        self.committer = committer
        self.environment = environment
        bySecret = ReadThrough(capacity: capacity)
        byID = ReadThrough(capacity: capacity)
    }

    /// The token of a secret with this hash; nil if it is unknown, revoked or expired. Counts as use.
    func token(secretHash: [UInt8]) async throws(OperationError) -> Known? {
        let found = try await bySecret.value(secretHash) { () async throws(OperationError) in
            Known(
                try await Self.reading { () async throws(StoreError) in
                    try await store.token(secretHash: secretHash)
                })
        }
        guard let found, let now = valid(found) else { return nil }
        let isRecent = found.usedAt.map { $0.duration(to: now) < Self.usePrecision } ?? false
        if !isRecent {
            bySecret.update(secretHash) { $0.usedAt = now }
            noteUse(found.principal, now)
        }
        return found
    }

    /// The token with this id; nil if it is unknown, revoked or expired. Is no use.
    func token(id: String) async throws(OperationError) -> Known? {
        let found = try await byID.value(id) { () async throws(OperationError) in
            Known(
                try await Self.reading { () async throws(StoreError) in
                    try await store.access.token(id: id)
                })
        }
        return found.flatMap { valid($0) == nil ? nil : $0 }
    }

    /// Tokens were just revoked or rotated: what is remembered is read anew.
    func changed() {
        bySecret.forget()
        byID.forget()
        bell.ring()
    }

    /// The time now, unless the token has expired.
    private func valid(_ known: Known) -> WallTime? {
        let now = environment.now()
        guard let expiresAt = known.expiresAt else { return now }
        return now < expiresAt ? now : nil
    }

    /// Queues the note and does not wait for it; under overload it is left out, for the next use to
    /// make.
    private func noteUse(_ principal: Principal, _ now: WallTime) {
        let note = Change.access(
            .useToken(
                workspaceID: principal.workspaceID, tokenID: principal.tokenID, at: now))
        try? committer.submit(Commit([note]), admission: .new) { _ in }
    }

    private static func reading<Result>(
        _ body: () async throws(StoreError) -> Result
    ) async throws(OperationError) -> Result {
        do throws(StoreError) {
            return try await body()
        } catch {
            throw OperationError(error)
        }
    }
}

extension WallTime {
    /// From the wire; what lies before the microsecond is cut off.
    init(_ timestamp: Timestamp) {
        self.init(microseconds: timestamp.microsecondsSinceEpoch)
    }
}

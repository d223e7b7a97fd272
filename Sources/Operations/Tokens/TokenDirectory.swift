package import Messages
internal import Model
internal import ProtobufRuntime
internal import Store
internal import Synchronization

/// Finds the principal of a secret, and remembers those used lately: a bounded number of them.
///
/// A token that is revoked through this server is refused from then on, also where a look-up was
/// under way. Safe to use from any task.
package final class TokenDirectory: Sendable {
    private struct Known {
        let principal: Principal
        let expiresAt: WallTime?
    }

    private struct State {
        var recent: RecentlyUsed<[UInt8], Known>
        /// Grows with each revocation: what was read before it is not remembered after it.
        var revocations = 0
    }

    private let store: any Store
    private let environment: any Environment
    private let state: Mutex<State>

    /// A directory that remembers at most `capacity` secrets.
    init(store: any Store, environment: any Environment, capacity: Int = 4_096) {
        self.store = store
        self.environment = environment
        state = Mutex(State(recent: RecentlyUsed(capacity: capacity)))
    }

    /// The principal of a secret with this hash; nil if it is unknown, revoked or expired.
    package func principal(secretHash: [UInt8]) async throws(OperationError) -> Principal? {
        let (known, revocations) = state.withLock { ($0.recent[secretHash], $0.revocations) }
        if let known { return valid(known) }
        let row: TokenRow?
        do throws(StoreError) {
            row = try await store.token(secretHash: secretHash)
        } catch {
            throw OperationError(error)
        }
        guard let token = row?.token, token.revokeTime == nil else { return nil }
        let found = Known(
            principal: Principal(
                name: "token:\(token.name)", workspaceID: token.workspaceID, role: token.role),
            expiresAt: token.expireTime.map {
                WallTime(microseconds: $0.nanosecondsSinceEpoch / 1_000)
            })
        state.withLock { state in
            if state.revocations == revocations { state.recent[secretHash] = found }
        }
        return valid(found)
    }

    /// A token was just revoked: what is remembered is read anew. Revoking is rare, so that nothing
    /// is kept to tell which secret it was.
    func revoked() {
        state.withLock { state in
            state.revocations += 1
            state.recent.removeAll()
        }
    }

    private func valid(_ known: Known) -> Principal? {
        guard let expiresAt = known.expiresAt else { return known.principal }
        return environment.now() < expiresAt ? known.principal : nil
    }
}

internal import Logging
internal import Messages
internal import Model
internal import Store

/// Readings of inboxes.
extension EngineParts {
    /// Messages that are folded into one commit at most.
    static let inboxReadMax = 100

    /// The oldest messages for an execution.
    func inbox(of number: ExecutionNumber) async throws(EngineError) -> [InboxRow] {
        do throws(StoreError) {
            return try await store.inbox(number, limit: Self.inboxReadMax)
        } catch {
            throw EngineError(error)
        }
    }

    /// Reads an inbox and posts what is in it.
    func readInbox(_ number: ExecutionNumber, _ shard: Shard) {
        Task {
            do throws(EngineError) {
                shard.post(.inboxRead(number, .success(try await self.inbox(of: number))))
            } catch {
                shard.post(.inboxRead(number, .failure(error)))
            }
        }
    }

    /// The same after a failure, after a pause.
    func readInboxLater(_ number: ExecutionNumber) {
        retries.after(.seconds(1)) { self.post(.inbox(number), to: number) }
    }

    /// Drops the messages for an execution that is gone or can no longer be folded.
    func dropInbox(_ number: ExecutionNumber) {
        Task {
            do {
                while case let rows = try await self.inbox(of: number), !rows.isEmpty {
                    var changes: [Change] = []
                    let events = rows.compactMap(\.message?.returned)
                    for row in rows {
                        metrics.dropped(.stale)
                        changes.append(.deleteInbox(row.id))
                    }
                    changes += events.map { $0.giveBack(from: number) }
                    let outcome = try await committer.commit(Commit(changes), admission: .accepted)
                    guard case .committed = outcome else { return }
                    for event in events { tellRecipients(ofEvent: event.eventNumber) }
                }
            } catch {
                logger.warning(
                    "cannot drop the messages of an execution that is gone",
                    metadata: ["execution": "\(number)", "error": "\(error)"])
            }
        }
    }
}

internal import Logging
internal import Messages
internal import Model
package import Store

/// Named events.
extension Engine {
    /// Publishes an event: it is committed when this returns. A repeat returns the first.
    package func publish(_ event: EventRow) async throws(EngineError) -> (
        event: EventRow, existing: Bool
    ) {
        if let known = try await known(event) { return (known, true) }
        let limits = parts.limits
        let outcome: CommitOutcome
        do throws(StoreError) {
            outcome = try await parts.committer.commit(
                Commit([
                    .event(
                        .publish(
                            event, keptMax: limits.eventsKeptMax,
                            deliveriesMax: limits.eventDeliveriesMax))
                ]), admission: .new)
        } catch {
            throw EngineError(error)
        }
        switch outcome {
        case .committed: break
        case .refused(.nameInUse):
            guard let known = try await known(event) else { throw .unavailableWrite }
            return (known, true)
        case .refused(.tooMany):
            throw EngineError(
                .resourceExhausted, reason: "EVENTS_MAX",
                "the workspace keeps \(limits.eventsKeptMax) events that no node took, or more than "
                    + "\(limits.eventDeliveriesMax) nodes wait for this one; either is the limit",
                retryAfter: .seconds(1))
        case .refused(let refusal):
            throw EngineError(.internal, reason: "STORE_FAILED", "the store refused it: \(refusal)")
        case .failed(let error): throw EngineError(error)
        }
        guard let stored = try await stored(event) else { throw .unavailableWrite }
        for number in Set(stored.recipients) { parts.post(.inbox(number), to: number) }
        return (stored, false)
    }

    /// The event with this id, if there is one; throws where that is another event.
    private func known(_ event: EventRow) async throws(EngineError) -> EventRow? {
        guard let known = try await stored(event) else { return nil }
        guard known.hash == event.hash else {
            throw EngineError(
                .alreadyExists, reason: "EVENT_MISMATCH",
                "the event id '\(event.eventID)' was used for another event")
        }
        return known
    }

    private func stored(_ event: EventRow) async throws(EngineError) -> EventRow? {
        do throws(StoreError) {
            return try await parts.store.event(event.eventID, workspaceID: event.workspaceID)
        } catch {
            throw EngineError(error)
        }
    }
}

extension InboxMessage {
    /// The event that has to go back to the store where nobody takes it here.
    var returned: EventDelivered? {
        guard case .eventDelivered(let event) = kind, event.eventNumber > 0 else { return nil }
        return event
    }
}

extension EventDelivered {
    /// Nobody takes it here.
    func giveBack(from number: ExecutionNumber) -> Change {
        .event(.giveBack(eventNumber, from: number, dataJSON: dataJSON))
    }
}

extension EngineParts {
    /// Has those to whom the store gave an event look into their inboxes.
    func tellRecipients(ofEvent number: Int64) {
        Task {
            do throws(StoreError) {
                let event = try await store.event(number: number)
                for recipient in Set(event?.recipients ?? []) {
                    post(.inbox(recipient), to: recipient)
                }
            } catch {
                logger.warning(
                    "cannot tell who got an event; they find it at their next message",
                    metadata: ["event": "\(number)", "error": "\(error)"])
            }
        }
    }

    /// Forgets events that were published longer ago than the retention: now, and then every minute
    /// until cancelled.
    func forgetEvents() async {
        let countMax = 1_000
        while !Task.isCancelled {
            let now = environment.now()
            let before = now.advanced(by: .zero - limits.eventRetention)
            do throws(StoreError) {
                _ = try await committer.commit(
                    Commit([.event(.expire(publishedBefore: before, limit: countMax))]),
                    admission: .accepted)
            } catch {
                logger.warning("cannot forget old events", metadata: ["error": "\(error)"])
            }
            await environment.sleep(until: now.advanced(by: .seconds(60)))
        }
    }
}

internal import Messages
internal import Model
internal import Store

/// The executions of one shard that are in memory, and what is done with them. Confined to the
/// shard's queue.
struct Residents: Sendable {
    /// An execution that is here, or on its way with what waits for it.
    private enum Entry {
        case live(LiveExecution)
        case loading(Loading)
    }

    private struct Loading {
        var letters: [Letter] = []
        /// Bodies that are still at work from before a failed write.
        var work: [NodeRef: LiveExecution.Work] = [:]
        /// The workspace whose slot it holds.
        var slot: String?
        /// Whether those who count what is recovered were told of it.
        var isCounted = false
        var failures = 0
    }

    let parts: EngineParts
    private var entries: [ExecutionNumber: Entry] = [:]
    private var waiters = RestWaiters()
    private var isHeld = false

    init(parts: EngineParts) {
        self.parts = parts
    }

    mutating func handle(_ letter: Letter, shard: Shard) {
        switch letter {
        case .adopt(var live, let effects, let waiter):
            live.machine.isHeld = isHeld
            if let waiter { add(waiter, to: live.number, shard) }
            adopted(&live, effects, shard)
        case .committed(let number, let outcome):
            committed(number, outcome, shard)
        case .wait(let number, let waiter):
            wait(number, waiter, shard)
        case .stopWaiting(let number, let id):
            waiters.remove(id, from: number)
        case .rested(let number):
            waiters.resume(number, nil)
        case .waitsDue:
            if let due = waiters.endDue(at: .now) { shard.post(.waitsDue, at: due) }
        case .loaded(let number, let result):
            loaded(number, result, shard)
        case .hold:
            isHeld = true
            for (number, entry) in entries {
                guard case .live(var live) = entry else { continue }
                live.machine.isHeld = true
                entries[number] = .live(live)
            }
        case .asked(let number, _), .result(let number, _), .wake(let number, _),
            .start(let number, _), .recover(let number), .inbox(let number),
            .inboxRead(let number, _):
            deliver(letter, to: number, shard)
        }
    }

    // MARK: Arriving

    private mutating func deliver(_ letter: Letter, to number: ExecutionNumber, _ shard: Shard) {
        switch entries.removeValue(forKey: number) {
        case .live(var live)?:
            take(letter, &live)
            settle(&live, shard)
            if letter.isRecovery { parts.recoveredOne() }
        case .loading(var loading)?:
            loading.letters.append(letter)
            entries[number] = .loading(loading)
        case nil:
            // A result for an execution that is gone was dropped with it.
            if case .result = letter { return }
            if case .inboxRead = letter { return }
            entries[number] = .loading(Loading(letters: [letter]))
            parts.load(number, shard)
        }
    }

    private mutating func adopted(
        _ live: inout LiveExecution, _ effects: [ExecutionEffect], _ shard: Shard
    ) {
        perform(effects, &live, shard)
        afterCommit(&live)
        settle(&live, shard)
    }

    private mutating func loaded(
        _ number: ExecutionNumber, _ result: LoadResult, _ shard: Shard
    ) {
        guard case .loading(var loading)? = entries.removeValue(forKey: number) else { return }
        // Once, also where it cannot be loaded, when it has its slot or needs none.
        let isRecovered = !loading.isCounted && loading.letters.contains(where: \.isRecovery)
        if isRecovered { loading.isCounted = true }
        defer { if isRecovered { parts.recoveredOne() } }
        switch result {
        case .found(var machine, let mark, let inbox):
            machine.isHeld = isHeld
            var live = LiveExecution(number: number, machine: machine, stored: mark)
            live.work = loading.work
            live.holdsSlot = loading.slot != nil
            parts.metrics.loaded()
            // First what ended the attempts that may seem cut off.
            fold(inbox, &live)
            if inbox.count == EngineParts.inboxReadMax { live.inbox = .due }
            // A body that came back meanwhile was not cut off either.
            decide(.recovered(running: live.bodies.union(Self.ended(loading.letters))), &live)
            // The write of its start failed: the slot is still its own.
            if live.holdsSlot, live.machine.status == .queued { decide(.start, &live) }
            for letter in loading.letters { take(letter, &live) }
            if isRecovered, !live.holdsSlot, live.machine.status == .running,
                !live.machine.isResting
            {
                // Before what is queued gets one: its commit comes later.
                parts.takeSlot(live.machine.header.workspaceID)
                live.holdsSlot = true
            }
            settle(&live, shard)
        case .missing:
            refuse(loading.letters, .notFound)
            if let workspace = loading.slot { parts.release(workspace) }
            for case .start(_, let workspace) in loading.letters { parts.release(workspace) }
            parts.leave(number)
            if loading.letters.contains(where: \.isInbox) { parts.dropInbox(number) }
            waiters.resume(number, nil)
        case .failed(let error):
            // What people asked is answered; what must happen is tried again.
            var kept: [Letter] = []
            for letter in loading.letters {
                if case .asked(_, let asked) = letter {
                    asked.reply(.failure(error))
                } else {
                    kept.append(letter)
                }
            }
            loading.letters = kept
            loading.failures += 1
            if kept.isEmpty, loading.work.isEmpty, loading.slot == nil { return }
            let failures = loading.failures
            entries[number] = .loading(loading)
            parts.loadLater(number, failures: failures, shard)
        }
    }

    private static func ended(_ letters: [Letter]) -> [NodeRef] {
        letters.compactMap { letter in
            switch letter {
            case .result(_, .bodyEnded(let node, _, _)), .result(_, .childReady(let node, _, _)):
                return node
            default: return nil
            }
        }
    }

    private func refuse(_ letters: [Letter], _ error: EngineError) {
        for case .asked(_, let asked) in letters { asked.reply(.failure(error)) }
    }

    // MARK: Deciding

    private mutating func take(_ letter: Letter, _ live: inout LiveExecution) {
        switch letter {
        case .asked(_, let asked):
            let refusal = decide(asked.command, &live)
            live.pending.replies.append((asked.reply, refusal.map { EngineError($0) }))
            if refusal == nil, let request = asked.request {
                live.pending.requests.append(request)
            }
        case .result(_, let command):
            switch command {
            case .resolved(let node, let attempt, _), .bodyEnded(let node, let attempt, _),
                .childReady(let node, let attempt, _):
                if live.work[node]?.attempt == attempt { live.work[node] = nil }
            default: break
            }
            if decide(command, &live) == nil { live.pending.results.append(command) }
        case .wake(_, let delays):
            decide(.timersFired(delays: delays), &live)
        case .start:
            if live.holdsSlot {
                // It came back by itself; this slot is one too many.
                parts.release(live.machine.header.workspaceID)
            }
            live.holdsSlot = true
            decide(.start, &live)
            if live.machine.status.isEnd { parts.leave(live.number) }
        case .inbox:
            switch live.inbox {
            case .idle: live.inbox = .due
            case .reading: live.inbox = .readingAndDue
            case .due, .readingAndDue: break
            }
        case .inboxRead(_, .success(let rows)):
            let mayBeMore = live.inbox == .readingAndDue || rows.count == EngineParts.inboxReadMax
            live.inbox = mayBeMore ? .due : .idle
            fold(rows, &live)
        case .inboxRead(_, .failure):
            live.inbox = .idle
            parts.readInboxLater(live.number)
        default:
            break
        }
    }

    /// Takes messages, each once. Those of an attempt that is over, or of an execution that has ended,
    /// are dropped and counted; events go back to be kept.
    private func fold(_ rows: [InboxRow], _ live: inout LiveExecution) {
        for row in rows where row.id > live.foldedInboxID {
            live.foldedInboxID = row.id
            live.pending.changes.append(.deleteInbox(row.id))
            guard let message = row.message else {
                parts.metrics.dropped(.stale)
                continue
            }
            guard decide(.delivered(message), &live) != nil, let event = message.returned else {
                continue
            }
            live.pending.changes.append(event.giveBack(from: live.number))
            live.pending.effects.append(.tellRecipients(event: event.eventNumber))
        }
    }

    @discardableResult
    func decide(_ command: ExecutionCommand, _ live: inout LiveExecution)
        -> ExecutionRefusal?
    {
        let decision = live.machine.decide(command, at: parts.environment.now())
        live.pending.events.append(contentsOf: decision.events)
        live.pending.changes.append(contentsOf: decision.changes)
        live.pending.effects.append(contentsOf: decision.effects)
        if decision.refusal != nil { parts.metrics.dropped(decision.refusal) }
        return decision.refusal
    }

    /// Starts evaluations, commits what is decided, and keeps the execution or lets it go.
    private mutating func settle(_ live: inout LiveExecution, _ shard: Shard) {
        evaluate(&live, shard)
        if live.inFlight == nil, !live.pending.isEmpty {
            flush(&live, shard)
        } else if live.inFlight == nil, !live.pending.effects.isEmpty {
            // Effects without an event: evaluations, which `evaluate` took, or a stop.
            let effects = live.pending.effects
            live.pending.effects = []
            perform(effects, &live, shard)
        }
        if live.inbox == .due, live.inFlight == nil {
            live.inbox = .reading
            parts.readInbox(live.number, shard)
        }
        keep(live)
    }

    private mutating func keep(_ live: LiveExecution) {
        if live.inFlight == nil, live.pending.isEmpty, live.work.isEmpty, live.inbox == .idle,
            parts.mayLeave(live.machine)
        {
            if live.holdsSlot { parts.release(live.machine.header.workspaceID) }
            return
        }
        entries[live.number] = .live(live)
    }

    private mutating func flush(_ live: inout LiveExecution, _ shard: Shard) {
        let changes = live.takeChanges()
        let number = live.number
        if changes.isEmpty {
            // Nothing to write: what was asked is answered from what is committed.
            let batch = live.inFlight ?? LiveBatch()
            live.inFlight = nil
            answer(batch.replies, live.machine)
            perform(batch.effects, &live, shard)
            return
        }
        do throws(StoreError) {
            try parts.committer.submit(Commit(changes), admission: .accepted) { [parts] outcome in
                parts.postCommitted(.committed(number, outcome), to: number)
            }
        } catch {
            shard.post(.committed(number, .failed(error)))
        }
    }

    // MARK: Committed

    private mutating func committed(
        _ number: ExecutionNumber, _ outcome: CommitOutcome, _ shard: Shard
    ) {
        guard case .live(var live)? = entries.removeValue(forKey: number),
            let batch = live.inFlight
        else { return }
        live.inFlight = nil
        switch outcome {
        case .committed:
            if let mark = batch.mark { live.stored = mark }
            live.remember(batch.events)
            answer(batch.replies, live.machine)
            perform(batch.effects, &live, shard)
            afterCommit(&live)
            settle(&live, shard)
        case .refused(.requestExists(let record)):
            fallBack(live, batch, error(for: record, batch), shard)
        case .refused:
            fallBack(live, batch, .notFound, shard)
        case .failed(let error):
            fallBack(live, batch, EngineError(error), shard)
        }
    }

    private func error(for record: RequestRecord, _ batch: LiveBatch) -> EngineError {
        let isSame = batch.requests.contains {
            $0.requestID == record.requestID && $0.method == record.method
                && $0.hash == record.hash && $0.number == record.number
        }
        return isSame ? .requestRepeated : .requestMismatch
    }

    private mutating func afterCommit(_ live: inout LiveExecution) {
        let workspace = live.machine.header.workspaceID
        let needsSlot = live.machine.status == .running && !live.machine.isResting
        if needsSlot, !live.holdsSlot {
            parts.takeSlot(workspace)
            live.holdsSlot = true
        } else if !needsSlot, live.holdsSlot {
            live.holdsSlot = false
            parts.release(workspace)
        }
        if let wakeAt = live.stored.wakeAt { parts.schedule(live.number, at: wakeAt) }
        let status = live.stored.state.status
        if status.isEnd {
            for work in live.work.values { work.task.cancel() }
            live.work = [:]
            if !live.machine.header.groups.isEmpty { parts.leave(live.number) }
            parts.metrics.ended(status)
        }
        if status.isEnd || status == .suspended { waiters.resume(live.number, live.rested) }
    }

    private func answer(
        _ replies: [(reply: Reply, refusal: EngineError?)], _ machine: ExecutionMachine
    ) {
        if replies.isEmpty { return }
        let execution = machine.execution
        for (reply, refusal) in replies {
            reply(refusal.map { .failure($0) } ?? .success(execution))
        }
    }

    /// A write did not happen: the state in memory is ahead of the journal and is given up. It is
    /// folded from the journal again, and what bodies brought back since is decided anew.
    private mutating func fallBack(
        _ live: LiveExecution, _ batch: LiveBatch, _ failure: EngineError, _ shard: Shard
    ) {
        for (reply, _) in batch.replies { reply(.failure(failure)) }
        for (reply, _) in live.pending.replies { reply(.failure(.unavailableWrite)) }
        // A child may be what the store refused; its node is run again and looks anew.
        let results = (batch.results + live.pending.results).filter {
            if case .childReady = $0 { false } else { true }
        }
        let loading = Loading(
            letters: results.map { .result(live.number, $0) }
                + [.wake(live.number, delays: WallTime(microseconds: .min))],
            work: live.work.filter(\.value.isBody),
            slot: live.holdsSlot ? live.machine.header.workspaceID : nil)
        entries[live.number] = .loading(loading)
        parts.metrics.fellBack()
        parts.loadLater(live.number, failures: failure.isRefusal ? 0 : 1, shard)
    }

    // MARK: Waiting for rest

    private mutating func wait(
        _ number: ExecutionNumber, _ waiter: RestWaiter, _ shard: Shard
    ) {
        add(waiter, to: number, shard)
        switch entries[number] {
        case .live(let live)?:
            let status = live.stored.state.status
            if status.isEnd || status == .suspended { waiters.resume(number, live.rested) }
        case .loading?:
            break
        case nil:
            parts.checkRest(number, shard)
        }
    }

    private mutating func add(_ waiter: RestWaiter, to number: ExecutionNumber, _ shard: Shard) {
        if let due = waiters.add(waiter, to: number) { shard.post(.waitsDue, at: due) }
    }

    // MARK: Looking in

    var load: (resident: Int, busy: Int) {
        var busy = 0
        for entry in entries.values {
            switch entry {
            case .loading: busy += 1
            case .live(let live):
                if live.inFlight != nil || !live.pending.isEmpty || !live.work.isEmpty { busy += 1 }
            }
        }
        return (entries.count, busy)
    }

    func invariantFaults() -> [String] {
        entries.values.compactMap { entry in
            guard case .live(let live) = entry, live.inFlight == nil, live.pending.isEmpty else {
                return nil
            }
            let isAtWork = !live.work.isEmpty || live.machine.isHeld
            let status = live.machine.status
            if status == .running, !live.machine.isResting, !isAtWork {
                return "execution \(live.number) is running, but nothing is at work"
            }
            return live.machine.hasNextWakeUp
                ? nil : "execution \(live.number) has no next wake-up"
        }
    }
}

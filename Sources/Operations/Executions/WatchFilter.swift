package import Messages
internal import ProtobufRuntime
package import Store

/// What of a stored row a watcher receives: mostly the row's bytes as they are.
package struct WatchFilter: Sendable, Equatable {
    /// One message of a watch.
    package enum Message: Sendable, Equatable {
        /// An encoded `EventBatch`, untouched.
        case stored([UInt8])
        case changed(EventBatch)
    }

    /// Events up to this one are left out.
    let afterSequence: Int64
    let withoutPayloads: Bool

    package init(afterSequence: Int64, withoutPayloads: Bool) {
        self.afterSequence = afterSequence
        self.withoutPayloads = withoutPayloads
    }

    /// The message of one row; nil if nothing of it remains.
    /// - Throws: `.internal` for a row that does not decode.
    package func message(_ row: JournalRow) throws(OperationError) -> Message? {
        guard row.lastSequence > afterSequence else { return nil }
        guard withoutPayloads || row.firstSequence <= afterSequence else {
            return .stored(row.batch)
        }
        return .changed(EventBatch(events: try events(row)))
    }

    /// The events of one row that remain, for doors that do not pass on rows as they are stored.
    /// - Throws: `.internal` for a row that does not decode.
    package func events(_ row: JournalRow) throws(OperationError) -> [ExecutionEvent] {
        guard row.lastSequence > afterSequence else { return [] }
        var batch: EventBatch
        do {
            batch = try unsafe row.batch.withUnsafeBytes { bytes in
                try unsafe EventBatch(protobufBytes: bytes)
            }
        } catch {
            throw OperationError(
                .internal, reason: "STORE_FAILED",
                "the journal cannot be read; see the server's log")
        }
        batch.events.removeAll { $0.sequence <= afterSequence }
        if withoutPayloads {
            for index in batch.events.indices { batch.events[index].removePayloads() }
        }
        return batch.events
    }
}

extension ExecutionEvent {
    /// Leaves inputs, outputs, answers and the details of errors out.
    mutating func removePayloads() {
        switch kind {
        case .executionCreated(var event):
            event.inputJSON = ""
            kind = .executionCreated(event)
        case .executionCompleted(var event):
            event.outputJSON = ""
            kind = .executionCompleted(event)
        case .executionFailed(var event):
            event.error?.detailsJSON = ""
            kind = .executionFailed(event)
        case .nodeCompleted(var event):
            event.outputJSON = ""
            event.handledError?.detailsJSON = ""
            kind = .nodeCompleted(event)
        case .nodeFailed(var event):
            event.error?.detailsJSON = ""
            kind = .nodeFailed(event)
        case .interruptClosed(var event):
            event.dataJSON = ""
            kind = .interruptClosed(event)
        case .interruptVoted(var event):
            event.vote?.dataJSON = ""
            kind = .interruptVoted(event)
        case .nodeProgressed(var event):
            event.dataJSON = ""
            kind = .nodeProgressed(event)
        case .loopStarted(var event):
            event.itemsJSON = ""
            kind = .loopStarted(event)
        case .bodyEnded(var event):
            event.outputJSON = ""
            event.error?.detailsJSON = ""
            kind = .bodyEnded(event)
        case .executionStarted, .executionSuspended, .executionResumed, .executionCancelled,
            .nodeStarted, .nodeSkipped, .nodeCancelled, .nodeInterrupted, .nodeWaiting,
            .interruptOpened, .logWritten, .nodeDelegated, .bodyStarted, .traceLogsChanged,
            .breakpointsDisabled, .interruptReminded, .executionDue, nil:
            break
        }
    }
}

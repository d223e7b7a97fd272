internal import CCurl

/// The requests that wait and those that are under way. Belongs to the loop's thread.
struct TransferTable: ~Copyable {
    private let limits: HTTPClientLimits
    private let trustFile: String?
    private var multi: MultiHandle
    /// The handle that others wake.
    private var announced: MultiHandle
    private var waiting: WaitingLine
    private var active: [Int: Transfer] = [:]
    /// Requests that ended since somebody asked.
    private var ended = 0

    init(_ multi: MultiHandle, limits: HTTPClientLimits, trustFile: String?) {
        self.multi = multi
        announced = multi
        self.limits = limits
        self.trustFile = trustFile
        waiting = WaitingLine(perHostMax: limits.transfersPerHostMax)
    }

    /// Takes a request, or ends it where too many wait for its host.
    mutating func add(_ submission: Submission) {
        guard waiting.count(of: submission.host) < limits.waitingPerHostMax else {
            return end(submission, .failure(.overloaded(limit: limits.waitingPerHostMax)))
        }
        waiting.append(submission)
    }

    /// Ends a request, if it is still there.
    mutating func cancel(_ id: Int, of host: String) {
        if let transfer = active[id] {
            end(transfer, .failure(.cancelled))
        } else if let submission = waiting.remove(id, of: host) {
            end(submission, .failure(.cancelled))
        }
    }

    mutating func failAll(_ error: HTTPClientError) {
        for transfer in active.values { end(transfer, .failure(error)) }
        for submission in waiting.removeAll({ _ in true }) { end(submission, .failure(error)) }
    }

    /// How many requests ended since the last time.
    mutating func takeEnded() -> Int {
        defer { ended = 0 }
        return ended
    }

    /// Starts what may start and does what can be done without waiting.
    mutating func advance() {
        for submission in waiting.removeExpired(.now) { end(submission, .failure(.timedOut)) }
        var mayGoOn = false
        repeat {
            while active.count < limits.transfersMax, let submission = waiting.popFirst() {
                start(submission)
            }
            mayGoOn = false
            if let fault = multi.perform() { fail(fault) }
            while let (easy, code) = unsafe multi.nextEnded() {
                guard let transfer = unsafe Transfer.of(easy) else { continue }
                end(transfer, transfer.result(code))
                mayGoOn = true
            }
        } while mayGoOn && waiting.count > 0
    }

    /// Returns when there is something to do.
    /// - Returns: the handle that is used from now on, where that is another.
    mutating func sleep() -> MultiHandle? {
        if multi === announced {
            var time = Int32.max
            if let deadline = waiting.earliestDeadline {
                time = Int32(clamping: Transfer.milliseconds(until: deadline))
            }
            if let fault = multi.sleep(milliseconds: time) { fail(fault) }
        }
        // Nobody wakes one that was put in its place, by this or by what went before.
        if multi === announced { return nil }
        announced = multi
        return multi
    }

    private mutating func start(_ submission: Submission) {
        let transfer: Transfer
        do throws(HTTPClientError) {
            transfer = try Transfer(submission, limits: limits, trustFile: trustFile)
        } catch {
            waiting.ended(submission)
            return end(submission, .failure(error))
        }
        guard unsafe multi.add(transfer.easy) else {
            waiting.ended(submission)
            return end(submission, .failure(.failed("libcurl has no memory for a request")))
        }
        active[submission.id] = transfer
    }

    private mutating func end(
        _ transfer: Transfer, _ result: Result<HTTPClientResponse, HTTPClientError>
    ) {
        unsafe multi.remove(transfer.easy)
        active[transfer.submission.id] = nil
        waiting.ended(transfer.submission)
        end(transfer.submission, result)
    }

    private mutating func end(
        _ submission: Submission, _ result: Result<HTTPClientResponse, HTTPClientError>
    ) {
        ended += 1
        submission.continuation.resume(returning: result)
    }

    /// The handle itself failed: nothing on it can go on.
    mutating func fail(_ fault: String) {
        for transfer in active.values { end(transfer, .failure(.failed(fault))) }
        if let fresh = MultiHandle() { multi = fresh }
    }
}

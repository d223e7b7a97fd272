internal import Messages
internal import Model
internal import ProtobufRuntime

/// Who may answer, how many have to agree, and whom to remind.
extension ExecutionMachine {
    /// Why this principal may not answer; nil if it may.
    func refusal(of response: InterruptResponse, to interrupt: Interrupt) -> ExecutionRefusal? {
        let principal = response.respondedBy
        if interrupt.noSelfApproval, principal == header.triggeredBy {
            return .selfApproval(interrupt.id)
        }
        if !Self.isFor(response, interrupt), !response.mayAnswerForOthers {
            return .notAssigned(interrupt.id)
        }
        if interrupt.votes.contains(where: { $0.principal == principal }) {
            return .votedAlready(interrupt.id)
        }
        return nil
    }

    private static func isFor(_ response: InterruptResponse, _ interrupt: Interrupt) -> Bool {
        if interrupt.assignees.isEmpty, interrupt.groups.isEmpty { return true }
        if interrupt.assignees.contains(response.respondedBy) { return true }
        return response.groups.contains { group in
            interrupt.groups.contains(group) || interrupt.assignees.contains(group)
        }
    }

    /// Takes an answer: where several approvals are needed, one of them unless it is the last.
    mutating func answer(
        _ node: NodeRef, _ interrupt: Interrupt, _ kind: any InterruptKind,
        _ response: InterruptResponse, _ turn: inout ExecutionTurn
    ) throws(AnswerRefusal) {
        guard interrupt.approvalsNeeded > 1, response.decision == .approve else {
            let answer = try kind.answered(response, votes: interrupt.votes)
            try check(answer)
            settle(node, answer, response, &turn)
            return
        }
        let vote = Vote(
            principal: response.respondedBy, time: turn.timestamp, reason: response.reason,
            dataJSON: response.dataJSON)
        let votes = interrupt.votes + [vote]
        let answer = try kind.answered(response, votes: votes)
        let share = Self.voteBytesMax(of: limits.nodeOutputBytesMax, interrupt.approvalsNeeded)
        let size = InterruptFields.bytes(of: vote)
        guard size <= share else {
            throw Self.tooLarge(
                "an approval of \(size) bytes, with its data and reason, exceeds the limit of \(share): "
                    + "\(interrupt.approvalsNeeded) are needed, and their output has at most "
                    + "\(limits.nodeOutputBytesMax)")
        }
        try check(answer)
        emit(
            .interruptVoted(
                InterruptVoted(
                    interruptID: interrupt.id, nodePath: interrupt.nodePath,
                    nodeID: interrupt.nodeID, vote: vote, approvals: Int32(votes.count),
                    approvalsNeeded: interrupt.approvalsNeeded)), &turn)
        if votes.count >= Int(interrupt.approvalsNeeded) { settle(node, answer, response, &turn) }
    }

    /// What an output has beside its approvals and what it repeats of the last: names, brackets, commas.
    private static let frameBytes = 256

    /// What one of several approvals may take in the output, in bytes, so that there is room for all;
    /// that of the last is there twice.
    static func voteBytesMax(of outputBytesMax: Int, _ approvalsNeeded: Int32) -> Int {
        max(0, outputBytesMax - frameBytes) / (Int(approvalsNeeded) + 1)
    }

    /// Refuses an answer whose output the node could not have: nobody's decision fails the node.
    private func check(_ answer: InterruptAnswer) throws(AnswerRefusal) {
        let output =
            switch answer {
            case .accepted(_, let output, _), .rejected(let output): output
            }
        let size = output.utf8.count
        guard size <= limits.nodeOutputBytesMax else {
            throw Self.tooLarge(
                "the answer makes an output of \(size) bytes, which exceeds the limit of "
                    + "\(limits.nodeOutputBytesMax)")
        }
    }

    private static func tooLarge(_ message: String) -> AnswerRefusal {
        AnswerRefusal(
            reason: "ANSWER_TOO_LARGE", message: message, violations: [("data_json", message)])
    }

    /// Says again what nobody has answered, once for each instant that has come.
    mutating func remind(_ node: NodeRef, _ interrupt: Interrupt, _ turn: inout ExecutionTurn) {
        for index in Int(interrupt.remindersSent)..<interrupt.reminders.count {
            guard WallTime(interrupt.reminders[index]) <= turn.time else { return }
            emit(
                .interruptReminded(
                    InterruptReminded(
                        interruptID: interrupt.id, nodePath: interrupt.nodePath,
                        nodeID: interrupt.nodeID, ordinal: Int32(index) + 1,
                        assignees: interrupt.assignees, groups: interrupt.groups)), &turn)
        }
    }

    // MARK: Folding

    mutating func voted(_ event: InterruptVoted) {
        guard let vote = event.vote else { return }
        journalBytes += vote.dataJSON.utf8.count
        changeInterrupt(at: event.nodePath) { $0.votes.append(vote) }
    }

    mutating func reminded(_ event: InterruptReminded) {
        changeInterrupt(at: event.nodePath) { $0.remindersSent = event.ordinal }
    }

    private mutating func changeInterrupt(at path: String, _ change: (inout Interrupt) -> Void) {
        guard let node = ref(of: path), case .suspended(var interrupt) = state(node).phase else {
            return
        }
        change(&interrupt)
        interruptChanges += 1
        update(node) { $0.phase = .suspended(interrupt) }
    }
}

extension Interrupt {
    /// When people are reminded next.
    var nextReminder: WallTime? {
        let index = Int(remindersSent)
        return index < reminders.count ? WallTime(reminders[index]) : nil
    }
}

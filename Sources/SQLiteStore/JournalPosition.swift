internal import Model
internal import Store

/// Where a journal row lies in its table: execution number and first sequence number in one integer.
struct JournalPosition {
    let rawValue: Int64

    init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    init(_ number: ExecutionNumber, _ sequence: Int64) {
        rawValue = number.rawValue << 20 | min(max(sequence, 0), Schema.sequenceLimit - 1)
    }

    /// The lowest position of an execution's journal.
    static func first(_ number: ExecutionNumber) -> JournalPosition {
        JournalPosition(number, 0)
    }

    /// The highest position of an execution's journal.
    static func last(_ number: ExecutionNumber) -> JournalPosition {
        JournalPosition(number, Schema.sequenceLimit - 1)
    }

    var sequence: Int64 { rawValue & (Schema.sequenceLimit - 1) }
}

internal import Model

/// The newest rows of one watched journal, bounded in bytes: the decisions of following it.
///
/// A watcher subscribes first, so that from then on every committed row passes here; then it reads
/// the store until nothing is left, which covers all that was committed before; then it follows the
/// tail. A row that was pushed out before a watcher took it is read from the store.
struct JournalTail {
    /// What one row costs beside its batch.
    private static var rowBytes: Int { 64 }

    private let bytesMax: Int
    /// Without gaps, oldest first.
    private(set) var rows: [JournalRow] = []
    private(set) var bytes = 0
    /// Sequence number of the newest event that passed, kept or not; 0: none passed.
    private(set) var newest: Int64 = 0

    init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    /// A row was committed.
    mutating func published(_ row: JournalRow) {
        if let last = rows.last, last.lastSequence + 1 != row.firstSequence { dropAll() }
        newest = max(newest, row.lastSequence)
        rows.append(row)
        bytes += row.batch.count + Self.rowBytes
        var dropped = 0
        while bytes > bytesMax, dropped < rows.count {
            bytes -= rows[dropped].batch.count + Self.rowBytes
            dropped += 1
        }
        rows.removeFirst(dropped)
    }

    enum Next: Equatable {
        /// It is in the tail.
        case row(JournalRow)
        /// It is not, and may be in the store.
        case readStore
        /// It was not committed yet.
        case wait
    }

    /// What a watcher that has everything up to `position` does next.
    /// - Parameter hasReadStore: whether it found the store empty beyond its position once, after
    ///   it had subscribed.
    func next(after position: Int64, hasReadStore: Bool) -> Next {
        guard newest > position else { return hasReadStore ? .wait : .readStore }
        guard let first = rows.first, first.firstSequence <= position + 1 else { return .readStore }
        // Binary search for the first row that reaches beyond the position.
        var low = 0
        var high = rows.count - 1
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].lastSequence > position { high = middle } else { low = middle + 1 }
        }
        return .row(rows[low])
    }

    private mutating func dropAll() {
        rows = []
        bytes = 0
    }
}

/// Keeps account of what a stream's sender may be granted: as much as came and is no longer held.
struct ReceiveCredit {
    /// Bytes that came and were not granted again.
    private(set) var owedByteCount = 0

    /// Bytes of the stream came.
    mutating func received(_ byteCount: Int) {
        owedByteCount += byteCount
    }

    /// How many bytes to grant now, so that `kept` of those that came stay owed. Never negative:
    /// what was granted early, while a large message was incomplete, is made up for later.
    mutating func grant(keeping kept: Int) -> Int {
        let granted = max(0, owedByteCount - kept)
        owedByteCount -= granted
        return granted
    }
}

extension String {
    /// At most its first `bytesMax` bytes, cut between characters and with an ellipsis where something
    /// is left out: what others sent may be of any length, what is told about it may not.
    package func clipped(toBytes bytesMax: Int) -> String {
        guard utf8.count > bytesMax else { return self }
        let ellipsis = "…"
        var count = 0
        var end = startIndex
        for index in unicodeScalars.indices {
            count += unicodeScalars[index].utf8.count
            guard count + ellipsis.utf8.count <= bytesMax else { break }
            end = unicodeScalars.index(after: index)
        }
        return self[..<end] + ellipsis
    }
}

/// The most that the documents of one page may have together, in bytes: less than a message holds.
private let pageBytesMax = 3 << 20
/// What an element takes beside what is measured.
private let elementBytes = 256

extension Collection {
    /// As many of the first elements as fit in an answer; at least one where there is one.
    /// - Parameter size: of what is not small in an element, in bytes.
    func fitting(_ size: (Element) -> Int) -> SubSequence {
        var room = pageBytesMax
        var end = startIndex
        while end < endIndex {
            room -= size(self[end]) + elementBytes
            if room < 0, end > startIndex { break }
            formIndex(after: &end)
        }
        return self[..<end]
    }
}

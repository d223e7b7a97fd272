internal import Model

/// The most that what one page holds may have together, in bytes: less than a message holds.
let pageBytesMax = 3 << 20

extension Collection {
    /// As many of the first elements as fit in an answer; at least one where there is one.
    /// - Parameter size: of what is not small in an element, in bytes.
    func fitting(_ size: (Element) -> Int) -> SubSequence {
        var room = PageRoom(bytes: pageBytesMax)
        return prefix { room.take(size($0)) }
    }
}

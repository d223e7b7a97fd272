/// Tells once that something bounded is more than half full, and again only after it has fallen to a
/// quarter of its bound meanwhile: what goes up and down around the half is one piece of news.
package struct HalfwayMark: Sendable {
    private let bound: Int
    private var isPassed = false
    private var isNews = false

    /// A mark of something empty that holds at most `bound`.
    package init(of bound: Int) {
        self.bound = bound
    }

    /// So much is in it now.
    package mutating func moved(to count: Int) {
        if count > bound / 2, !isPassed {
            isPassed = true
            isNews = true
        } else if count <= bound / 4 {
            isPassed = false
            isNews = false
        }
    }

    /// Whether there is news that nobody was told; the caller tells it.
    package mutating func takeWarning() -> Bool {
        defer { isNews = false }
        return isNews
    }
}

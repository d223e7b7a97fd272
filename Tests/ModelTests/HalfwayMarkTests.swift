import Model
import Testing

struct HalfwayMarkTests {
    private func news(of bound: Int, _ counts: [Int]) -> [Bool] {
        var mark = HalfwayMark(of: bound)
        return counts.map { count in
            mark.moved(to: count)
            return mark.takeWarning()
        }
    }

    @Test func `the half is news when it is passed, not while it lasts`() {
        #expect(news(of: 10, [5, 6, 7, 10]) == [false, true, false, false])
    }

    @Test func `around the half is one piece of news, after a quarter another`() {
        #expect(news(of: 8, [5, 4, 5, 3, 6]) == [true, false, false, false, false])
        #expect(news(of: 8, [5, 2, 5]) == [true, false, true])
    }

    @Test func `what nobody was told and is over is no news`() {
        var mark = HalfwayMark(of: 8)
        mark.moved(to: 8)
        mark.moved(to: 0)
        let isNews = mark.takeWarning()
        #expect(!isNews)
    }

    @Test func `what holds one is half full with it`() {
        #expect(news(of: 1, [1, 0, 1]) == [true, false, true])
    }
}

/// Elements in a line: first come, first served, each in constant time on average.
struct Line<Element> {
    private var elements: [Element?] = []
    /// Those before it have gone.
    private var first = 0
    private(set) var count = 0

    mutating func append(_ element: Element) {
        elements.append(element)
        count += 1
    }

    mutating func popFirst() -> Element? {
        while first < elements.count {
            let next = elements[first]
            elements[first] = nil
            first += 1
            guard let next else { continue }
            count -= 1
            if count == 0 {
                self = Line()
            } else if first > 64, first > elements.count / 2 {
                elements.removeFirst(first)
                first = 0
            }
            return next
        }
        return nil
    }

    /// Takes out those that `isWanted` picks, in their order.
    mutating func remove(_ isWanted: (Element) -> Bool) -> [Element] {
        var removed: [Element] = []
        for index in first..<elements.count {
            guard let element = elements[index], isWanted(element) else { continue }
            removed.append(element)
            elements[index] = nil
        }
        count -= removed.count
        if count == 0 { self = Line() }
        return removed
    }
}

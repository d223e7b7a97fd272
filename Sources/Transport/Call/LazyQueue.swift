internal import NIOCore

/// A queue that costs no memory until it holds something: most calls never need theirs.
struct LazyQueue<Element> {
    private var elements: CircularBuffer<Element>?

    var count: Int { elements?.count ?? 0 }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ element: Element) {
        if elements == nil { elements = CircularBuffer(initialCapacity: 4) }
        elements?.append(element)
    }

    mutating func popFirst() -> Element? { elements?.popFirst() }

    mutating func removeAll() { elements = nil }
}

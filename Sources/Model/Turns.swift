/// Whose turn it is: members in line, each once. A value; the one rule by which workspaces share what
/// there is too little of, so that one with much to do does not keep the others waiting.
///
///     join ─▶ last in line ─▶ … ─▶ first: served ─▶ last in line again, or leaves it
package struct Turns<Member: Hashable & Sendable>: Sendable, Sequence {
    private var line: [Member] = []

    package init() {}

    package var isEmpty: Bool { line.isEmpty }

    /// The members in the order of their turns.
    package func makeIterator() -> IndexingIterator<[Member]> { line.makeIterator() }

    /// Puts a member last in line, unless it stands in it.
    package mutating func join(_ member: Member) {
        if !line.contains(member) { line.append(member) }
    }

    /// Takes a member out of the line, if it stands in it.
    package mutating func leave(_ member: Member) {
        if let place = line.firstIndex(of: member) { line.remove(at: place) }
    }

    /// A member has had its turn: it goes to the end of the line.
    package mutating func served(_ member: Member) {
        leave(member)
        line.append(member)
    }

    /// Takes the first out of the line.
    package mutating func popFirst() -> Member? {
        line.isEmpty ? nil : line.removeFirst()
    }
}

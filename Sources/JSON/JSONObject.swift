/// The members of a JSON object in the order they were written, found by name.
///
/// Names are compared by code point (not by canonical equivalence). Equality ignores order.
package struct JSONObject: Sendable {
    /// A name and its value.
    package struct Member: Sendable {
        package var key: String
        package var value: JSONValue
    }

    /// The members in order; no two have the same name.
    package private(set) var members: [Member] = []
    /// Where each name is, once there are too many to look through.
    private var index: [ExactString: Int] = [:]

    private static let indexedFrom = 9

    package init() {}

    /// An object of `members`; the last of those with the same name counts.
    package init(_ members: some Sequence<(String, JSONValue)>) {
        for (key, value) in members { self[key] = value }
    }

    package var count: Int { members.count }
    package var isEmpty: Bool { members.isEmpty }
    package var keys: [String] { members.map(\.key) }

    /// The value of the member named `key`; setting nil removes it, a new name goes last.
    package subscript(key: String) -> JSONValue? {
        get { position(of: key).map { members[$0].value } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?):
                members[position].value = value
            case (let position?, nil):
                members.remove(at: position)
                index = [:]
                if members.count >= Self.indexedFrom { rebuildIndex() }
            case (nil, let value?):
                append(value, forKey: key)
            case (nil, nil):
                break
            }
        }
    }

    /// Adds a member unless there is one of that name; says whether it was added.
    mutating func insert(_ value: JSONValue, forNewKey key: String) -> Bool {
        guard position(of: key) == nil else { return false }
        append(value, forKey: key)
        return true
    }

    private mutating func append(_ value: JSONValue, forKey key: String) {
        members.append(Member(key: key, value: value))
        if members.count == Self.indexedFrom {
            rebuildIndex()
        } else if members.count > Self.indexedFrom {
            index[ExactString(key)] = members.count - 1
        }
    }

    private mutating func rebuildIndex() {
        for (position, member) in members.enumerated() {
            index[ExactString(member.key)] = position
        }
    }

    private func position(of key: String) -> Int? {
        if members.count >= Self.indexedFrom { return index[ExactString(key)] }
        return members.firstIndex { ExactString.areSame($0.key, key) }
    }
}

extension JSONObject: Hashable {
    package static func == (left: Self, right: Self) -> Bool {
        left.count == right.count && left.members.allSatisfy { right[$0.key] == $0.value }
    }

    package func hash(into hasher: inout Hasher) {
        // Order does not count, so the members' hashes are added up.
        var sum = 0
        for member in members {
            var inner = Hasher()
            ExactString.hash(member.key, into: &inner)
            inner.combine(member.value)
            sum = sum &+ inner.finalize()
        }
        hasher.combine(sum)
    }
}

extension JSONObject: Sequence {
    package func makeIterator() -> some IteratorProtocol<Member> { members.makeIterator() }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}

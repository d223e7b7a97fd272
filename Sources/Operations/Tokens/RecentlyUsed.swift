/// A bounded memory of what was used lately, in two generations: what is used moves to the young
/// one; when that is full it becomes the old one, and what was in the old one is forgotten.
struct RecentlyUsed<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let generationMax: Int
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]

    /// Remembers at most `capacity` values, and at least half as many.
    init(capacity: Int) {
        precondition(capacity >= 2, "two generations need room for two values")
        generationMax = capacity / 2
    }

    var count: Int { young.count + old.count }

    /// Reading counts as use.
    subscript(key: Key) -> Value? {
        mutating get {
            if let value = young[key] { return value }
            guard let value = old.removeValue(forKey: key) else { return nil }
            insert(key, value)
            return value
        }
        set {
            old[key] = nil
            if let newValue { insert(key, newValue) } else { young[key] = nil }
        }
    }

    /// Forgets everything.
    mutating func removeAll() {
        young = [:]
        old = [:]
    }

    private mutating func insert(_ key: Key, _ value: Value) {
        if young[key] == nil, young.count >= generationMax {
            old = young
            young = [:]
        }
        young[key] = value
    }
}

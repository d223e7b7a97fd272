internal import Store

/// The tasks that were lost lately, so that a late result can be told why it is refused: a value, part of
/// a `TaskBoard`.
struct LostTasks {
    private static let max = 10_000

    private var keys: Set<TaskKey> = []
    private var order: [TaskKey] = []

    func contains(_ key: TaskKey) -> Bool { keys.contains(key) }

    mutating func insert(_ key: TaskKey) {
        guard keys.insert(key).inserted else { return }
        order.append(key)
        if order.count > Self.max { keys.remove(order.removeFirst()) }
    }
}

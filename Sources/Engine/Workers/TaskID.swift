internal import Model
package import Store
internal import Synchronization

/// A task's name on the wire: `NUMBER.ATTEMPT.SEAL.PATH`. The seal is the server's, by its keys: only who
/// was handed a task can name it.
package enum TaskID {
    static func text(_ key: TaskKey, seal: String) -> String {
        "\(key.number).\(key.attempt).\(seal).\(key.nodePath)"
    }

    /// What a name says, whoever made it; nil where the text is none.
    static func parts(_ text: String) -> (key: TaskKey, seal: Substring)? {
        let parts = text.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, let number = Int64(parts[0]), number > 0,
            let attempt = Int32(parts[1]), attempt > 0, !parts[2].isEmpty, !parts[3].isEmpty
        else { return nil }
        let key = TaskKey(
            number: ExecutionNumber(rawValue: number), nodePath: String(parts[3]), attempt: attempt)
        return (key, parts[2])
    }

    /// The task that a name is of, whoever made it; nil where the text is none.
    package static func key(_ text: String) -> TaskKey? { parts(text)?.key }
}

extension WorkerHub {
    /// The name by which a task's worker calls it.
    func name(of key: TaskKey) -> String {
        oldNames.name(of: key)
            ?? TaskID.text(key, seal: keyring.codes(for: Self.context(key)).first ?? "")
    }

    /// Whether the server made this name.
    package func isOwn(_ name: String) -> Bool {
        guard let (key, seal) = TaskID.parts(name) else { return false }
        return keyring.isCode(seal, for: Self.context(key))
    }

    /// The tasks that the server gave these names to, and the names that it never gave.
    func split(_ names: [String]) -> (own: [TaskKey: String], unknown: [String]) {
        var own: [TaskKey: String] = [:]
        var unknown: [String] = []
        for name in names {
            if let key = TaskID.key(name), isOwn(name) {
                own[key] = name
            } else {
                unknown.append(name)
            }
        }
        return (own, unknown)
    }

    private static func context(_ key: TaskKey) -> String {
        "task/\(key.number).\(key.attempt).\(key.nodePath)"
    }
}

/// Names that workers held before the server was started, which it would now make otherwise if its keys
/// were changed meanwhile. Safe to use from any task.
final class OldTaskNames: Sendable {
    private let names = Mutex<[TaskKey: String]>([:])

    func name(of key: TaskKey) -> String? { names.withLock { $0[key] } }

    /// Workers still hold these tasks, but for `gone`.
    func remember(_ held: [TaskKey: String], except gone: [TaskKey] = []) {
        names.withLock { names in
            names.merge(held) { _, new in new }
            for key in gone { names[key] = nil }
        }
    }

    func forget(_ changes: [TaskChange]) {
        names.withLock { names in
            if names.isEmpty { return }
            for change in changes {
                switch change {
                case .insert: break
                case .end(let key), .withdraw(let key): names[key] = nil
                }
            }
        }
    }
}

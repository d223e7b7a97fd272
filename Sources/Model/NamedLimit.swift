/// One bound under the name by which docs/operations.md, `ServerService.GetInfo` and
/// `signalbox serve --limit` know it. The last words of the name tell its unit.
package struct NamedLimit<Owner>: Sendable {
    package let name: String
    /// What an operator may set it to; nil: nothing but what it is.
    package let range: ClosedRange<Int64>?
    private let read: @Sendable (Owner) -> Int64
    private let write: @Sendable (inout Owner, Int64) -> Void

    /// The value in `owner`.
    package func value(in owner: Owner) -> Int64 { read(owner) }

    /// Sets it in `owner`; `value` is one of `range`.
    package func set(_ value: Int64, in owner: inout Owner) { write(&owner, value) }

    /// How far an operator may move a limit.
    package enum Leeway: Sendable {
        /// Not at all: what was accepted under it is stored, and must be accepted again.
        case none
        /// Down to 1; it keeps within others, such as that of a message.
        case lower
        /// Down to 1, and up to so many times its default.
        case times(Int64)

        fileprivate func range(around usual: Int64) -> ClosedRange<Int64>? {
            switch self {
            case .none: nil
            case .lower: 1...usual
            case .times(let factor): 1...(usual * factor)
            }
        }
    }

    private init(
        _ name: String, _ leeway: Leeway, in usual: Owner,
        read: @escaping @Sendable (Owner) -> Int64,
        write: @escaping @Sendable (inout Owner, Int64) -> Void
    ) {
        self.name = name
        range = leeway.range(around: read(usual))
        self.read = read
        self.write = write
    }

    /// A limit that is a count.
    /// - Parameter usual: has the default.
    package init(
        _ name: String, _ path: any WritableKeyPath<Owner, Int> & Sendable, _ leeway: Leeway,
        in usual: Owner
    ) {
        self.init(
            name, leeway, in: usual, read: { Int64($0[keyPath: path]) },
            write: { $0[keyPath: path] = Int($1) })
    }

    /// A limit that is a time, in whole seconds.
    /// - Parameter usual: has the default.
    package init(
        seconds name: String, _ path: any WritableKeyPath<Owner, Duration> & Sendable,
        _ leeway: Leeway,
        in usual: Owner
    ) {
        self.init(
            name, leeway, in: usual, read: { $0[keyPath: path].components.seconds },
            write: { $0[keyPath: path] = .seconds($1) })
    }

    /// A limit that is a time, in milliseconds, which nobody may set.
    package init(
        milliseconds name: String, _ path: any WritableKeyPath<Owner, Duration> & Sendable,
        in usual: Owner
    ) {
        self.init(
            name, .none, in: usual, read: { Int64($0[keyPath: path] / .milliseconds(1)) },
            write: { $0[keyPath: path] = .milliseconds($1) })
    }
}

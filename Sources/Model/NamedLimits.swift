/// The limits that a value of `Root` holds, by the names of docs/operations.md: what a server shows of
/// them, and what an operator may set.
package struct NamedLimits<Root: Sendable>: Sendable {
    /// One limit, in the unit that its name says.
    package struct Field: Sendable {
        fileprivate let get: @Sendable (Root) -> Int64
        fileprivate let set: @Sendable (inout Root, Int64) -> Void
        /// How many times its default it may be set to.
        fileprivate let raise: Int64

        /// A number of things or bytes.
        /// - Parameter raise: how many times its default it may be set to; 1 where more would break
        ///   what else is promised.
        package static func count(
            _ path: any WritableKeyPath<Root, Int> & Sendable, raise: Int64 = 10
        ) -> Field {
            Field(
                get: { Int64($0[keyPath: path]) }, set: { $0[keyPath: path] = Int($1) },
                raise: raise)
        }

        /// A time in whole seconds.
        package static func seconds(
            _ path: any WritableKeyPath<Root, Duration> & Sendable, raise: Int64 = 10
        ) -> Field {
            Field(
                get: { $0[keyPath: path].components.seconds },
                set: { $0[keyPath: path] = .seconds($1) }, raise: raise)
        }

        /// A time in whole milliseconds.
        package static func milliseconds(
            _ path: any WritableKeyPath<Root, Duration> & Sendable, raise: Int64 = 10
        ) -> Field {
            Field(
                get: { root in
                    let (seconds, attoseconds) = root[keyPath: path].components
                    return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
                },
                set: { $0[keyPath: path] = .milliseconds($1) }, raise: raise)
        }
    }

    private let fields: [String: Field]
    private let defaults: Root

    /// - Parameter defaults: what holds where nothing is set.
    package init(defaults: Root, _ fields: [String: Field]) {
        self.defaults = defaults
        self.fields = fields
    }

    /// All of them, with what `root` holds.
    package func values(of root: Root) -> [String: Int64] { fields.mapValues { $0.get(root) } }

    /// What `name` may be set to, from 1 on; nil: there is no such limit.
    package func range(of name: String) -> ClosedRange<Int64>? {
        fields[name].map { 1...max(1, $0.get(defaults) * $0.raise) }
    }

    /// Sets a limit.
    /// - Parameter value: within its range; anything else is left out.
    package func set(_ name: String, to value: Int64, in root: inout Root) {
        guard let field = fields[name], range(of: name)?.contains(value) == true else { return }
        field.set(&root, value)
    }
}

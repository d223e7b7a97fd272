/// A node's place within an execution: its id, preceded by enclosing bodies and item indexes
/// (`each[2].charge`). On the top level it is the id itself.
struct NodePath: Sendable, Hashable, CustomStringConvertible {
    /// The whole path.
    let description: String

    /// A node within the body that `prefix` names; empty on the top level.
    init(prefix: String = "", nodeID: String) {
        description = prefix.isEmpty ? nodeID : prefix + "." + nodeID
    }

    /// The id of the n-th pause of a whole execution, which has no node.
    static func pauseID(_ ordinal: Int32) -> String { "#" + String(ordinal) }

    /// The path of the n-th interrupt that a node opened.
    func interruptID(_ ordinal: Int32) -> String { description + "#" + String(ordinal) }
}

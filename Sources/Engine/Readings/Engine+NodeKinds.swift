extension Engine {
    /// The names of the node kinds that it runs itself.
    package static var nodeKinds: [String] { KindTable.names }
}

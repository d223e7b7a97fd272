extension Schema {
    /// The events that no node took yet, in the order they came: a page of them reads no others, and sorts
    /// none.
    static let keptEvents = """
        CREATE INDEX events_by_kept ON events (workspace_id) WHERE recipients IS NULL;
        """
}

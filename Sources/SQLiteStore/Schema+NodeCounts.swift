extension Schema {
    /// How many nodes of an execution ran; not known of those there were before.
    static let nodeCounts = """
        ALTER TABLE executions ADD COLUMN node_count INTEGER NOT NULL DEFAULT 0;
        """
}

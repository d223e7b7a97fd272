extension Schema {
    /// Whom a bulk operation runs as.
    static let bulkPrincipal = """
        -- An encoded Principal; NULL where it was started before that was recorded.
        ALTER TABLE bulks ADD COLUMN principal BLOB;
        """
}

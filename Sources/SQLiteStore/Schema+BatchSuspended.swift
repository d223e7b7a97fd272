extension Schema {
    /// How many of a batch's running executions are suspended, which moves in their commits as the other
    /// counts do. Codes from 3000 up to 4000 are the suspended states.
    static let batchSuspended = """
        ALTER TABLE batches ADD COLUMN suspended INTEGER NOT NULL DEFAULT 0;
        UPDATE batches SET suspended = (
            SELECT count(*) FROM batch_items JOIN executions USING (number)
            WHERE batch_number = batches.number AND state >= 3000 AND state < 4000)
        WHERE ended_at IS NULL;
        """
}

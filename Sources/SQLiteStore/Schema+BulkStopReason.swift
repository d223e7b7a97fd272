extension Schema {
    /// Why a bulk operation was stopped, where nobody did: it stood among the principals before.
    static let bulkStopReason = """
        ALTER TABLE bulks ADD COLUMN stop_reason TEXT;
        UPDATE bulks SET stop_reason = stopped_by, stopped_by = NULL
            WHERE stopped_by IN ('PRINCIPAL_GONE', 'ROLE_INSUFFICIENT', 'WORKSPACE_NOT_FOUND');
        """
}

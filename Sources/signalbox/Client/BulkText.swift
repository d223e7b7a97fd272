internal import Messages
internal import ProtobufRuntime

/// A bulk operation, for people.
enum BulkText {
    /// `bulk-3 CANCEL RUNNING  40 succeeded, 1 skipped, 0 failed of 200`.
    static func line(_ operation: BulkOperation) -> String {
        "bulk-\(operation.number) "
            + operation.action.shortName + " "
            + operation.status.shortName
            + "  \(operation.succeeded) succeeded, \(operation.skipped) skipped, "
            + "\(operation.failed) failed of \(operation.total)"
            + (operation.stopReason.isEmpty ? "" : "  \(operation.stopReason)")
    }
}

/// Ids as the dialects write them. Every dialect accepts any of the forms: a UUID, a number, and a
/// number behind `exec-` (an execution) or `batch-` (a batch).
package enum ExecutionName {
    private static let execution = "exec-"
    private static let batch = "batch-"

    /// `exec-1024`.
    package static func execution(_ number: Int64) -> String { "\(execution)\(number)" }

    /// `batch-12`.
    package static func batch(_ number: Int64) -> String { "\(batch)\(number)" }

    /// What `Operations` take in place of `text`: a UUID or a number; anything else is passed on, and
    /// is not found.
    package static func reference(_ text: String) -> String {
        for prefix in [execution, batch] where text.hasPrefix(prefix) {
            return String(text.dropFirst(prefix.utf8.count))
        }
        return text
    }
}

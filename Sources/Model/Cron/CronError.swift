/// What is wrong with a cron expression, and where.
package struct CronError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Of the first character it is about, from 1.
    package let position: Int
    /// For people: what was expected and what came.
    package let message: String

    package init(position: Int, _ message: String) {
        self.position = position
        self.message = message
    }

    package var description: String { "at position \(position): \(message)" }
}

/// A store's operational failure.
package struct StoreError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure.
    package enum Code: Sendable {
        /// The database could not be opened, or another server has it open.
        case unavailable
        /// A newer version of Signalbox wrote it.
        case tooNew
        /// Too many commits wait; try again later.
        case overloaded
        /// Reading or writing failed.
        case io
        /// What was read is not what was written.
        case corrupt
        /// A commit does not follow from what is stored: its author's picture is out of date.
        case conflict
        /// The page token is not one of ours or belongs to another filter.
        case badPageToken
    }

    package let code: Code
    /// For people, lower case.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}

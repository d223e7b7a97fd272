internal import Synchronization

/// A listener's current TLS context, replaceable while it runs: new connections use the newest.
package final class TLSContextStore: Sendable {
    private let configuration: TLSServerConfiguration
    private let tickets: TLSTicketKeys
    private let stored: Mutex<TLSContext>

    /// Reads the files.
    /// - Throws: `TLSError.Code.configuration`.
    package convenience init(_ configuration: TLSServerConfiguration) throws(TLSError) {
        try self.init(configuration, tickets: TLSTicketKeys())
    }

    /// With ticket keys of one's own, for tests of their age.
    init(_ configuration: TLSServerConfiguration, tickets: TLSTicketKeys) throws(TLSError) {
        self.configuration = configuration
        self.tickets = tickets
        stored = Mutex(try TLSContext.server(configuration, tickets: tickets))
    }

    /// The context for a new connection.
    package var current: TLSContext { stored.withLock { $0 } }

    /// Reads the files again. If they are bad, the context in use stays.
    ///
    /// Sessions made before are still resumed, unless the client authorities changed.
    /// - Throws: `TLSError.Code.configuration`.
    package func reload() throws(TLSError) {
        let context = try TLSContext.server(configuration, tickets: tickets)
        stored.withLock { $0 = context }
    }
}

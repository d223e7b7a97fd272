/// What an operator decides about the engine, beside `Limits`.
package struct EngineConfiguration: Sendable {
    /// Targets that `http` nodes may reach although they are special addresses: `HOST:PORT`, `HOST`
    /// for every port; an IPv6 host stands in brackets.
    package var httpAllow: [String] = []
    /// The longest that one `http` request may take where the node has no time-out.
    package var httpTimeout = Duration.seconds(60)
    /// An execution that waits longer than this leaves memory.
    package var residentWaitMax = Duration.seconds(10)
    /// How often the store is asked for timers, and twice how far ahead.
    package var wakeUpInterval = Duration.seconds(30)
    /// How often what workspaces do not keep is erased.
    package var retentionInterval = Duration.seconds(60)

    /// What encrypts the secrets of workspaces.
    package var secretKeys = SecretKeyring.ephemeral()

    package init() {}
}

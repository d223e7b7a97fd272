/// What one `HTTPClient` takes on. All are described in docs/operations.md.
package struct HTTPClientLimits: Sendable, Equatable {
    /// Requests under way at once; the others wait.
    package var transfersMax = 1_000
    /// The same to one host, by the name and port in the URL.
    package var transfersPerHostMax = 100
    /// Requests that wait; further ones are refused.
    package var waitingMax = 10_000
    /// The same to one host.
    package var waitingPerHostMax = 1_000
    /// How long it may take until a connection, with TLS, is there.
    package var connectSecondsMax = 10
    /// Bytes of a response's head.
    package var headBytesMax = 64 << 10

    package init() {}
}

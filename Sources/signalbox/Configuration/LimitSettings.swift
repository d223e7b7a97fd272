internal import ArgumentParser
internal import Model
internal import Transport

/// Limits as the operator set them: `--limit NAME=NUMBER`, by the names of docs/operations.md.
struct LimitSettings: Sendable {
    private(set) var limits = Limits()
    private(set) var transport = TransportLimits()

    /// - Throws: `ValidationError` for an unknown name, and for a number out of its range.
    init(_ texts: [String]) throws {
        for text in texts { try set(text) }
    }

    private mutating func set(_ text: String) throws {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let number = Int64(parts[1]) else {
            throw ValidationError("--limit: expected NAME=NUMBER, got '\(text)'")
        }
        let name = parts[0]
        guard
            let range = Limits.named.range(of: name) ?? TransportLimits.named.range(of: name)
        else {
            throw ValidationError(
                "--limit: expected the name of a limit, as `signalbox info` shows them, got "
                    + "'\(name)'")
        }
        guard range.contains(number) else {
            throw ValidationError(
                "--limit: expected \(range.lowerBound) to \(range.upperBound) for \(name), got "
                    + "\(number)")
        }
        Limits.named.set(name, to: number, in: &limits)
        TransportLimits.named.set(name, to: number, in: &transport)
    }
}

extension TransportLimits {
    /// As docs/operations.md lists them.
    static let named = NamedLimits(
        defaults: TransportLimits(),
        [
            "connections_max": .count(\.connectionsMax),
            "calls_per_connection_max": .count(\.callsPerConnectionMax),
            // ttrpc allows no larger ones.
            "message_bytes_max": .count(\.messageBytesMax, raise: 1),
            "metadata_bytes_max": .count(\.metadataBytesMax),
            "handshake_seconds_max": .seconds(\.handshakeTimeout),
            "idle_seconds_max": .seconds(\.idleTimeout),
            "write_stall_seconds_max": .seconds(\.writeStallTimeout),
        ])
}

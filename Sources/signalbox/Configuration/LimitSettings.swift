internal import ArgumentParser
internal import Model
internal import Transport

/// The limits of a server: the defaults, and what `--limit` and `--rate-limit` made of them.
struct LimitSettings: Sendable {
    private(set) var engine = Limits()
    private(set) var transport = TransportLimits()

    /// - Throws: `ValidationError` that names the flag, what was expected and what came.
    static func read(_ settings: Settings) async throws -> LimitSettings {
        var limits = LimitSettings()
        var seen: Set<String> = []
        for text in try await settings.strings("limit") {
            let name = try limits.set(text)
            guard seen.insert(name).inserted else {
                throw ValidationError("--limit: expected \(name) once, got it again in '\(text)'")
            }
        }
        if let rate = try await settings.int("rate-limit") {
            guard !seen.contains("calls_per_minute_max") else {
                throw ValidationError(
                    "--rate-limit is --limit calls_per_minute_max; expected one of them, got both")
            }
            guard (1...6_000_000).contains(rate) else {
                throw ValidationError(
                    "--rate-limit: expected 1 to 6000000 calls a minute, got \(rate)")
            }
            limits.engine.callsPerMinuteMax = rate
        }
        return limits
    }

    /// - Parameter text: `NAME=NUMBER`.
    /// - Returns: the name.
    private mutating func set(_ text: String) throws -> String {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw ValidationError("--limit: expected NAME=NUMBER, got '\(text)'")
        }
        let name = String(parts[0])
        if let limit = Limits.named.first(where: { $0.name == name }), let range = limit.range {
            limit.set(try Self.number(parts[1], range, of: name), in: &engine)
        } else if let limit = TransportLimits.named.first(where: { $0.name == name }),
            let range = limit.range
        {
            limit.set(try Self.number(parts[1], range, of: name), in: &transport)
        } else {
            throw ValidationError(
                "--limit: '\(name)' is none that can be set; expected one of "
                    + Self.names.joined(separator: ", "))
        }
        return name
    }

    private static func number(
        _ text: Substring, _ range: ClosedRange<Int64>, of name: String
    ) throws -> Int64 {
        guard let number = Int64(text), range.contains(number) else {
            throw ValidationError(
                "--limit: expected \(name) of \(range.lowerBound) to \(range.upperBound), got "
                    + "'\(text)'")
        }
        return number
    }

    /// Of those that can be set.
    private static let names =
        (Limits.named.filter { $0.range != nil }.map(\.name)
        + TransportLimits.named.filter { $0.range != nil }.map(\.name)).sorted()
}

extension TransportLimits {
    /// Those that docs/operations.md lists.
    static let named: [NamedLimit<TransportLimits>] = [
        .init("connections_max", \.connectionsMax, .times(10), in: usual),
        .init("calls_per_connection_max", \.callsPerConnectionMax, .times(10), in: usual),
        .init("message_bytes_max", \.messageBytesMax, .none, in: usual),
        .init("metadata_bytes_max", \.metadataBytesMax, .none, in: usual),
        .init(seconds: "handshake_seconds_max", \.handshakeTimeout, .times(10), in: usual),
        .init(seconds: "idle_seconds_max", \.idleTimeout, .times(10), in: usual),
        .init(seconds: "write_stall_seconds_max", \.writeStallTimeout, .times(10), in: usual),
    ]

    /// Their values, by name.
    var byName: [String: Int64] {
        Dictionary(uniqueKeysWithValues: Self.named.map { ($0.name, $0.value(in: self)) })
    }

    /// The defaults.
    private static let usual = TransportLimits()
}

internal import ArgumentParser
internal import Foundation
internal import Operations

/// What `signalbox serve` was told about JSON Web Tokens, checked.
struct WebTokenSettings: Sendable {
    /// Where the issuer's keys are.
    enum Keys: Sendable, Equatable {
        case file(String)
        case url(String)
    }

    let rules: JWTRules
    let keys: Keys

    /// nil: no token of that kind is believed.
    /// - Throws: `ValidationError` that names the flag, what was expected and what came.
    static func read(_ settings: Settings) async throws -> WebTokenSettings? {
        let place = try await settings.string("jwt-jwks")
        guard let issuer = try await settings.string("jwt-issuer") else {
            guard place == nil else { throw ValidationError("--jwt-jwks needs --jwt-issuer") }
            return nil
        }
        let audiences = try await settings.strings("jwt-audience")
        guard !audiences.isEmpty else {
            throw ValidationError("--jwt-issuer needs --jwt-audience: whom its tokens are for")
        }
        guard let place else {
            throw ValidationError("--jwt-issuer needs --jwt-jwks: a file or an https URL")
        }
        var rules = JWTRules(issuer: issuer, audiences: audiences)
        let algorithms = try await settings.strings("jwt-algorithm")
        for algorithm in algorithms where !JWTRules.algorithmsKnown.contains(algorithm) {
            throw ValidationError(
                "--jwt-algorithm: expected one of "
                    + JWTRules.algorithmsKnown.joined(separator: ", ") + ", got '\(algorithm)'")
        }
        if !algorithms.isEmpty { rules.algorithms = Set(algorithms) }
        let leeway = try await settings.int("jwt-leeway") ?? 60
        guard (0...600).contains(leeway) else {
            throw ValidationError("--jwt-leeway: expected 0 to 600 seconds, got \(leeway)")
        }
        rules.leeway = .seconds(leeway)
        rules.subjectClaim = try await settings.string("jwt-subject-claim") ?? "sub"
        rules.workspaceClaim = try await settings.string("jwt-workspace-claim")
        rules.roleClaim = try await settings.string("jwt-role-claim")
        rules.groupsClaim = try await settings.string("jwt-groups-claim")
        return WebTokenSettings(rules: rules, keys: try keys(place))
    }

    /// Keys over plain HTTP could be anybody's, save on the same machine.
    private static func keys(_ place: String) throws -> Keys {
        guard place.contains("://") else { return .file(place) }
        guard let url = URL(string: place), let host = url.host,
            url.scheme == "https"
                || (url.scheme == "http" && HostAndPort(host: host, port: 0).isLoopback)
        else {
            throw ValidationError(
                "--jwt-jwks: expected a file, an https URL or an http URL of this machine, got "
                    + "'\(place)'")
        }
        return .url(place)
    }
}

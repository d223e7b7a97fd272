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
    static func read(_ settings: Settings) throws -> WebTokenSettings? {
        let others = [
            "jwt-audience", "jwt-jwks", "jwt-algorithm", "jwt-leeway", "jwt-subject-claim",
            "jwt-workspace-claim", "jwt-role-claim", "jwt-groups-claim",
        ]
        guard let issuer = settings.string("jwt-issuer") else {
            if let other = others.first(where: { settings.string($0) != nil }) {
                throw ValidationError("--\(other) needs --jwt-issuer")
            }
            return nil
        }
        let audiences = settings.strings("jwt-audience")
        guard !audiences.isEmpty else {
            throw ValidationError("--jwt-issuer needs --jwt-audience: whom its tokens are for")
        }
        guard let place = settings.string("jwt-jwks") else {
            throw ValidationError("--jwt-issuer needs --jwt-jwks: a file or an https URL")
        }
        var rules = JWTRules(issuer: issuer, audiences: audiences)
        let algorithms = settings.strings("jwt-algorithm")
        for algorithm in algorithms where !JWTRules.algorithmsKnown.contains(algorithm) {
            throw ValidationError(
                "--jwt-algorithm: expected one of "
                    + JWTRules.algorithmsKnown.joined(separator: ", ") + ", got '\(algorithm)'")
        }
        if !algorithms.isEmpty { rules.algorithms = Set(algorithms) }
        let leeway = settings.int("jwt-leeway") ?? 60
        guard (0...600).contains(leeway) else {
            throw ValidationError("--jwt-leeway: expected 0 to 600 seconds, got \(leeway)")
        }
        rules.leeway = .seconds(leeway)
        rules.subjectClaim = settings.string("jwt-subject-claim") ?? "sub"
        rules.workspaceClaim = settings.string("jwt-workspace-claim")
        rules.roleClaim = settings.string("jwt-role-claim")
        rules.groupsClaim = settings.string("jwt-groups-claim")
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

import Foundation
import Logging
import Model
import Synchronization

@testable import Operations

/// An issuer of JSON Web Tokens with real keys, whose keys and clock a test holds in hand.
final class Issuer: JWKSSource, Environment {
    static let rules: JWTRules = {
        var rules = JWTRules(issuer: "https://issuer.test", audiences: ["signalbox"])
        rules.workspaceClaim = "workspace"
        rules.roleClaim = "role"
        rules.groupsClaim = "/realm/groups"
        return rules
    }()
    /// 2026-01-01T00:00:00Z.
    static let start = WallTime(microseconds: 1_767_225_600_000_000)

    struct Unreachable: Error {}

    private let state = Mutex((now: start, document: "", reads: 0, isReachable: true))

    init(_ keys: String...) {
        publish(keys)
    }

    var reads: Int { state.withLock { $0.reads } }

    func publish(_ keys: [String]) {
        state.withLock { $0.document = #"{"keys":[\#(keys.joined(separator: ","))]}"# }
    }

    func disappear() { state.withLock { $0.isReachable = false } }

    func pass(_ duration: Duration) {
        state.withLock { $0.now = $0.now.advanced(by: duration) }
    }

    func read(bytesMax: Int) async throws -> [UInt8] {
        try state.withLock { state in
            state.reads += 1
            guard state.isReachable else { throw Unreachable() }
            return Array(state.document.utf8)
        }
    }

    func now() -> WallTime { state.withLock { $0.now } }
    func sleep(until instant: WallTime) async {}
    func random() -> UInt64 { 4 }

    func verifier(_ rules: JWTRules = rules) -> JWTVerifier {
        JWTVerifier(
            rules: rules, source: self, environment: self,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }
}

extension JWTVerifier {
    /// What a token means, as a caller asks.
    func meaning(_ text: String) async -> JWTRules.Meaning? {
        await meaning(text, hash: TokenSecret.hash(text))
    }
}

/// Claims that are believed at `Issuer.start`, with changes.
func claims(_ changes: String = "", without name: String = "") -> String {
    var members = [
        "iss": #""https://issuer.test""#, "aud": #""signalbox""#, "sub": #""ada@example.com""#,
        "exp": "1767229200", "workspace": #""acme""#, "role": #""operator""#,
    ]
    members[name] = nil
    let text = members.map { "\"\($0)\":\($1)" }.joined(separator: ",")
    return changes.isEmpty ? "{\(text)}" : "{\(text),\(changes)}"
}

internal import Cryptography
internal import JSON
internal import Messages
internal import Model

/// What a JSON Web Token must say to be believed, and what it then means: the operator's
/// configuration, and the decision as a value.
package struct JWTRules: Sendable, Equatable {
    /// Every algorithm that may be configured. None of them is symmetric: with those, a public key
    /// would sign.
    package static let algorithmsKnown = SignatureAlgorithm.allCases.map(\.rawValue)

    /// `iss` must be this.
    package var issuer: String
    /// `aud` must name one of these.
    package var audiences: [String]
    /// `alg` must be one of these.
    package var algorithms: Set<String> = Set(algorithmsKnown)
    /// How far clocks may differ.
    package var leeway = Duration.seconds(60)
    /// Who it is.
    package var subjectClaim = "sub"
    /// The workspace's id or UUID; nil: users have none of their own and are members.
    package var workspaceClaim: String?
    /// The role in that workspace; of several the highest.
    package var roleClaim: String?
    /// Groups for interrupts.
    package var groupsClaim: String?

    package init(issuer: String, audiences: [String]) {
        self.issuer = issuer
        self.audiences = audiences
    }

    /// What a token that was believed means.
    struct Meaning: Sendable, Equatable {
        let principal: Principal
        /// It must not be believed from then on.
        let expiresAt: WallTime
    }

    /// Why a token is not believed; for the log at debug, never for the caller.
    enum Fault: Error, Equatable {
        case issuer
        case audience
        case expired
        case notYetValid
        case subject
        case claim(String)
    }

    /// Checks the claims of a token whose signature is right.
    func meaning(_ claims: JSONObject, now: WallTime) throws(Fault) -> Meaning {
        guard claims["iss"]?.stringValue == issuer else { throw .issuer }
        guard !Set(texts(claims["aud"]) ?? []).isDisjoint(with: audiences) else { throw .audience }
        guard let expiry = try instant(claims, "exp") else { throw .claim("exp") }
        let end = expiry.advanced(by: leeway)
        guard now < end else { throw .expired }
        for name in ["nbf", "iat"] {
            guard let start = try instant(claims, name) else { continue }
            guard start <= now.advanced(by: leeway) else { throw .notYetValid }
        }
        guard let subject = value(claims, subjectClaim)?.stringValue, !subject.isEmpty,
            subject.utf8.count <= 256,
            subject.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 })
        else { throw .subject }
        return Meaning(
            principal: Principal(
                name: "user:\(subject)", workspaceID: try workspace(claims),
                role: try role(claims), groups: try groups(claims)),
            expiresAt: end)
    }

    private func workspace(_ claims: JSONObject) throws(Fault) -> String {
        guard let workspaceClaim, let value = value(claims, workspaceClaim) else { return "" }
        guard let name = value.stringValue, name.utf8.count <= Authoriser.idBytesMax else {
            throw .claim(workspaceClaim)
        }
        return name
    }

    private func role(_ claims: JSONObject) throws(Fault) -> Role {
        guard let roleClaim, let value = value(claims, roleClaim) else { return .unspecified }
        guard let words = texts(value) else { throw .claim(roleClaim) }
        // Words of others' are no fault: the claim often names roles of other services too.
        let roles = words.compactMap { Role(claimWord: $0) }
        return roles.max { !Authoriser.permits($0, $1) } ?? .unspecified
    }

    private func groups(_ claims: JSONObject) throws(Fault) -> [String] {
        guard let groupsClaim, let value = value(claims, groupsClaim) else { return [] }
        guard let groups = texts(value), groups.count <= 256 else { throw .claim(groupsClaim) }
        return groups
    }

    /// A claim by its name or, where that begins with `/`, by a JSON Pointer.
    private func value(_ claims: JSONObject, _ name: String) -> JSONValue? {
        if let value = claims[name] { return value }
        guard name.hasPrefix("/"), let pointer = JSONPointer(parsing: name) else { return nil }
        return JSONValue.object(claims)[pointer]
    }

    /// One text or a list of them; nil for anything else.
    private func texts(_ value: JSONValue?) -> [String]? {
        if let text = value?.stringValue { return [text] }
        guard let elements = value?.arrayValue else { return nil }
        let texts = elements.compactMap(\.stringValue)
        return texts.count == elements.count ? texts : nil
    }

    /// A NumericDate (RFC 7519, section 2): seconds, also with a fraction.
    private func instant(_ claims: JSONObject, _ name: String) throws(Fault) -> WallTime? {
        guard let value = claims[name] else { return nil }
        guard let seconds = value.numberValue?.doubleValue, seconds.isFinite,
            abs(seconds) < 9_000_000_000_000
        else { throw .claim(name) }
        return WallTime(microseconds: Int64(seconds * 1_000_000))
    }
}

extension Role {
    /// A role by our word or by that of a dialect; none for the rest.
    fileprivate init?(claimWord word: String) {
        switch word.lowercased() {
        case "owner": self = .admin
        case "builder": self = .editor
        case let word: self.init(word: word)
        }
    }
}

/// The signatures of JSON Web Tokens that a public key verifies, by their names there (RFC 7518, section
/// 3.1; RFC 8037, section 3.1).
package enum SignatureAlgorithm: String, Sendable, CaseIterable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"

    /// OpenSSL's name of the digest; nil: the signature hashes by itself.
    var digest: String? {
        switch self {
        case .rs256, .ps256, .es256: "SHA256"
        case .rs384, .ps384, .es384: "SHA384"
        case .rs512, .ps512, .es512: "SHA512"
        case .edDSA: nil
        }
    }

    var isPSS: Bool { [.ps256, .ps384, .ps512].contains(self) }
}

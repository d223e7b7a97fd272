internal import JSON

/// A JSON Web Token as it came, taken apart and not yet believed (RFC 7519; JWS compact form, RFC
/// 7515, section 7.1).
///
/// ```
/// base64url(header JSON) . base64url(payload JSON) . base64url(signature)
/// ```
struct JWTText: Sendable {
    /// Longer ones are not looked at.
    static let bytesMax = 8 << 10

    /// The signature's algorithm, as the header claims.
    let algorithm: String
    /// Which key signed it; nil: the header does not say.
    let keyID: String?
    let claims: JSONObject
    /// The bytes that are signed: the first two parts with their dot.
    let signed: [UInt8]
    let signature: [UInt8]

    /// nil for what is none, has a name twice, or asks for extensions (`crit`), none of which are
    /// known here.
    init?(_ text: String) {
        guard text.utf8.count <= Self.bytesMax else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]),
            let claims = Self.object(parts[1]), let signature = Base64URL.decode(parts[2]),
            let algorithm = header["alg"]?.stringValue, header["crit"] == nil
        else { return nil }
        if let keyID = header["kid"] {
            guard let name = keyID.stringValue else { return nil }
            self.keyID = name
        } else {
            keyID = nil
        }
        self.algorithm = algorithm
        self.claims = claims
        signed = Array(parts[0].utf8) + [UInt8(ascii: ".")] + Array(parts[1].utf8)
        self.signature = signature
    }

    private static func object(_ part: Substring) -> JSONObject? {
        guard let bytes = Base64URL.decode(part) else { return nil }
        return try? JSONValue(
            parsing: bytes, limits: JSONLimits(bytesMax: bytesMax, depthMax: 16)
        ).objectValue
    }

    /// Whether a credential looks like one: its header is a JSON object.
    static func isLikely(_ text: String) -> Bool { text.hasPrefix("eyJ") }
}

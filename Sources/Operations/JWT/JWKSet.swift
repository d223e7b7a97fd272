internal import Cryptography
internal import JSON

/// The public keys that an issuer signs with (RFC 7517, section 5), each for the algorithms that
/// are allowed and fit it. Which key may be used with which algorithm is decided here, from the key;
/// what a token's header says selects among that and adds nothing.
struct JWKSet: Sendable {
    /// Larger documents are refused.
    static let bytesMax = 256 << 10
    /// Further keys are not read.
    static let keysMax = 64

    /// Checks the signatures of one key with one algorithm.
    struct Key: Sendable {
        let id: String?
        let algorithm: SignatureAlgorithm
        fileprivate let key: PublicKey

        /// Whether `signature` is of `bytes` with this key.
        func verifies(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
            key.verifies(signature, of: bytes, algorithm)
        }
    }

    private(set) var keys: [Key] = []

    /// Why a document is no key set.
    struct Malformed: Error, Equatable {
        let message: String
    }

    /// Reads a key set. Keys of other kinds, for other uses or that are broken are left out, so that
    /// an issuer may add kinds that we do not know; symmetric ones are of such a kind.
    init(_ bytes: [UInt8], algorithms: Set<String>) throws(Malformed) {
        let limits = JSONLimits(bytesMax: Self.bytesMax, depthMax: 16)
        let document = try? JSONValue(parsing: bytes, limits: limits)
        guard let elements = document?.objectValue?["keys"]?.arrayValue else {
            throw Malformed(message: "expected a JSON object with an array 'keys'")
        }
        for element in elements.prefix(Self.keysMax) {
            guard let fields = element.objectValue else { continue }
            guard Self.isForSignatures(fields), let key = Self.key(fields) else { continue }
            for algorithm in SignatureAlgorithm.allCases
            where algorithms.contains(algorithm.rawValue) && key.fits(algorithm)
                && Self.allows(fields, algorithm)
            {
                keys.append(Key(id: fields["kid"]?.stringValue, algorithm: algorithm, key: key))
            }
        }
    }

    /// The key for a token; one without `kid` is for the only key of its algorithm.
    func key(id: String?, algorithm: String) -> Key? {
        let fitting = keys.filter { $0.algorithm.rawValue == algorithm }
        guard let id else { return fitting.count == 1 ? fitting.first : nil }
        return fitting.first { $0.id == id }
    }

    /// Whether a key says of itself that it verifies signatures, or nothing (RFC 7517, sections 4.2, 4.3).
    private static func isForSignatures(_ fields: JSONObject) -> Bool {
        if let use = fields["use"], use.stringValue != "sig" { return false }
        guard let operations = fields["key_ops"] else { return true }
        return operations.arrayValue?.contains("verify") ?? false
    }

    /// A key may be for one algorithm alone (RFC 7517, section 4.4).
    private static func allows(_ fields: JSONObject, _ algorithm: SignatureAlgorithm) -> Bool {
        guard let declared = fields["alg"] else { return true }
        return declared.stringValue == algorithm.rawValue
    }

    /// Made of the public fields alone (RFC 7518, section 6; RFC 8037, section 2); nil for other kinds and for
    /// keys that are broken or too weak.
    private static func key(_ fields: JSONObject) -> PublicKey? {
        func bytes(_ name: String) -> [UInt8]? {
            fields[name]?.stringValue.flatMap(Base64URL.decode)
        }
        switch fields["kty"]?.stringValue {
        case "RSA":
            guard let modulus = bytes("n"), let exponent = bytes("e") else { return nil }
            return PublicKey(modulus: modulus, exponent: exponent)
        case "EC":
            guard let name = fields["crv"]?.stringValue,
                let curve = PublicKey.Curve(rawValue: name),
                let x = bytes("x"), let y = bytes("y")
            else { return nil }
            return PublicKey(curve, x: x, y: y)
        case "OKP" where fields["crv"]?.stringValue == "Ed25519":
            return bytes("x").flatMap(PublicKey.init(ed25519:))
        default: return nil
        }
    }
}

internal import Foundation
internal import JSON
internal import JWTKit

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
        let algorithm: String
        fileprivate let verifier: any JWTAlgorithm

        /// Whether `signature` is of `bytes` with this key.
        func verifies(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
            (try? verifier.verify(signature, signs: bytes)) ?? false
        }
    }

    private(set) var keys: [Key] = []

    /// Why a document is no key set.
    struct Malformed: Error, Equatable {
        let message: String
    }

    /// Reads a key set. Keys of other kinds, for other uses or that are broken are left out, so that
    /// an issuer may add kinds that we do not know; symmetric ones are of such a kind.
    init(_ bytes: [UInt8], algorithms: Set<String>) async throws(Malformed) {
        let limits = JSONLimits(bytesMax: Self.bytesMax, depthMax: 16)
        let document = try? JSONValue(parsing: bytes, limits: limits)
        guard let elements = document?.objectValue?["keys"]?.arrayValue else {
            throw Malformed(message: "expected a JSON object with an array 'keys'")
        }
        for element in elements.prefix(Self.keysMax) {
            guard let fields = element.objectValue else { continue }
            for algorithm in Self.algorithms(fields) where algorithms.contains(algorithm) {
                guard let verifier = await Self.verifier(fields, algorithm) else { continue }
                keys.append(
                    Key(id: fields["kid"]?.stringValue, algorithm: algorithm, verifier: verifier))
            }
        }
    }

    /// The key for a token; one without `kid` is for the only key of its algorithm.
    func key(id: String?, algorithm: String) -> Key? {
        let fitting = keys.filter { $0.algorithm == algorithm }
        guard let id else { return fitting.count == 1 ? fitting.first : nil }
        return fitting.first { $0.id == id }
    }

    /// The algorithms that fit a key, by its own kind.
    private static func algorithms(_ fields: JSONObject) -> [String] {
        if let use = fields["use"], use.stringValue != "sig" { return [] }
        if let operations = fields["key_ops"]?.arrayValue, !operations.contains("verify") {
            return []
        }
        let fitting: [String] =
            switch (fields["kty"]?.stringValue, fields["crv"]?.stringValue) {
            case ("RSA", _): ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
            case ("EC", "P-256"): ["ES256"]
            case ("EC", "P-384"): ["ES384"]
            case ("EC", "P-521"): ["ES512"]
            case ("OKP", "Ed25519"): ["EdDSA"]
            default: []
            }
        guard let declared = fields["alg"] else { return fitting }
        return fitting.filter { $0 == declared.stringValue }
    }

    /// Made of the public fields alone, for this algorithm alone.
    private static func verifier(_ fields: JSONObject, _ name: String) async
        -> (any JWTAlgorithm)?
    {
        let id = JWKIdentifier(string: "key")
        guard let algorithm = JWK.Algorithm(rawValue: name) else { return nil }
        let key: JWK
        switch fields["kty"]?.stringValue {
        case "RSA":
            key = .rsa(
                algorithm, identifier: id, modulus: fields["n"]?.stringValue,
                exponent: fields["e"]?.stringValue)
        case "EC":
            guard let curve = fields["crv"]?.stringValue.flatMap(ECDSACurve.init(rawValue:)) else {
                return nil
            }
            key = .ecdsa(
                algorithm, identifier: id, x: fields["x"]?.stringValue,
                y: fields["y"]?.stringValue, curve: curve)
        default:
            key = .octetKeyPair(
                algorithm, identifier: id, x: fields["x"]?.stringValue, y: nil, curve: .ed25519)
        }
        // A collection of this one key: in a larger one an unknown id would fall back to the first.
        guard let verifier = try? await JWTKeyCollection().add(jwk: key).getKey(for: id, alg: name),
            verifier.name == name
        else { return nil }
        return verifier
    }
}

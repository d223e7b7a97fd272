internal import CCrypto

/// A key that tells whether who holds its private half signed something. Any thread.
@safe package final class PublicKey: Sendable {
    /// The curves of ECDSA, by their names in JSON Web Keys.
    package enum Curve: String, Sendable {
        case p256 = "P-256"
        case p384 = "P-384"
        case p521 = "P-521"

        /// The length of a coordinate, and of half a signature, in bytes.
        var coordinateCount: Int {
            switch self {
            case .p256: 32
            case .p384: 48
            case .p521: 66
            }
        }
    }

    private enum Kind: Equatable {
        case rsa
        case elliptic(Curve)
        case ed25519
    }

    /// The least bits of an RSA modulus: shorter ones are not safe.
    package static let modulusBitsMin = 2_048
    /// The most: each check of a signature takes longer with longer ones.
    package static let modulusBitsMax = 8_192
    private static let exponentBytesMax = 8

    private let kind: Kind
    // Never changed after it was made, which makes it safe for many threads.
    nonisolated(unsafe) private let key: OpaquePointer

    /// An RSA key from its numbers, big-endian; nil for what is none or has no length allowed.
    package convenience init?(modulus: [UInt8], exponent: [UInt8]) {
        let digits = modulus.drop { $0 == 0 }
        let bits = digits.count * 8 - (digits.first?.leadingZeroBitCount ?? 0)
        guard (Self.modulusBitsMin...Self.modulusBitsMax).contains(bits),
            (1...Self.exponentBytesMax).contains(exponent.count)
        else { return nil }
        let key = unsafe withoutErrors {
            unsafe CCrypto_rsa_key(
                modulus, Int32(modulus.count), exponent, Int32(exponent.count))
        }
        unsafe self.init(.rsa, key)
    }

    /// A key of ECDSA from the point's coordinates, each as long as the curve's field; nil for a point that is
    /// not on the curve.
    package convenience init?(_ curve: Curve, x: [UInt8], y: [UInt8]) {
        guard x.count == curve.coordinateCount, y.count == curve.coordinateCount else { return nil }
        let point = [4] + x + y
        let key = unsafe withoutErrors {
            unsafe CCrypto_ec_key(curve.rawValue, point, point.count)
        }
        unsafe self.init(.elliptic(curve), key)
    }

    /// A key of Ed25519: 32 bytes (RFC 8032, section 5.1.5).
    package convenience init?(ed25519 bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        let key = unsafe withoutErrors {
            unsafe EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, bytes, bytes.count)
        }
        unsafe self.init(.ed25519, key)
    }

    private init?(_ kind: Kind, _ key: OpaquePointer?) {
        guard let key = unsafe key else { return nil }
        self.kind = kind
        unsafe self.key = unsafe key
    }

    deinit {
        unsafe EVP_PKEY_free(key)
    }

    /// Whether keys of this kind make such signatures.
    package func fits(_ algorithm: SignatureAlgorithm) -> Bool {
        switch algorithm {
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: kind == .rsa
        case .es256: kind == .elliptic(.p256)
        case .es384: kind == .elliptic(.p384)
        case .es512: kind == .elliptic(.p521)
        case .edDSA: kind == .ed25519
        }
    }

    /// Whether `signature`, in the form of JSON Web Signatures, is of `bytes`. False where the algorithm does
    /// not fit the key.
    package func verifies(
        _ signature: [UInt8], of bytes: [UInt8], _ algorithm: SignatureAlgorithm
    ) -> Bool {
        guard fits(algorithm) else { return false }
        return withoutErrors {
            guard let signature = encoded(signature) else { return false }
            return unsafe CCrypto_verifies(
                key, algorithm.digest, algorithm.isPSS ? 1 : 0, signature, signature.count, bytes,
                bytes.count) == 1
        }
    }

    /// A signature in the form that OpenSSL wants: that of ECDSA, two numbers side by side (RFC 7518, section
    /// 3.4), in ASN.1.
    private func encoded(_ signature: [UInt8]) -> [UInt8]? {
        guard case .elliptic(let curve) = kind else { return signature }
        guard signature.count == 2 * curve.coordinateCount else { return nil }
        var der: UnsafeMutablePointer<UInt8>?
        let count = unsafe CCrypto_ecdsa_der(signature, Int32(signature.count), &der)
        defer { unsafe CCrypto_free(der) }
        return unsafe Array(UnsafeBufferPointer(start: der, count: Int(count)))
    }
}

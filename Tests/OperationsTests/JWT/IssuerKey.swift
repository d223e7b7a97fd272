import CCrypto

@testable import Operations

/// A key pair of an issuer, on the curve P-256.
@safe final class IssuerKey: Sendable {
    let id: String
    /// 0x04, x and y.
    private let point: [UInt8]
    nonisolated(unsafe) private let key: OpaquePointer

    init(id: String) {
        self.id = id
        guard let key = unsafe CCrypto_new_p256_key() else { fatalError("no key") }
        unsafe self.key = unsafe key
        var point = [UInt8](repeating: 0, count: 65)
        var count = 0
        let isTold = unsafe EVP_PKEY_get_octet_string_param(
            key, OSSL_PKEY_PARAM_PUB_KEY, &point, point.count, &count)
        precondition(isTold == 1 && count == 65)
        self.point = point
    }

    deinit {
        unsafe EVP_PKEY_free(key)
    }

    /// As a JWK.
    func published(_ more: String = #""use":"sig""#) -> String {
        """
        {"kty":"EC","crv":"P-256","kid":"\(id)","x":"\(Base64URL.encode(point[1...32]))",\
        "y":"\(Base64URL.encode(point[33...]))",\(more)}
        """
    }

    /// The bytes everybody knows.
    var publicBytes: [UInt8] { point }

    func sign(_ claims: String, header: String? = nil) throws -> String {
        let header = header ?? #"{"alg":"ES256","kid":"\#(id)"}"#
        let signed = "\(Base64URL.encode(header.utf8)).\(Base64URL.encode(claims.utf8))"
        return "\(signed).\(Base64URL.encode(signature(of: Array(signed.utf8))))"
    }

    /// r and s, 32 bytes each.
    private func signature(of bytes: [UInt8]) -> [UInt8] {
        let context = unsafe EVP_MD_CTX_new()
        defer { unsafe EVP_MD_CTX_free(context) }
        var der = [UInt8](repeating: 0, count: 80)
        var count = der.count
        let isDone =
            unsafe EVP_DigestSignInit_ex(context, nil, "SHA256", nil, nil, key, nil) == 1
            && EVP_DigestSign(context, &der, &count, bytes, bytes.count) == 1
        precondition(isDone)
        // A sequence of two integers, each with its length in one byte.
        let rEnd = 4 + Int(der[3])
        let sEnd = rEnd + 2 + Int(der[rEnd + 1])
        return [der[4..<rEnd], der[(rEnd + 2)..<sEnd]].flatMap { number in
            let digits = number.drop { $0 == 0 }
            return [UInt8](repeating: 0, count: 32 - digits.count) + digits
        }
    }
}

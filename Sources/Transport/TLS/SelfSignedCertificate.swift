internal import COpenSSL

/// A certificate that vouches for itself, with its new P-256 key: for a server that was given none.
package struct SelfSignedCertificate: Sendable {
    /// The certificate, PEM.
    package let certificatePEM: String
    /// Its key, PKCS #8 in PEM, not encrypted.
    package let privateKeyPEM: String

    /// Makes one that is valid from now on for `days` days.
    /// - Parameter alternativeNames: in OpenSSL's words, such as `DNS:localhost,IP:127.0.0.1`.
    /// - Throws: `TLSError.Code.configuration`.
    package init(
        organization: String, commonName: String, alternativeNames: String, days: Int
    ) throws(TLSError) {
        guard let key = unsafe COpenSSL_new_p256_key(), let certificate = unsafe X509_new() else {
            throw .takingReasons(.configuration, "cannot make a key")
        }
        defer {
            unsafe EVP_PKEY_free(key)
            unsafe X509_free(certificate)
        }
        var serial = [UInt8](repeating: 0, count: 8)
        let name = unsafe X509_get_subject_name(certificate)
        guard unsafe RAND_bytes(&serial, Int32(serial.count)) == 1,
            // Version 3; a serial number is positive.
            unsafe X509_set_version(certificate, 2) == 1,
            unsafe ASN1_INTEGER_set_uint64(
                X509_get_serialNumber(certificate),
                serial.reduce(0) { $0 << 8 | UInt64($1) } >> 1 | 1) == 1,
            unsafe X509_gmtime_adj(X509_getm_notBefore(certificate), 0) != nil,
            unsafe X509_gmtime_adj(X509_getm_notAfter(certificate), days * 86_400) != nil,
            unsafe X509_set_pubkey(certificate, key) == 1,
            unsafe X509_NAME_add_entry_by_txt(
                name, "O", MBSTRING_FLAG, organization, -1, -1, 0) == 1,
            unsafe X509_NAME_add_entry_by_txt(
                name, "CN", MBSTRING_FLAG, commonName, -1, -1, 0) == 1,
            unsafe X509_set_issuer_name(certificate, name) == 1,
            unsafe Self.add(NID_subject_alt_name, alternativeNames, to: certificate),
            unsafe Self.add(NID_basic_constraints, "critical,CA:TRUE", to: certificate),
            unsafe Self.add(NID_subject_key_identifier, "hash", to: certificate),
            unsafe X509_sign(certificate, key, EVP_sha256()) > 0
        else { throw .takingReasons(.configuration, "cannot make a certificate") }
        certificatePEM = try unsafe Self.text { unsafe PEM_write_bio_X509($0, certificate) }
        privateKeyPEM = try unsafe Self.text {
            unsafe PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil)
        }
    }

    private static func add(_ extensionID: Int32, _ value: String, to certificate: OpaquePointer)
        -> Bool
    {
        var context = unsafe X509V3_CTX()
        unsafe X509V3_set_ctx(&context, certificate, certificate, nil, nil, 0)
        guard let made = unsafe X509V3_EXT_conf_nid(nil, &context, extensionID, value) else {
            return false
        }
        defer { unsafe X509_EXTENSION_free(made) }
        return unsafe X509_add_ext(certificate, made, -1) == 1
    }

    private static func text(_ write: (OpaquePointer) -> Int32) throws(TLSError) -> String {
        guard let output = unsafe COpenSSL_new_memory_bio() else {
            throw .takingReasons(.configuration, "no memory for a certificate")
        }
        defer { unsafe BIO_free(output) }
        guard unsafe write(output) == 1 else {
            throw .takingReasons(.configuration, "cannot write a certificate")
        }
        var bytes = unsafe [UInt8](repeating: 0, count: COpenSSL_pending(output))
        let count = unsafe BIO_read(output, &bytes, Int32(bytes.count))
        return String(decoding: bytes.prefix(Int(max(0, count))), as: UTF8.self)
    }
}

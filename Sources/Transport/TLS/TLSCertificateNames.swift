internal import COpenSSL

/// The names in a certificate's subject.
package struct TLSCertificateNames: Sendable, Equatable {
    /// The whole subject, RFC 2253: the last component first, special characters escaped.
    package let subject: String
    /// The subject's last common name; empty if it has none.
    package let commonName: String

    /// Reads a certificate that stays its owner's.
    init?(borrowing certificate: OpaquePointer) {
        guard let name = unsafe X509_get_subject_name(certificate),
            let subject = unsafe Self.text(of: name)
        else { return nil }
        self.subject = subject
        commonName = unsafe Self.commonName(of: name) ?? ""
    }

    private static func text(of name: OpaquePointer) -> String? {
        guard let memory = unsafe COpenSSL_new_memory_bio() else { return nil }
        defer { unsafe BIO_free(memory) }
        guard unsafe X509_NAME_print_ex(memory, name, 0, COpenSSL_rfc2253_flags()) >= 0 else {
            return nil
        }
        var start: UnsafePointer<CChar>?
        let count = unsafe COpenSSL_memory_contents(memory, &start)
        guard count > 0, let start = unsafe start else { return "" }
        return unsafe String(
            decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }

    private static func commonName(of name: OpaquePointer) -> String? {
        var index: Int32 = -1
        while true {
            let next = unsafe X509_NAME_get_index_by_NID(name, NID_commonName, index)
            guard next >= 0 else { break }
            index = next
        }
        guard index >= 0, let entry = unsafe X509_NAME_get_entry(name, index),
            let value = unsafe X509_NAME_ENTRY_get_data(entry)
        else { return nil }
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = unsafe ASN1_STRING_to_UTF8(&bytes, value)
        guard count >= 0, let bytes = unsafe bytes else { return nil }
        defer { unsafe CRYPTO_free(bytes, #file, #line) }
        let text = unsafe String(
            decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
        // A NUL in a name is a known trick against programs that stop reading there.
        return text.utf8.contains(0) ? nil : text
    }
}

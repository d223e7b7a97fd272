/// What a secret may be called.
package enum SecretName {
    /// For people.
    package static let rule = "a letter or _, then up to 63 of A-Z a-z 0-9 _"

    /// Whether `name` follows ``rule``.
    package static func isValid(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 64 else { return false }
        func isLetter(_ byte: UInt8) -> Bool {
            (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
        }
        return isLetter(first)
            && name.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) }
    }
}

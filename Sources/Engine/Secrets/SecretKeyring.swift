internal import Cryptography
internal import Foundation

/// The operator's keys, which encrypt what must not lie readable in the store: AES-256-GCM, a random
/// nonce each time, bound to what it belongs to. The newest key encrypts, all of them decrypt.
package struct SecretKeyring: Sendable {
    private struct Key: Sendable {
        let id: String
        let bytes: [UInt8]
    }

    /// What is stored of something encrypted.
    package struct Sealed: Sendable, Equatable {
        /// Which key did it.
        package let keyID: String
        /// Nonce, ciphertext and tag.
        package let box: [UInt8]

        package init(keyID: String, box: [UInt8]) {
            self.keyID = keyID
            self.box = box
        }
    }

    /// Why keys or what they encrypted cannot be used.
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String

        init(_ description: String) { self.description = description }
    }

    /// The most keys held at once.
    package static let keysMax = 16

    private let keys: [Key]

    /// The key that encrypts.
    package var newestKeyID: String { keys.first?.id ?? "" }

    /// Reads keys, newest first: `ID:BASE64` each, of 32 bytes, on lines of their own or with commas
    /// between; a line that begins with `#` is a remark.
    /// - Throws: `Failure` that names the line and what was expected, never the key.
    package init(parsing text: String) throws(Failure) {
        var keys: [Key] = []
        for (index, line) in text.split(whereSeparator: { $0.isNewline || $0 == "," }).enumerated()
        {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("#") { continue }
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2, SecretName.isValid(parts[0]),
                let bytes = Data(base64Encoded: parts[1]), bytes.count == AES256GCM.keyCount
            else {
                throw Failure(
                    "key \(index + 1): expected NAME:KEY, where NAME is \(SecretName.rule) and KEY is 32 "
                        + "bytes in base64")
            }
            guard !keys.contains(where: { $0.id == parts[0] }) else {
                throw Failure("key \(index + 1): there is another key named '\(parts[0])'")
            }
            keys.append(Key(id: parts[0], bytes: Array(bytes)))
        }
        guard !keys.isEmpty else { throw Failure("expected at least one key, got none") }
        guard keys.count <= Self.keysMax else {
            throw Failure("expected at most \(Self.keysMax) keys, got \(keys.count)")
        }
        self.keys = keys
    }

    private init(_ keys: [Key]) { self.keys = keys }

    /// One random key that ends with this process: for tests, and stores that hold no secret.
    package static func ephemeral() -> SecretKeyring {
        SecretKeyring([Key(id: "ephemeral", bytes: RandomBytes.make(AES256GCM.keyCount))])
    }

    /// A new random key as a line of text.
    package static func makeKey(named id: String) -> String {
        "\(id):\(Data(RandomBytes.make(AES256GCM.keyCount)).base64EncodedString())\n"
    }

    /// Encrypts. `context` says what it belongs to, for example `secret/WORKSPACE/NAME`; it is needed to
    /// decrypt, so that nothing stored can be put in another place.
    package func seal(_ plaintext: [UInt8], for context: String) throws(Failure) -> Sealed {
        guard let newest = keys.first,
            let box = AES256GCM.seal(plaintext, key: newest.bytes, context: Array(context.utf8))
        else { throw Failure("the value cannot be encrypted") }
        return Sealed(keyID: newest.id, box: box)
    }

    /// Decrypts.
    /// - Throws: `Failure` if the key is not held or what is stored was changed.
    package func open(_ sealed: Sealed, for context: String) throws(Failure) -> [UInt8] {
        guard let key = keys.first(where: { $0.id == sealed.keyID }) else {
            throw Failure(
                "the key '\(sealed.keyID)', which encrypted it, is not among the server's")
        }
        guard
            let plaintext = AES256GCM.open(
                sealed.box, key: key.bytes, context: Array(context.utf8))
        else { throw Failure("what is stored is not what was encrypted") }
        return plaintext
    }

    /// What marks of secrets begin with in one execution, newest key first.
    func markPrefixes(executionID: String) -> [String] {
        codes(for: "mark/\(executionID)").map { SecretMark.head + $0 + "." }
    }

    /// What only a holder of the keys can say of `context`: 128 bits in hex by each key, newest first.
    func codes(for context: String) -> [String] {
        keys.map { key in
            let code = HMACSHA256.code(of: Array(context.utf8), key: key.bytes)
            return Hexadecimal.text(Array(code.prefix(16)))
        }
    }

    /// Whether `code` is one that a key gives for `context`. Takes as long wherever it differs.
    func isCode(_ code: Substring, for context: String) -> Bool {
        let given = Array(code.utf8)
        return codes(for: context).contains { right in
            let right = Array(right.utf8)
            guard right.count == given.count else { return false }
            return zip(right, given).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
        }
    }
}

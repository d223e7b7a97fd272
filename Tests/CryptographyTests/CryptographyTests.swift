import CCrypto
import Foundation
import Testing

@testable import Cryptography

/// Bytes from hexadecimal digits; none from anything else.
private func bytes(_ digits: String) -> [UInt8] {
    let digits = Array(digits.utf8)
    return stride(from: 0, to: digits.count, by: 2).compactMap { index in
        UInt8(String(decoding: digits[index..<(index + 2)], as: UTF8.self), radix: 16)
    }
}

struct DigestTests {
    /// FIPS 180-4's examples.
    @Test func `hashes are those of the standard`() {
        #expect(
            Digest.sha256.hash("abc".utf8)
                == bytes("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))
        #expect(
            Digest.sha256.hash([])
                == bytes("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"))
        #expect(
            Digest.sha1.hash("abc".utf8) == bytes("a9993e364706816aba3e25717850c26c9cd0d89d"))
    }

    @Test func `bytes that do not lie side by side hash as those that do`() {
        let text = Array("one after another".utf8)
        #expect(Digest.sha256.hash(text.lazy.map { $0 }) == Digest.sha256.hash(text))
    }
}

struct HMACSHA256Tests {
    /// RFC 4231, sections 4.2, 4.3 and 4.7 (a key longer than a block).
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0B, count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131),
            "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func `codes are those of the standard`(key: [UInt8], text: String, code: String) {
        let text = Array(text.utf8)
        #expect(HMACSHA256.code(of: text, key: key) == bytes(code))
        #expect(HMACSHA256.isCode(bytes(code), of: text, key: key))
        #expect(!HMACSHA256.isCode(bytes(code), of: text + [0], key: key))
        #expect(!HMACSHA256.isCode(bytes(code), of: text, key: key + [1]))
        #expect(!HMACSHA256.isCode(bytes(code).dropLast(), of: text, key: key))
        #expect(!HMACSHA256.isCode([], of: text, key: key))
    }

    @Test func `an empty key and an empty text have a code`() {
        let code = HMACSHA256.code(of: [], key: [])
        #expect(
            code == bytes("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"))
    }
}

struct AES256GCMTests {
    private static let key = bytes(
        "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")

    /// Test cases 13, 14 and 16 of the mode's submission to NIST.
    @Test func `boxes are those of the standard`() {
        let zeros = [UInt8](repeating: 0, count: 32)
        let nonce = [UInt8](repeating: 0, count: 12)
        #expect(
            AES256GCM.seal([], key: zeros, nonce: nonce, context: [])
                == nonce + bytes("530f8afbc74536b9a963b4f1c4cb738b"))
        #expect(
            AES256GCM.seal(
                [UInt8](repeating: 0, count: 16), key: zeros, nonce: nonce, context: [])
                == nonce
                + bytes("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"))
        let plaintext = bytes(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e24"
                + "49a6b525b16aedf5aa0de657ba637b39")
        let context = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2")
        let box = bytes(
            "cafebabefacedbaddecaf888522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d"
                + "551b")
        #expect(
            AES256GCM.seal(
                plaintext, key: Self.key, nonce: Array(box.prefix(12)), context: context) == box)
        #expect(AES256GCM.open(box, key: Self.key, context: context) == plaintext)
    }

    @Test(arguments: [0, 1, 15, 16, 17, 100_000])
    func `what was sealed opens, and never looks the same twice`(count: Int) throws {
        let plaintext = RandomBytes.make(count)
        let context = Array("secret/default/name".utf8)
        let box = try #require(AES256GCM.seal(plaintext, key: Self.key, context: context))
        #expect(AES256GCM.open(box, key: Self.key, context: context) == plaintext)
        #expect(AES256GCM.seal(plaintext, key: Self.key, context: context) != box)
        #expect(AES256GCM.open(box, key: RandomBytes.make(32), context: context) == nil)
        #expect(AES256GCM.open(box, key: Self.key, context: context + [0]) == nil)
        #expect(AES256GCM.open(box, key: Self.key, context: []) == nil)
    }

    @Test func `every changed bit and every missing byte is noticed`() throws {
        let box = try #require(AES256GCM.seal(Array("value".utf8), key: Self.key, context: [7]))
        for index in box.indices {
            var changed = box
            changed[index] ^= 1
            #expect(AES256GCM.open(changed, key: Self.key, context: [7]) == nil)
            #expect(AES256GCM.open(Array(box[..<index]), key: Self.key, context: [7]) == nil)
        }
        #expect(AES256GCM.open(box + [0], key: Self.key, context: [7]) == nil)
    }
}

struct PublicKeyTests {
    private static func decoded(_ text: String) -> [UInt8] {
        let base64 = text.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        return Data(base64Encoded: base64 + padding).map(Array.init) ?? []
    }

    private typealias Vectors = SignatureVectors
    private static let text = Array(SignatureVectors.text.utf8)
    private static let rsa = PublicKey(
        modulus: decoded(Vectors.modulus), exponent: decoded(Vectors.exponent))
    private static let p256 = PublicKey(
        .p256, x: decoded(Vectors.p256X), y: decoded(Vectors.p256Y))
    private static let p384 = PublicKey(
        .p384, x: decoded(Vectors.p384X), y: decoded(Vectors.p384Y))
    private static let p521 = PublicKey(
        .p521, x: decoded(Vectors.p521X), y: decoded(Vectors.p521Y))
    private static let ed25519 = PublicKey(ed25519: decoded(Vectors.ed25519))

    private static func key(_ algorithm: SignatureAlgorithm) throws -> PublicKey {
        let keys = [rsa, p256, p384, p521, ed25519].compactMap(\.self)
        #expect(keys.count == 5)
        let fitting = keys.filter { $0.fits(algorithm) }
        #expect(fitting.count == 1)
        return try #require(fitting.first)
    }

    private static func signature(_ algorithm: SignatureAlgorithm) throws -> [UInt8] {
        decoded(try #require(SignatureVectors.signatures[algorithm]))
    }

    @Test(arguments: SignatureAlgorithm.allCases)
    func `a signature made by others is verified`(algorithm: SignatureAlgorithm) throws {
        let signature = try Self.signature(algorithm)
        #expect(try Self.key(algorithm).verifies(signature, of: Self.text, algorithm))
    }

    @Test(arguments: SignatureAlgorithm.allCases)
    func `nothing but that signature is verified`(algorithm: SignatureAlgorithm) throws {
        let key = try Self.key(algorithm)
        let signature = try Self.signature(algorithm)
        #expect(!key.verifies(signature, of: Self.text + [0], algorithm))
        #expect(!key.verifies(signature + [0], of: Self.text, algorithm))
        #expect(!key.verifies([0] + signature, of: Self.text, algorithm))
        #expect(!key.verifies(signature.dropLast(), of: Self.text, algorithm))
        #expect(!key.verifies([], of: Self.text, algorithm))
        #expect(
            !key.verifies([UInt8](repeating: 0, count: signature.count), of: Self.text, algorithm))
        for index in signature.indices {
            var changed = signature
            changed[index] ^= 0x80
            #expect(!key.verifies(changed, of: Self.text, algorithm))
        }
        for other in SignatureAlgorithm.allCases where other != algorithm {
            #expect(!key.verifies(signature, of: Self.text, other))
        }
    }

    @Test func `a failed check leaves no error for TLS on the same thread`() throws {
        ERR_clear_error()
        let key = try Self.key(.rs256)
        #expect(!key.verifies([1, 2, 3], of: Self.text, .rs256))
        #expect(
            PublicKey(.p256, x: .init(repeating: 1, count: 32), y: .init(repeating: 1, count: 32))
                == nil)
        #expect(
            AES256GCM.open(
                .init(repeating: 0, count: 40), key: .init(repeating: 0, count: 32), context: [])
                == nil)
        #expect(ERR_peek_error() == 0)
    }

    @Test func `what is no key, or a weak one, is none`() {
        let modulus = Self.decoded(Vectors.modulus)
        #expect(PublicKey(modulus: [], exponent: [1, 0, 1]) == nil)
        #expect(PublicKey(modulus: modulus, exponent: []) == nil)
        // Even, one, and longer than any in use.
        #expect(PublicKey(modulus: modulus, exponent: [2]) == nil)
        #expect(PublicKey(modulus: modulus, exponent: [1]) == nil)
        #expect(PublicKey(modulus: modulus, exponent: .init(repeating: 1, count: 9)) == nil)
        #expect(PublicKey(modulus: modulus.dropLast() + [0], exponent: [1, 0, 1]) == nil)
        // 2,047 bits, and 8,193.
        var short = modulus
        short[0] = 0x7F
        #expect(PublicKey(modulus: short, exponent: [1, 0, 1]) == nil)
        #expect(
            PublicKey(modulus: [1] + .init(repeating: 1, count: 1_024), exponent: [1, 0, 1]) == nil)
        // Not on the curve, of another curve, at infinity.
        let x = Self.decoded(Vectors.p256X)
        var y = Self.decoded(Vectors.p256Y)
        y[31] ^= 1
        #expect(PublicKey(.p256, x: x, y: y) == nil)
        #expect(PublicKey(.p384, x: x, y: Self.decoded(Vectors.p256Y)) == nil)
        #expect(
            PublicKey(.p256, x: .init(repeating: 0, count: 32), y: .init(repeating: 0, count: 32))
                == nil)
        #expect(PublicKey(ed25519: .init(repeating: 0, count: 31)) == nil)
    }
}

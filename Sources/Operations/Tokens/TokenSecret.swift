internal import Crypto
internal import Foundation

/// A token's text: 256 random bits, shown once and stored as a hash only.
package enum TokenSecret {
    /// Longer texts are none of ours and are not even hashed.
    package static let bytesMax = 512

    /// A new secret.
    package static func make() -> String {
        let bits = unsafe SymmetricKey(size: .bits256).withUnsafeBytes { bytes in
            unsafe Data(bytes)
        }
        return "sb_"
            + bits.base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// What is stored of it: SHA-256 of its text.
    package static func hash(_ secret: String) -> [UInt8] {
        Array(SHA256.hash(data: Data(secret.utf8)))
    }
}

internal import Cryptography
internal import Foundation
internal import Messages
internal import Model

/// Whether a delivery comes from who knows a webhook's secret: a value, which knows no clock.
struct WebhookVerifier: Sendable {
    /// What a delivery shows of itself. Header fields are asked for by their names in small letters.
    struct Shown {
        let header: (String) -> String?
        let body: [UInt8]
    }

    let verification: WebhookVerification
    /// Any of them is taken.
    let secrets: [String]
    /// How far a signed time may be from now.
    let window: Duration

    /// What was signed of a delivery.
    struct Signed: Equatable {
        /// Of all of it: the same again is a replay.
        let digest: String
        /// Whether a time was signed too, so that nothing else can look the same later.
        let hasTime: Bool
    }

    /// Whether it verifies.
    enum Verdict: Equatable {
        /// Something is missing, wrong or too old; which, is nobody's business.
        case refused
        /// With what was signed; nil where nothing was.
        case verified(Signed?)
    }

    func verify(_ shown: Shown, at now: WallTime) -> Verdict {
        switch verification {
        case .signature, .unspecified, .unrecognized:
            return timed(
                shown, stamp: shown.header("x-webhook-timestamp"),
                signatures: Self.hexadecimal(
                    shown.header("x-webhook-signature"), prefix: "sha256="),
                now
            ) { stamp in
                // An id is signed with the rest, so that it cannot be changed on the way.
                (shown.header("x-webhook-id").map { $0 + "." } ?? "") + stamp + "."
            }
        case .stripe:
            let parts = (shown.header("stripe-signature") ?? "").split(separator: ",")
                .prefix(16).map { $0.drop { $0 == " " } }
            let stamp = parts.first { $0.hasPrefix("t=") }.map { String($0.dropFirst(2)) }
            let signatures = parts.filter { $0.hasPrefix("v1=") }
                .flatMap { Self.hexadecimal(String($0), prefix: "v1=") }
            return timed(shown, stamp: stamp, signatures: signatures, now) { "\($0)." }
        case .slack:
            return timed(
                shown, stamp: shown.header("x-slack-request-timestamp"),
                signatures: Self.hexadecimal(shown.header("x-slack-signature"), prefix: "v0="), now
            ) { "v0:\($0):" }
        case .github:
            let signatures = Self.hexadecimal(
                shown.header("x-hub-signature-256"), prefix: "sha256=")
            guard isSigned(shown.body, after: "", signatures) else { return .refused }
            return .verified(Signed(digest: Self.digest(of: shown.body), hasTime: false))
        case .sharedSecret:
            guard let given = shown.header("x-webhook-secret") else { return .refused }
            return secrets.contains { Self.isEqual($0, given) } ? .verified(nil) : .refused
        case .none:
            return .verified(nil)
        }
    }

    /// - Parameter head: what is signed before the body, for that stamp.
    private func timed(
        _ shown: Shown, stamp: String?, signatures: [[UInt8]], _ now: WallTime,
        head: (String) -> String
    ) -> Verdict {
        guard let stamp, (1...12).contains(stamp.utf8.count), let seconds = Int64(stamp),
            seconds >= 0
        else { return .refused }
        let time = WallTime(microseconds: seconds * 1_000_000)
        let age = time.duration(to: now)
        // The signature is looked at in any case: how long an answer takes tells nothing.
        let head = head(stamp)
        let isSigned = isSigned(shown.body, after: head, signatures)
        guard isSigned, age <= window, .zero - age <= window else { return .refused }
        let digest = Self.digest(of: Array(head.utf8) + shown.body)
        return .verified(Signed(digest: digest, hasTime: true))
    }

    private func isSigned(_ body: [UInt8], after head: String, _ signatures: [[UInt8]]) -> Bool {
        var isSigned = false
        let signed = Array(head.utf8) + body
        for secret in secrets {
            let key = Array(secret.utf8)
            for signature in signatures
            where HMACSHA256.isCode(signature, of: signed, key: key) {
                isSigned = true
            }
        }
        return isSigned
    }

    /// In a time that does not depend on what is equal: their codes under a key of the moment are
    /// compared.
    private static func isEqual(_ left: String, _ right: String) -> Bool {
        let key = RandomBytes.make(HMACSHA256.count)
        let code = HMACSHA256.code(of: Array(left.utf8), key: key)
        return HMACSHA256.isCode(code, of: Array(right.utf8), key: key)
    }

    /// The one signature after a prefix; none if it is no 32 bytes in hexadecimal digits.
    private static func hexadecimal(_ value: String?, prefix: String) -> [[UInt8]] {
        guard let value, value.hasPrefix(prefix) else { return [] }
        let digits = value.utf8.dropFirst(prefix.utf8.count).map { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
            default: nil
            }
        }
        guard digits.count == 64 else { return [] }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return [] }
            bytes.append(high << 4 | low)
        }
        return [bytes]
    }

    private static func digest(of bytes: [UInt8]) -> String {
        Digest.sha256.hash(bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

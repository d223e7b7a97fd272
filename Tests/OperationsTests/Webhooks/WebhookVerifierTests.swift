import Cryptography
import Foundation
import Messages
import Model
import Testing

@testable import Operations

struct WebhookVerifierTests {
    private let now = WallTime(microseconds: 1_767_225_600_000_000)
    private let body = Array(#"{"a":1}"#.utf8)

    private func sign(_ text: String, _ secret: String = "secret-of-ours") -> String {
        HMACSHA256.code(of: Array(text.utf8), key: Array(secret.utf8))
            .map { String(format: "%02x", $0) }.joined()
    }

    private func verdict(
        _ verification: WebhookVerification, _ headers: [String: String],
        secrets: [String] = ["secret-of-ours"], body: [UInt8]? = nil
    ) -> WebhookVerifier.Verdict {
        WebhookVerifier(verification: verification, secrets: secrets, window: .seconds(300))
            .verify(.init(header: { headers[$0] }, body: body ?? self.body), at: now)
    }

    private func isVerified(_ verdict: WebhookVerifier.Verdict) -> Bool { verdict != .refused }

    @Test func `GitHub's own example verifies`() {
        // docs.github.com, "Testing the webhook payload validation".
        let headers = [
            "x-hub-signature-256":
                "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        ]
        let verdict = verdict(
            .github, headers, secrets: ["It's a Secret to Everybody"],
            body: Array("Hello, World!".utf8))
        #expect(isVerified(verdict))
    }

    @Test func `Slack's own example verifies at its time`() {
        // docs.slack.dev, "Verifying requests from Slack".
        let body =
            "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
            + "&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
            + "&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
            + "%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
            + "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
        let verifier = WebhookVerifier(
            verification: .slack, secrets: ["8f742231b10e8888abcd99yyyzzz85a5"],
            window: .seconds(300))
        let headers = [
            "x-slack-request-timestamp": "1531420618",
            "x-slack-signature":
                "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        ]
        let shown = WebhookVerifier.Shown(header: { headers[$0] }, body: Array(body.utf8))
        let signedAt = WallTime(microseconds: 1_531_420_618_000_000)
        #expect(isVerified(verifier.verify(shown, at: signedAt)))
        #expect(!isVerified(verifier.verify(shown, at: signedAt.advanced(by: .seconds(301)))))
    }

    @Test func `our signature covers the time, the id and the body`() {
        let stamp = "1767225600"
        let signature = "sha256=" + sign("\(stamp).{\"a\":1}")
        let good = ["x-webhook-timestamp": stamp, "x-webhook-signature": signature]
        #expect(isVerified(verdict(.signature, good)))
        #expect(isVerified(verdict(.unspecified, good)))
        #expect(!isVerified(verdict(.signature, good, secrets: ["another-secret"])))
        #expect(isVerified(verdict(.signature, good, secrets: ["newer-secret", "secret-of-ours"])))
        #expect(!isVerified(verdict(.signature, good, body: Array(#"{"a":2}"#.utf8))))
        for (name, value) in [
            ("x-webhook-timestamp", "1767225601"), ("x-webhook-timestamp", ""),
            ("x-webhook-timestamp", "1767225600.0"), ("x-webhook-id", "7"),
            ("x-webhook-signature", String(signature.dropLast())), ("x-webhook-signature", ""),
            ("x-webhook-signature", signature.replacing("sha256=", with: "")),
        ] {
            #expect(!isVerified(verdict(.signature, good.merging([name: value]) { $1 })))
        }
        let withID = sign("evt_7.\(stamp).{\"a\":1}")
        #expect(
            isVerified(
                verdict(
                    .signature,
                    [
                        "x-webhook-timestamp": stamp, "x-webhook-id": "evt_7",
                        "x-webhook-signature": "sha256=\(withID)",
                    ])))
    }

    @Test(arguments: [(-301, false), (-300, true), (0, true), (300, true), (301, false)])
    func `a time outside the window is refused, past or future`(_ offset: Int64, _ taken: Bool) {
        let stamp = "\(1_767_225_600 + offset)"
        let headers = [
            "x-webhook-timestamp": stamp,
            "x-webhook-signature": "sha256=" + sign("\(stamp).{\"a\":1}"),
        ]
        #expect(isVerified(verdict(.signature, headers)) == taken)
    }

    @Test func `the same signed twice has the same digest, and at another time another`() {
        func digest(_ stamp: String) -> WebhookVerifier.Verdict {
            verdict(
                .stripe, ["stripe-signature": "t=\(stamp),v1=\(sign("\(stamp).{\"a\":1}"))"])
        }
        #expect(digest("1767225600") == digest("1767225600"))
        #expect(digest("1767225600") != digest("1767225601"))
        #expect(isVerified(digest("1767225601")))
    }

    @Test func `Stripe may sign with several secrets`() {
        let stamp = "1767225600"
        let header =
            "t=\(stamp),v1=\(sign("\(stamp).{\"a\":1}", "rolled")),"
            + "v1=\(sign("\(stamp).{\"a\":1}")),v0=00"
        #expect(isVerified(verdict(.stripe, ["stripe-signature": header])))
        #expect(!isVerified(verdict(.stripe, ["stripe-signature": "t=\(stamp),v0=00"])))
        #expect(!isVerified(verdict(.stripe, [:])))
    }

    @Test func `a shared secret must be the secret`() {
        #expect(isVerified(verdict(.sharedSecret, ["x-webhook-secret": "secret-of-ours"])))
        for wrong in ["", "secret-of-our", "secret-of-ours ", "Secret-of-ours"] {
            #expect(!isVerified(verdict(.sharedSecret, ["x-webhook-secret": wrong])))
        }
        #expect(!isVerified(verdict(.sharedSecret, [:])))
        #expect(!isVerified(verdict(.sharedSecret, ["x-webhook-secret": "x"], secrets: [])))
    }

    // MARK: What a body becomes

    private func input(
        _ body: String, _ type: String, _ change: (inout WebhookSpec) -> Void = { _ in }
    ) throws -> String {
        var spec = WebhookSpec()
        change(&spec)
        let headers = ["x-event": "push"]
        return try WebhookInput.make(
            spec,
            WebhookPost(
                header: { headers[$0.lowercased()] }, query: [("a", "1"), ("a", "2"), ("b", "")],
                mediaType: type, body: Array(body.utf8), origin: "", source: "",
                traceparent: ""))
    }

    @Test func `JSON stays as it is, a form becomes an object, other text a string`() throws {
        #expect(try input(#"{"n": 1.50}"#, "application/json") == #"{"n": 1.50}"#)
        #expect(try input("[1]", "") == "[1]")
        #expect(try input("", "application/json") == "null")
        #expect(
            try input("a=1&b=x+y%21&a=2&c", "application/x-www-form-urlencoded")
                == #"{"a":["1","2"],"b":"x y!","c":""}"#)
        #expect(try input("hi \"you\"", "text/plain") == #""hi \"you\"""#)
        for (body, type) in [
            ("{", "application/json"), ("%zz=1", "application/x-www-form-urlencoded"),
            ("a\0b", "text/plain"),
            (
                String(repeating: "a&", count: WebhookInput.fieldsMax),
                "application/x-www-form-urlencoded"
            ),
        ] {
            #expect(throws: OperationError.self) { try input(body, type) }
        }
    }

    @Test func `header fields and the query come into the input where they are asked for`() throws {
        let input = try input(#"{"n":1}"#, "application/json") {
            $0.inputHeaders = ["X-Event", "X-Other"]
            $0.inputQuery = true
        }
        #expect(
            input
                == #"{"body":{"n":1},"headers":{"x-event":"push"},"query":{"a":["1","2"],"b":""}}"#)
    }
}

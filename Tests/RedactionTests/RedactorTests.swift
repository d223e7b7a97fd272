import JSON
import Redaction
import Testing

struct RedactorTests {
    private let redactor = Redactor()

    @Test(arguments: [
        ("write to ada.lovelace+x@mail.example.co.uk.", "write to [masked]."),
        ("grüße an jörg@müller.de!", "grüße an [masked]!"),
        ("card 4111111111111111 declined", "card [masked] declined"),
        ("card 4111 1111 1111 1111, exp 12/30", "card [masked], exp 12/30"),
        ("amex 3782-822463-10005", "amex [masked]"),
        ("ssn 123-45-6789.", "ssn [masked]."),
        ("call +49 30 1234567 now", "call [masked] now"),
        ("call (555) 123-4567 or 555-123-4567", "call [masked] or [masked]"),
        ("key ghp_16C7e42F292c6912E7710c838347Ae178B4a", "key [masked]"),
        ("aws AKIAIOSFODNN7EXAMPLE id", "aws [masked] id"),
        (
            "jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P end",
            "jwt [masked] end"
        ),
        ("Authorization: Bearer abc.def-123", "Authorization: [masked]"),
        ("sent Bearer abcdef123456", "sent Bearer [masked]"),
        ("sent Basic dXNlcjpwYXNz to", "sent Basic [masked] to"),
        ("login failed: password=hunter2; user=ada", "login failed: password=[masked]; user=ada"),
        (#"body {"api_key": "x y", "n": 1}"#, #"body {"api_key": "[masked]", "n": 1}"#),
        ("postgres://app:s3cret@db/x", "postgres://app:[masked]@db/x"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nrest",
            "[masked]\nrest"
        ),
    ])
    func `what is personal or secret is masked in text`(text: String, masked: String) {
        #expect(redactor.redact(text: text) == masked)
    }

    @Test(arguments: [
        "4111111111111112",  // a wrong check digit
        "1234567890123456",  // no card begins so
        "41111111111111110000000",  // longer than any card
        "4111111111111111.5", "0.4111111111111111",
        "1767225600000000 and 1767225600000",  // instants
        "2026-02-17T10:30:00.000+0100", "2026-02-17", "10.20.30.40", "192.168.100.1234",
        "550e8400-e29b-41d4-a716-446655440000", "41111111-1111-1111-1111-111111111111",
        "000-12-3456", "900-12-3456", "123-45-67890", "a123-45-6789",
        "1+12345678", "v1.2.3", "555-123-45678",
        "a bearer of bad news", "basic training", "max_tokens: 12", "next_page_token=abc",
        "@mention", "a@b", "user@localhost", "https://example.com/a@b", "sk-short",
    ])
    func `what only looks like it is left alone`(text: String) {
        #expect(redactor.redact(text: text) == text)
    }

    @Test(arguments: [
        (#"{"password":"x","n":1.50}"#, #"{"password":"[masked]","n":1.50}"#),
        (#"{"X-Api-Key":["a",{"b":"]"}],"k":2}"#, #"{"X-Api-Key":"[masked]","k":2}"#),
        (#"{ "githubToken" : 12345 }"#, #"{ "githubToken" : "[masked]" }"#),
        (#"{"token":null,"secret":true,"pwd":""}"#, #"{"token":null,"secret":true,"pwd":""}"#),
        (#"{"card":4111111111111111}"#, #"{"card":"[masked]"}"#),
        (#"{"n":41111111111111110000,"m":4111111111111111.0}"#, ""),
        (
            #"{"a":[1e5,-0.0,"ada@example.com",{}],"b":[]}"#,
            #"{"a":[1e5,-0.0,"[masked]",{}],"b":[]}"#
        ),
        (#"{"ada@example.com":1,"bob@example.com":2}"#, #"{"[masked]":1,"[masked] 2":2}"#),
        (#""a\"b ada\u0040example.com \u00e9\ud83d\ude00\n""#, "\"a\\\"b [masked] é😀\\n\""),
        (#"{"p\u0061ssword":"x"}"#, #"{"p\u0061ssword":"[masked]"}"#),
        ("[]", ""), ("null", ""), ("7", ""), ("", ""),
        (#"{"a":"#, "\"[masked]\""), (#"["\u12"]"#, "\"[masked]\""),
    ])
    func `a document stays a document`(json: String, masked: String) throws {
        let found = redactor.redact(json: json)
        #expect(found == (masked.isEmpty ? json : masked))
        if !found.isEmpty { _ = try JSONText(validating: found) }
        #expect(redactor.redact(json: found) == found)
    }

    @Test func `rules can be left out, and others added`() throws {
        let rules = RedactionRules(
            builtIn: [.email],
            custom: [
                .init(keys: ["customer_no"], pattern: nil, replacement: "***"),
                .init(keys: [], pattern: try TextPattern("K-[0-9]{4}"), replacement: ""),
            ])
        let redactor = Redactor(rules)
        #expect(
            redactor.redact(json: #"{"customerNo":7,"password":"x","t":"K-12345 a@b.cd é K-0001"}"#)
                == #"{"customerNo":"***","password":"x","t":"[masked]5 [masked] é [masked]"}"#)
    }

    @Test func `an expression that takes too long masks the whole text`() throws {
        let pattern = try TextPattern("(a{1,50}){1,20}b")
        let redactor = Redactor(
            RedactionRules(
                builtIn: [], custom: [.init(keys: [], pattern: pattern, replacement: "")]))
        let text = String(repeating: "a", count: 4_000)
        let found = redactor.redact(text: text)
        #expect(found == text || found == "[masked]")
    }

    @Test(arguments: 0..<200)
    func `whatever a document holds, what comes out is one`(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1)
        let pieces = [
            "@", "a@b.cd", "4111 1111 1111 1111", "password=", "\\\"", "\\u0041", "\\ud83d\\ude00",
            "Bearer ", "eyJhbGciOi.eyJzdWIi.x", "-----BEGIN PRIVATE KEY-----", "+4930123456",
            "123-45-6789", " ", "é", "://u:p@h", "\\\\", "x",
        ]
        func string() -> String {
            "\""
                + (0..<Int(random.next() % 5)).map { _ in pieces[Int(random.next() % 17)] }
                .joined(separator: " | ")
                + "\""
        }
        func value(_ depth: Int) -> String {
            switch random.next() % (depth > 4 ? 4 : 6) {
            case 0: return string()
            case 1: return "4111111111111111"
            case 2: return ["1.5e3", "-0", "true", "null"][Int(random.next() % 4)]
            case 3: return string()
            case 4:
                return "["
                    + (0..<Int(random.next() % 4)).map { _ in value(depth + 1) }
                    .joined(separator: " , ") + "]"
            default:
                return "{"
                    + (0..<Int(random.next() % 4)).map { index in
                        "\"\(["token", "n", "card"][Int(random.next() % 3)])\(index)\":\(value(depth + 1))"
                    }.joined(separator: ",") + "}"
            }
        }
        let json = value(0)
        let found = redactor.redact(json: json)
        _ = try JSONText(validating: found)
        #expect(redactor.redact(json: found) == found)
        #expect(!found.contains("a@b.cd") && !found.contains("4111"))
    }
}

private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

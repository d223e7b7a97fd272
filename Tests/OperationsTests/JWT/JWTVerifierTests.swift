import Cryptography
import Foundation
import Messages
import Model
import Testing

@testable import Operations

struct JWTVerifierTests {
    private static let key = IssuerKey(id: "1")

    @Test func `a token of the issuer means its claims`() async throws {
        let verifier = Issuer(Self.key.published()).verifier()
        let text = try Self.key.sign(claims(#""realm":{"groups":["finance"]}"#))
        let meaning = await verifier.meaning(text)
        #expect(
            meaning?.principal
                == Principal(
                    name: "user:ada@example.com", workspaceID: "acme", role: .operator,
                    groups: ["finance"]))
        #expect(meaning?.expiresAt == WallTime(microseconds: 1_767_229_260_000_000))
    }

    @Test(arguments: [
        claims(without: "iss"), claims(without: "aud"), claims(without: "exp"),
        claims(without: "sub"), claims(#""iss":"https://other.test""#, without: "iss"),
        claims(#""aud":"another""#, without: "aud"), claims(#""aud":["x","y"]"#, without: "aud"),
        claims(#""aud":[1,"signalbox"]"#, without: "aud"), claims(#""aud":{}"#, without: "aud"),
        // Expired a second more ago than the leeway, and not valid for a second more than it.
        claims(#""exp":1767225539"#, without: "exp"),
        claims(#""exp":"9999999999""#, without: "exp"),
        claims(#""exp":1e400"#, without: "exp"), claims(#""exp":-1"#, without: "exp"),
        claims(#""nbf":1767225661"#), claims(#""nbf":"0""#), claims(#""iat":1767225661"#),
        claims(#""sub":"""#, without: "sub"), claims(#""sub":7"#, without: "sub"),
        claims(#""sub":"a\nb""#, without: "sub"),
        claims("\"sub\":\"\(String(repeating: "a", count: 257))\"", without: "sub"),
        claims(#""workspace":["acme"]"#, without: "workspace"),
        claims(#""role":{"admin":true}"#, without: "role"),
        claims(#""role":"admin""#), "[]", "{", "",
    ])
    func `claims that do not hold are not believed`(claims: String) async throws {
        let verifier = Issuer(Self.key.published()).verifier()
        #expect(await verifier.meaning(try Self.key.sign(claims)) == nil)
    }

    @Test(arguments: [
        (claims(#""exp":1767225541"#, without: "exp"), Role.operator),
        (claims(#""nbf":1767225659.5"#), .operator),
        (claims(#""aud":["x","signalbox"]"#, without: "aud"), .operator),
        (claims(#""role":["viewer","BUILDER","other"]"#, without: "role"), .editor),
        (claims(#""role":"owner""#, without: "role"), .admin),
        (claims(#""role":"stranger""#, without: "role"), .unspecified),
        (claims(without: "role"), .unspecified),
    ])
    func `claims at the edge of what holds are believed`(claims: String, role: Role) async throws {
        let verifier = Issuer(Self.key.published()).verifier()
        #expect(await verifier.meaning(try Self.key.sign(claims))?.principal.role == role)
    }

    @Test(arguments: [
        #"{"alg":"none"}"#, #"{"alg":"None","kid":"1"}"#, #"{"alg":"HS256","kid":"1"}"#,
        #"{"alg":"RS256","kid":"1"}"#, #"{"alg":"ES384","kid":"1"}"#, #"{"alg":"","kid":"1"}"#,
        #"{"kid":"1"}"#, #"{"alg":["ES256"],"kid":"1"}"#, #"{"alg":"ES256","kid":"2"}"#,
        #"{"alg":"ES256","kid":1}"#, #"{"alg":"ES256","kid":"1","crit":["exp"]}"#,
        #"{"alg":"ES256","alg":"ES256","kid":"1"}"#, #"["ES256"]"#,
    ])
    func `a header that asks for anything else is not believed`(header: String) async throws {
        let verifier = Issuer(Self.key.published()).verifier()
        #expect(await verifier.meaning(try Self.key.sign(claims(), header: header)) == nil)
    }

    @Test func `a key in the header is nobody's key`() async throws {
        let verifier = Issuer(Self.key.published()).verifier()
        let mine = IssuerKey(id: "1")
        let header = #"{"alg":"ES256","jwk":\#(mine.published()),"jku":"https://evil.test"}"#
        #expect(await verifier.meaning(try mine.sign(claims(), header: header)) == nil)
    }

    @Test func `a public key is no shared secret`() async throws {
        let oct = #"{"kty":"oct","kid":"1","k":"\#(Base64URL.encode(Self.key.publicBytes))"}"#
        let verifier = Issuer(Self.key.published(), oct).verifier()
        for header in [#"{"alg":"HS256","kid":"1"}"#, #"{"alg":"ES256","kid":"1"}"#] {
            let signed = "\(Base64URL.encode(header.utf8)).\(Base64URL.encode(claims().utf8))"
            let mac = HMACSHA256.code(of: Array(signed.utf8), key: Self.key.publicBytes)
            #expect(await verifier.meaning("\(signed).\(Base64URL.encode(mac))") == nil)
        }
    }

    @Test(arguments: [
        #""use":"enc""#, #""alg":"ES384""#, #""key_ops":["sign"]"#, #""alg":7"#,
    ])
    func `a key for something else is not used`(field: String) async throws {
        let verifier = Issuer(Self.key.published(field)).verifier()
        #expect(await verifier.meaning(try Self.key.sign(claims())) == nil)
    }

    @Test func `a token without a key id is for the only key there is`() async throws {
        let text = try Self.key.sign(claims(), header: #"{"alg":"ES256"}"#)
        #expect(await Issuer(Self.key.published()).verifier().meaning(text) != nil)
        let other = IssuerKey(id: "2")
        let two = Issuer(Self.key.published(), other.published()).verifier()
        #expect(await two.meaning(text) == nil)
    }

    @Test func `a token that was changed, cut or grown too large is not believed`() async throws {
        let verifier = Issuer(Self.key.published()).verifier()
        let text = try Self.key.sign(claims())
        let parts = text.split(separator: ".").map(String.init)
        let other = try Self.key.sign(claims(#""x":1"#)).split(separator: ".").map(String.init)
        let huge = try Self.key.sign(
            claims("\"x\":\"\(String(repeating: "a", count: 9_000))\""))
        for bad in [
            "\(parts[0]).\(other[1]).\(parts[2])", "\(parts[0]).\(parts[1]).",
            "\(parts[0]).\(parts[1])", "\(text).", "\(text)=", "\(parts[0])..\(parts[2])", huge,
            "eyJ", "",
        ] {
            #expect(await verifier.meaning(bad) == nil, "\(bad.prefix(80))")
        }
        #expect(Credential(huge) == nil)
        #expect(await verifier.meaning(text) != nil)
    }

    @Test func `what was believed ends when it expires`() async throws {
        let issuer = Issuer(Self.key.published())
        let verifier = issuer.verifier()
        let text = try Self.key.sign(claims())
        #expect(await verifier.meaning(text) != nil)
        issuer.pass(.seconds(3_659))
        #expect(await verifier.meaning(text) != nil)
        issuer.pass(.seconds(1))
        #expect(await verifier.meaning(text) == nil)
    }

    @Test func `keys are read once, and again for a new one, but not for every made-up one`()
        async throws
    {
        let issuer = Issuer(Self.key.published())
        let verifier = issuer.verifier()
        for _ in 0..<3 {
            #expect(await verifier.meaning(try Self.key.sign(claims())) != nil)
        }
        #expect(issuer.reads == 1)
        let next = IssuerKey(id: "2")
        issuer.publish([next.published()])
        // Too soon after the first reading.
        #expect(await verifier.meaning(try next.sign(claims())) == nil)
        #expect(issuer.reads == 1)
        issuer.pass(.seconds(30))
        #expect(await verifier.meaning(try next.sign(claims())) != nil)
        #expect(issuer.reads == 2)
        // What the old key signed is believed no more, whether it was before or not.
        issuer.pass(.seconds(30))
        #expect(await verifier.meaning(try Self.key.sign(claims())) == nil)
        for _ in 0..<9 {
            #expect(
                await verifier.meaning(
                    try Self.key.sign(claims(), header: #"{"alg":"ES256","kid":"x"}"#)) == nil)
        }
        #expect(issuer.reads == 3)
    }

    @Test func `keys that cannot be read again are good for a day`() async throws {
        let issuer = Issuer(Self.key.published())
        let verifier = issuer.verifier()
        let claims = claims(#""exp":1798761600"#, without: "exp")
        #expect(await verifier.meaning(try Self.key.sign(claims)) != nil)
        issuer.disappear()
        issuer.pass(.seconds(3_600))
        #expect(await verifier.meaning(try Self.key.sign(claims)) != nil)
        #expect(issuer.reads == 2)
        issuer.pass(.seconds(23 * 3_600))
        #expect(await verifier.meaning(try Self.key.sign(claims)) == nil)
    }

    @Test(arguments: ["", "[]", "{}", #"{"keys":{}}"#, #"{"keys":[1,{},{"kty":"EC"}]}"#])
    func `a document that is no key set believes nobody`(document: String) async throws {
        let read = try? JWKSet(Array(document.utf8), algorithms: ["ES256"])
        #expect(read?.keys.isEmpty ?? true)
    }
}

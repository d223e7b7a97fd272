import Testing

@testable import Engine

@Suite struct SecretKeyringTests {
    private static let text = SecretKeyring.makeKey(named: "b") + SecretKeyring.makeKey(named: "a")

    @Test func `what the newest key sealed opens for its own place only`() throws {
        let keys = try SecretKeyring(parsing: Self.text)
        let sealed = try keys.seal([1, 2, 3], for: "secret/w/n")
        #expect(sealed.keyID == "b")
        #expect(try keys.open(sealed, for: "secret/w/n") == [1, 2, 3])
        #expect(throws: SecretKeyring.Failure.self) { try keys.open(sealed, for: "secret/w/m") }
        var box = sealed.box
        box[box.count - 1] ^= 1
        #expect(throws: SecretKeyring.Failure.self) {
            try keys.open(.init(keyID: "b", box: box), for: "secret/w/n")
        }
        #expect(try keys.seal([1, 2, 3], for: "secret/w/n") != sealed)
    }

    @Test func `an older key still opens what it sealed`() throws {
        let old = SecretKeyring.makeKey(named: "a")
        let sealed = try SecretKeyring(parsing: old).seal([7], for: "x")
        let both = try SecretKeyring(parsing: SecretKeyring.makeKey(named: "b") + old)
        #expect(try both.open(sealed, for: "x") == [7])
        let other = try SecretKeyring(parsing: SecretKeyring.makeKey(named: "b"))
        #expect(throws: SecretKeyring.Failure.self) { try other.open(sealed, for: "x") }
        #expect(both.markPrefixes(executionID: "1").count == 2)
        #expect(both.markPrefixes(executionID: "1") != both.markPrefixes(executionID: "2"))
    }

    @Test(arguments: [
        "", "# only a remark", "a", "a:", "a:AAAA", "a:!!!!", "a b:AAAA",
        makeTwice(),
    ])
    func `what is no list of keys is refused without showing it`(_ text: String) {
        #expect(throws: SecretKeyring.Failure.self) { try SecretKeyring(parsing: text) }
    }

    private static func makeTwice() -> String {
        SecretKeyring.makeKey(named: "a") + SecretKeyring.makeKey(named: "a")
    }
}

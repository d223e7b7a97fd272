import Foundation
import JSON
import Testing

@testable import Engine

/// The forms in which the value of a secret is found.
@Suite struct SecretMaskTests {
    private static let value = "p&ss \"wörd\"/+\u{1F511}%41\\"
    private let mask = SecretMask([value])

    @Test(arguments: [
        // As it is.
        value,
        // RFC 3986, in either case, and with other sets of characters left alone.
        "p%26ss%20%22w%C3%B6rd%22%2F%2B%F0%9F%94%91%2541%5C",
        "p%26ss%20%22w%c3%b6rd%22/%2b%f0%9f%94%91%2541%5c",
        // A form.
        "p%26ss+%22w%C3%B6rd%22%2F%2B%F0%9F%94%91%2541%5C",
        // JSON strings.
        #"p&ss \"wörd\"/+🔑%41\\"#,
        #"p&ss \"w\u00f6rd\"\/+\ud83d\uDD11%41\\"#,
        #"p\u0026ss\u0020\u0022w\u00F6rd\u0022\u002f\u002B🔑\u002541\u005C"#,
    ])
    func `a value is found as URLs, forms and JSON strings write it`(form: String) {
        #expect(mask.masked("a\(form)b\(form)") == "a***b***")
        let part = String(form.prefix(form.count / 2))
        #expect(mask.masked(part) == part)
    }

    @Test(arguments: 0..<6)
    func `a value is found in base64, alone and within more`(before: Int) {
        let value = "s3cret?>\u{FF}value"
        let mask = SecretMask([value])
        for after in 0..<4 {
            let whole =
                [UInt8](repeating: 0x61, count: before) + Array(value.utf8)
                + [UInt8](repeating: 0x7A, count: after)
            let usual = Data(whole).base64EncodedString()
            let forURLs = usual.replacing("+", with: "-").replacing("/", with: "_")
            for text in [usual, usual.replacing("=", with: ""), forURLs] {
                let masked = mask.masked("<\(text)>")
                #expect(masked.contains("***"), "\(text)")
                // What is left of it holds what came before and after, and no bit of the value.
                let rest = masked.replacing("=", with: "").dropFirst().dropLast()
                    .split(separator: "***", omittingEmptySubsequences: false)
                #expect(rest.count == 2)
                #expect(rest.first.map(\.count) == before * 8 / 6, "\(masked)")
                #expect(rest.last.map { $0.count <= (after * 8 + 5) / 6 } == true, "\(masked)")
            }
        }
    }

    @Test func `a value is found in hexadecimal digits of either case, alone and within more`() {
        let mask = SecretMask([Self.value])
        let digits = Self.value.utf8.map { String(format: "%02x", $0) }.joined()
        let mixed = String(
            digits.enumerated().map { $0 % 3 == 0 ? Character($1.uppercased()) : $1 })
        for form in [digits, digits.uppercased(), mixed] {
            #expect(mask.masked("<\(form)>") == "<***>")
            #expect(mask.masked("00ff\(form)00ff\(form)") == "00ff***00ff***")
            // Digits that are shifted by one, and a part of them.
            #expect(mask.masked("7\(form)7") == "7***7")
            #expect(mask.masked(String(form.dropLast())) == String(form.dropLast()))
        }
        #expect(mask.masked(json: #"{"dump":"\#(digits)"}"#) == #"{"dump":"***"}"#)
        // Digits of what is shorter than any secret are anybody's.
        #expect(SecretMask(["abc"]).masked("616263") == "616263")
        #expect(SecretMask(["abcd"]).masked("61626364") == "***")
    }

    @Test func `many hexadecimal digits that hold no value are shown, in bounded time`() {
        let text = String(repeating: "6162636465666768696a6b6c6d6e6f70", count: 1_000)
        let masks = [SecretMask(["a-secret-of-some-length"]), SecretMask(["abcdefgh-not"])]
        for mask in masks { #expect(mask.masked(text) == text) }
        let value = String(repeating: "a", count: 6_000) + "b"
        #expect(SecretMask([value]).masked(String(repeating: "61", count: 50_000)) == "***")
    }

    @Test func `short values are found in base64 only alone, and nothing else is masked`() {
        let mask = SecretMask(["abcd"])
        #expect(mask.masked("YWJjZA==") == "***")
        #expect(mask.masked("%61bc%64 abcD ABCD YWJj") == "*** abcD ABCD YWJj")
        #expect(SecretMask([]).masked("abcd") == "abcd")
        #expect(SecretMask([""]).masked("abcd") == "abcd")
    }

    @Test func `of two values that overlap the longer goes`() {
        let mask = SecretMask(["secret", "secret-more"])
        #expect(mask.masked("secret-more secret-mor") == "*** ***-mor")
    }

    @Test func `documents stay documents`() throws {
        let masked = mask.masked(json: JSONText(["a": .string("<\(Self.value)>"), "n": 1]).text)
        #expect(masked == #"{"a":"<***>","n":1}"#)
        #expect(SecretMask(["12345"]).masked(json: #"{"n":123450}"#) == #"{"n":"***0"}"#)
    }

    @Test func `every form of a value is masked, the longest first`() {
        let mask = SecretMask(["ab", "abc\"d", "x&y"])
        #expect(mask.masked("1ab2") == "1***2")
        #expect(mask.masked("abc\"d") == "***")
        #expect(mask.masked(#"abc\"d"#) == "***")
        #expect(mask.masked("x%26y") == "***")
        #expect(mask.masked("eCZ5") == "***")
        #expect(mask.masked("nothing") == "nothing")
    }

    @Test func `a JSON document stays one`() {
        let mask = SecretMask(["1234", "key"])
        #expect(
            mask.masked(json: #"{"pin":1234,"key":["\u0031234"]}"#)
                == #"{"pin":"***","***":["***"]}"#)
    }

    @Test func `a text that repeats what a value repeats is not shown`() {
        let value = String(repeating: "a", count: 60_000) + "b"
        let text = String(repeating: "a", count: 1_000_000)
        #expect(SecretMask([value]).masked(text) == "***")
        #expect(SecretMask([value]).masked("aab " + value + " baa") == "aab *** baa")
    }
}

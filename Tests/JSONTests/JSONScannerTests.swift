import Testing

@testable import JSON

@Suite("JSON scanner")
struct JSONScannerTests {
    @Test(
        "a text of RFC 8259 is accepted by both the checker and the builder",
        arguments: [
            "null", "true", "false", "0", "-0", "1.5", "-1.5e-10", "1E+2", "0e0", "123456789012345",
            "\"\"", "\"a\"", "[]", "{}", " [ ] ", "\t{\r\n}\n", "[[[]]]", "[1,2,3]", "[null]",
            #"{"a":1,"b":{"a":2}}"#, #"{"":0}"#, #"{"a":{"a":{"a":1}}}"#, #"[{"a":1},{"a":1}]"#,
            #""\"\\\/\b\f\n\r\t""#, #""\u0041""#, #""\uD834\uDD1E""#, #""\u0000""#,
            "\"\u{7F}\"", "\"é𝄞\u{10FFFF}\"", #""\uFFFF""#, #""\uDBFF\uDFFF""#, "\"\u{2028}\"",
            "[1 , 2\n]", "{\"e\u{301}\":1,\"\u{E9}\":2}",
            "[100000000000000000000000000000000000000000]", "[1e400]", "\"//\"", "[\"/**/\"]",
        ])
    func accepts(text: String) throws {
        try JSONText.validate(Array(text.utf8))
        _ = try JSONValue(parsing: text)
    }

    @Test(
        "a text outside RFC 8259 is refused by both the checker and the builder",
        arguments: [
            "", " ", "nul", "nulll", "True", "TRUE", "NaN", "Infinity", "-Infinity", "undefined",
            "+1", "01", "-01", "1.", ".5", "-.5", "1e", "1e+", "-", "--1", "0x10", "1_000", "1 000",
            "0.e1", "1.e1", "1eE2", "2.-3", "0e", "00", "-00", "1.2.3", "\u{FF11}",
            "[", "]", "[1", "[1,", "[,1]", "[1,]", "[1,,2]", "[1 2]", "[1:2]", "[\"a\"", "[]]",
            "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,\"a\":1}",
            "{a:1}", "{'a':1}", "{1:1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\"::1}", "{[]:1}",
            "{\"a\":1}}", "{\"a\":1;}", "{null:1}", "[}", "{]", "[\"a\":1]",
            "\"", "\"a", "'a'", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\U0041\"",
            "\"\n\"", "\"\t\"", "\"\u{00}\"", "\"\u{1F}\"", "\"\\", "\"\\u", "\"\\\u{0}\"",
            "\"\\a\"", "\"\\u+123\"",
            "1 2", "{} {}", "[] x", "null,", "// c\n1", "1 // c", "/* c */ 1", "#1",
            "\u{FEFF}1", "\u{A0}1", "\u{0C}1", "\u{0B}1", "1\u{0}",
        ])
    func refuses(text: String) {
        #expect(throws: JSONError.self) { try JSONText.validate(Array(text.utf8)) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    }

    @Test("the checker and the builder give the same error")
    func sameError() throws {
        for text in ["[1,", "{\"a\":1,\"a\":2}", "\"\\uD800\"", "[\n[\n1 2]]", "1e999999999"] {
            let checked = #expect(throws: JSONError.self) { try JSONText(validating: text) }
            let built = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
            #expect(checked == built)
        }
    }

    @Test("an error tells the byte, the line and what was expected")
    func errorPlace() {
        let error = #expect(throws: JSONError.self) {
            try JSONValue(parsing: "{\n  \"a\": [1 2]\n}")
        }
        #expect(error?.code == .syntax)
        #expect(error?.offset == 12)
        #expect(error?.line == 2)
        #expect(error?.description == "line 2, byte 12: expected ',' or ']', found '2'")
        let early = #expect(throws: JSONError.self) { try JSONValue(parsing: "[1,") }
        #expect(
            early?.description == "line 1, byte 3: expected a JSON value, found the end of the text"
        )
    }

    @Test("escapes become the characters they stand for")
    func escapes() throws {
        let value = try JSONValue(parsing: #""\"\\\/\b\f\n\r\t\u00e9\uD834\uDD1E\u0000x""#)
        #expect(value.stringValue == "\"\\/\u{08}\u{0C}\n\r\t\u{E9}\u{1D11E}\u{0}x")
    }

    @Test("members keep their order and numbers their text")
    func keepsOrderAndDigits() throws {
        let text = #"{"z":1.10,"a":[1e5,-0,12345678901234567890.5],"m":{"b":null,"a":true}}"#
        #expect(try JSONValue(parsing: text).text == text)
    }
}

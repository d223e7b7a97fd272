import Testing

@testable import JSON

@Suite("JSON scanner, hostile input")
struct JSONScannerHostileInputTests {
    @Test("nesting is accepted to the limit and refused beyond it, without recursing on")
    func depth() throws {
        func nested(_ depth: Int, _ open: String, _ close: String) -> [UInt8] {
            Array(
                (String(repeating: open, count: depth) + "1"
                    + String(repeating: close, count: depth)).utf8)
        }
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            try JSONText.validate(nested(128, open, close))
            _ = try JSONValue(parsing: nested(128, open, close))
            for depth in [129, 100_000] {
                let checked = #expect(throws: JSONError.self) {
                    try JSONText.validate(nested(depth, open, close))
                }
                #expect(checked?.code == .depth)
                let built = #expect(throws: JSONError.self) {
                    try JSONValue(parsing: nested(depth, open, close))
                }
                #expect(built?.code == .depth)
            }
        }
        #expect(JSONLimits(depthMax: 100_000).depthMax == 128)
    }

    @Test("a text longer than the limit is refused before it is read")
    func size() {
        let error = #expect(throws: JSONError.self) {
            try JSONText(validating: "[1,2,3]", limits: JSONLimits(bytesMax: 6))
        }
        #expect(error?.code == .size)
        #expect(error?.message == "text of 7 bytes exceeds the limit of 6")
    }

    @Test(
        "a name that comes twice is refused, however it is written",
        arguments: [
            #"{"a":1,"a":2}"#, #"{"a":1,"b":2,"\u0061":3}"#, #"{"\u0061":1,"a":3}"#,
            #"{"\u0061":1,"\u0061":3}"#, #"{"x":{"a":1,"a":1}}"#, #"{"":1,"":2}"#,
            #"{"\/":1,"/":2}"#,
        ])
    func duplicates(text: String) {
        let checked = #expect(throws: JSONError.self) { try JSONText(validating: text) }
        let built = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
        #expect(checked?.code == .duplicateKey)
        #expect(built?.code == .duplicateKey)
    }

    @Test("a double among thousands of names is found, and thousands without one pass")
    func manyNames() throws {
        let members = (0..<5_000).map { "\"key\($0)\":\($0)" }
        let text = "{" + members.joined(separator: ",") + "}"
        try JSONText.validate(Array(text.utf8))
        #expect(try JSONValue(parsing: text)["key4999"] == 4_999)
        let double = "{" + (members + [#""key\u0037":1"#]).joined(separator: ",") + "}"
        let checked = #expect(throws: JSONError.self) { try JSONText(validating: double) }
        let built = #expect(throws: JSONError.self) { try JSONValue(parsing: double) }
        #expect(checked?.code == .duplicateKey)
        #expect(built?.code == .duplicateKey)
    }

    @Test(
        "bytes that are not UTF-8 are refused",
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80],
            [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF], [0xF0, 0x9D, 0x84],
            [0xE2, 0x82, 0x22], [0xF8, 0x88, 0x80, 0x80, 0x80],
        ] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) {
        for text in [[0x22] + bytes + [0x22], [0x22] + bytes] {
            let checked = #expect(throws: JSONError.self) { try JSONText(validating: text) }
            let built = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
            #expect(checked?.code == .encoding)
            #expect(built == checked)
        }
    }

    @Test(
        "half a surrogate pair is refused",
        arguments: [
            #""\uD800""#, #""\uDC00""#, #""\uD800x""#, #""\uD800\n""#, #""\uD800\uD800""#,
            #""\uDC00\uD800""#, #""\uD800\u0041""#, #"{"\uD800":1}"#,
        ])
    func loneSurrogates(text: String) {
        let error = #expect(throws: JSONError.self) { try JSONText(validating: text) }
        #expect(error?.code == .encoding)
    }

    @Test("a number too long, or with a vast exponent, is refused")
    func vastNumbers() throws {
        try JSONText.validate(Array(String(repeating: "9", count: 1_024).utf8))
        for text in [String(repeating: "9", count: 1_025), "1e100000", "1e-99999999999999999999"] {
            let error = #expect(throws: JSONError.self) { try JSONText(validating: text) }
            #expect(error?.code == .number)
        }
    }

    @Test("every prefix of a text is refused, and no cut makes it crash")
    func prefixes() throws {
        let text = Array(
            #"{"a":[1.5e-3,"\u00e9\uD834\uDD1E é",true,null,{"b":{}}],"c":false}"#.utf8)
        try JSONText.validate(text)
        for length in 0..<text.count {
            #expect(throws: JSONError.self) { try JSONText.validate(Array(text[..<length])) }
            #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text[..<length])) }
        }
    }

    @Test("random changes of a text never make the checker and the builder disagree")
    func mutations() throws {
        let text = Array(#"{"a":[1.5e-3,"\u00e9\uD834\uDD1E é",true],"c":{"d":0,"e":[[]]}}"#.utf8)
        var state: UInt64 = 42
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<3_000 {
            var bytes = text
            for _ in 0...next(3) { bytes[next(bytes.count)] = UInt8(next(256)) }
            let isValid = (try? JSONText.validate(bytes)) != nil
            let value = try? JSONValue(parsing: bytes)
            #expect(isValid == (value != nil))
            if let value { #expect(try JSONValue(parsing: value.text) == value) }
        }
    }
}

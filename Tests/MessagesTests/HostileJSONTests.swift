internal import Messages
internal import ProtobufRuntime
import Testing

/// JSON from strangers, and the letter of proto3's JSON mapping.
@Suite("Hostile JSON")
struct HostileJSONTests {
    @Test(
        "what is not JSON, or not of the message's form, is refused",
        arguments: [
            "", " ", "null", "[]", "\"x\"", "{", "}", "{}}", "{} {}", "{}x", "{,}", "{\"id\"}",
            "{\"id\":}", "{\"id\":\"a\",}", "{\"id\" \"a\"}", "{id:\"a\"}", "{'id':'a'}",
            "{\"id\":\"a}", "{\"id\":\"\\x\"}", "{\"id\":\"\\u12\"}", "{\"id\":\"\\u12G4\"}",
            "{\"id\":\"\\u+123\"}", "{\"id\":\"\\ud800\"}", "{\"id\":\"\\ud800\\u0041\"}",
            "{\"id\":\"\\udc00\"}", "{\"id\":\"\\u0000\"}", "{\"id\":\"a\nb\"}",
            "{\"id\":\"\u{0}\"}",
            "{\"id\":1}", "{\"id\":true}", "{\"id\":[]}", "{\"id\":{}}", "{\"id\":\"\\",
            "{\"number\":1.5}", "{\"number\":\"1.5\"}", "{\"number\":\"\"}", "{\"number\":\" 1\"}",
            "{\"number\":\"+1\"}", "{\"number\":+1}", "{\"number\":01}", "{\"number\":1.}",
            "{\"number\":.5}", "{\"number\":-}", "{\"number\":1e}", "{\"number\":0x10}",
            "{\"number\":9223372036854775808}", "{\"number\":\"9223372036854775808\"}",
            "{\"number\":1e400}", "{\"number\":true}", "{\"number\":NaN}", "{\"number\":1e19}",
            "{\"priority\":2147483648}", "{\"priority\":-2147483649}", "{\"priority\":1e10}",
            "{\"dataTooLarge\":1}", "{\"dataTooLarge\":\"true\"}", "{\"dataTooLarge\":tru}",
            "{\"status\":\"RUNNING\"}", "{\"status\":\"\"}", "{\"status\":1.5}",
            "{\"status\":true}",
            "{\"status\":99999999999}", "{\"error\":[]}", "{\"error\":\"x\"}",
            "{\"interrupts\":{}}", "{\"interrupts\":[null]}", "{\"interrupts\":[{},]}",
            "{\"interrupts\":[{}", "{\"interrupts\":[{} {}]}", "{\"interrupts\":[,]}",
            "{\"createTime\":\"\"}", "{\"createTime\":1}", "{\"createTime\":\"2026-01-01\"}",
            "{\"createTime\":\"2026-13-01T00:00:00Z\"}",
            "{\"createTime\":\"2026-02-29T00:00:00Z\"}",
        ])
    func refused(_ text: String) {
        #expect(throws: ProtobufDecodingError.self) {
            _ = try Execution(protobufJSON: text)
        }
    }

    @Test("an unknown field is refused with its name")
    func unknownField() {
        #expect(
            throws: ProtobufDecodingError(
                messageName: "signalbox.v1.ExecutionError", reason: "unknown field \"nope\"")
        ) {
            _ = try Execution(protobufJSON: #"{"error":{"nope":[[[[]]]]}}"#)
        }
    }

    @Test(
        "a field given twice is refused, also under its other name and as null",
        arguments: [
            #"{"id":"a","id":"a"}"#, #"{"workflowId":"a","workflow_id":"b"}"#,
            #"{"id":null,"id":"a"}"#, #"{"error":{"code":"a","code":"b"}}"#,
        ])
    func duplicates(_ text: String) {
        #expect(throws: ProtobufDecodingError.self) {
            _ = try Execution(protobufJSON: text)
        }
    }

    @Test("a map's key given twice, and two members of a oneof, are refused")
    func otherDuplicates() {
        for text in [
            #"{"texts":{"a":"1","a":"2"}}"#, #"{"messages":{"1":{},"01":{}}}"#,
            #"{"blobs":{"x":""}}"#, #"{"blobs":{"-1":""}}"#, #"{"texts":{"a":null}}"#,
        ] {
            #expect(throws: ProtobufDecodingError.self) {
                _ = try Maps(protobufJSON: text)
            }
        }
        #expect(throws: ProtobufDecodingError.self) {
            _ = try Choice(protobufJSON: #"{"text":"a","flag":true}"#)
        }
    }

    @Test("null stands for the default, also of a oneof's member")
    func nulls() throws {
        let text = #"{"id":null,"number":null,"error":null,"interrupts":null,"status":null}"#
        #expect(try Execution(protobufJSON: text) == Execution())
        #expect(try Choice(protobufJSON: #"{"text":null,"flag":true}"#).choice == .flag(true))
        #expect(try Maps(protobufJSON: #"{"texts":null}"#) == Maps())
    }

    @Test("both names of a field, numbers as text or not, enums by name or number")
    func spellings() throws {
        let expected = Execution(number: 1000, status: .queued, priority: -3)
        for text in [
            #"{"number":"1000","status":"EXECUTION_STATUS_QUEUED","priority":-3}"#,
            #"{"number":1000,"status":1,"priority":"-3"}"#,
            " {\t\"number\" :\r1e3 , \"status\":1.0,\n\"priority\":-3.0 } ",
        ] {
            #expect(try Execution(protobufJSON: text) == expected)
        }
        #expect(try Execution(protobufJSON: #"{"input_json":"1"}"#).inputJSON == "1")
        #expect(try Execution(protobufJSON: #"{"inputJson":"1"}"#).inputJSON == "1")
    }

    @Test("strings: every escape, and characters beyond the first plane")
    func escapes() throws {
        let text = #"{"id":"\"\\\/\b\f\n\r\té\ud83d\ude00😀"}"#
        #expect(try Execution(protobufJSON: text).id == "\"\\/\u{8}\u{C}\n\r\té😀😀")
        let all = Execution(
            id: String(String.UnicodeScalarView((1...0x2FF).compactMap(Unicode.Scalar.init))))
        #expect(try Execution(protobufJSON: all.protobufJSON) == all)
    }

    @Test("floating point: what is not a number, infinities, signs of zero, range")
    func floats() throws {
        let special = Scalars(aDouble: -.infinity, aFloat: .infinity)
        #expect(special.protobufJSON == #"{"aDouble":"-Infinity","aFloat":"Infinity"}"#)
        #expect(try Scalars(protobufJSON: special.protobufJSON) == special)
        #expect(try Scalars(protobufJSON: #"{"aDouble":"NaN"}"#).aDouble.isNaN)
        #expect(Scalars(aDouble: -0.0).protobufJSON == #"{"aDouble":-0}"#)
        #expect(
            try Scalars(protobufJSON: #"{"aDouble":"1.5e3","aFloat":-2}"#)
                == Scalars(aDouble: 1500, aFloat: -2))
        for text in [
            #"{"aFloat":1e39}"#, #"{"aDouble":1e309}"#, #"{"aDouble":"inf"}"#, #"{"aDouble":" 1"}"#,
            #"{"aDouble":"nan"}"#, #"{"aDouble":"0x1p3"}"#, #"{"aDouble":""}"#,
        ] {
            #expect(throws: ProtobufDecodingError.self) {
                _ = try Scalars(protobufJSON: text)
            }
        }
    }

    @Test("64-bit integers keep every digit")
    func digits() throws {
        let scalars = Scalars(anInt64: .min, aUint64: .max)
        #expect(
            scalars.protobufJSON
                == #"{"anInt64":"-9223372036854775808","aUint64":"18446744073709551615"}"#)
        #expect(try Scalars(protobufJSON: scalars.protobufJSON) == scalars)
        #expect(
            try Scalars(protobufJSON: #"{"aUint64":18446744073709551615}"#).aUint64 == .max)
        #expect(throws: ProtobufDecodingError.self) {
            _ = try Scalars(protobufJSON: #"{"aUint64":-1}"#)
        }
    }

    @Test("deep nesting is refused at the first field that is not known")
    func depth() {
        for text in [
            String(repeating: "[", count: 1_000_000),
            String(repeating: "{\"a\":", count: 1_000_000),
            String(repeating: "{\"inner\":", count: 1_000_000),
            "{\"strings\":" + String(repeating: "[", count: 1_000_000),
        ] {
            #expect(throws: ProtobufDecodingError.self) {
                _ = try Outer(protobufJSON: text)
            }
            #expect(throws: ProtobufDecodingError.self) {
                _ = try Repeated(protobufJSON: text)
            }
        }
    }

    @Test("every sample's JSON cut at every character is refused", arguments: Sample.everything)
    func truncations(_ sample: Sample) {
        func check<Message: ProtobufMessage>(_ message: Message) {
            let whole = Array(message.protobufJSON.unicodeScalars)
            for length in 0..<whole.count {
                let text = String(String.UnicodeScalarView(whole[..<length]))
                #expect(throws: ProtobufDecodingError.self) {
                    _ = try Message(protobufJSON: text)
                }
            }
        }
        check(sample.message)
    }

    @Test(
        "every sample's JSON with characters changed at random is refused or read",
        arguments: Sample.everything)
    func mutations(_ sample: Sample) throws {
        func check<Message: ProtobufMessage>(_ message: Message) throws {
            let whole = Array(message.protobufJSON.utf8)
            var random = SplitMix(seed: 11)
            for _ in 0..<300 {
                var changed = whole
                changed[Int.random(in: 0..<whole.count, using: &random)] =
                    UInt8.random(in: 0...127, using: &random)
                let text = String(decoding: changed, as: UTF8.self)
                guard let read = try? Message(protobufJSON: text) else { continue }
                #expect(
                    try Message(protobufJSON: read.protobufJSON).protobufJSON == read.protobufJSON)
            }
        }
        try check(sample.message)
    }

    @Test("a long name in an error is cut, and control characters do not get through")
    func errorsAreClean() {
        let name = "\\n" + String(repeating: "x", count: 1000)
        do throws(ProtobufDecodingError) {
            _ = try Execution(protobufJSON: "{\"\(name)\":1}")
            Issue.record("read")
        } catch {
            #expect(error.reason.utf8.count < 200)
            #expect(!error.reason.contains("\n"))
        }
    }
}

import Testing

@testable import JSON

@Suite("JSON Schema")
struct JSONSchemaTests {
    static func schema(_ text: String) throws -> JSONSchema {
        try JSONSchema(compiling: try JSONValue(parsing: text))
    }

    /// A schema, values it accepts, values it refuses.
    struct Case: Sendable, CustomTestStringConvertible {
        var schema: String
        var valid: [String]
        var invalid: [String]
        var testDescription: String { schema }
    }

    static let cases: [Case] = [
        Case(schema: "true", valid: ["1", "null"], invalid: []),
        Case(schema: "false", valid: [], invalid: ["1", "null"]),
        Case(schema: "{}", valid: ["1", "{}"], invalid: []),
        Case(
            schema: #"{"type":"integer"}"#, valid: ["1", "1.0", "1e2", "-0"],
            invalid: ["1.1", "\"1\"", "null", "true", "1e-1"]),
        Case(schema: #"{"type":"number"}"#, valid: ["1", "1.5"], invalid: ["\"1\"", "{}", "[]"]),
        Case(schema: #"{"type":"null"}"#, valid: ["null"], invalid: ["0", "false", "\"\""]),
        Case(schema: #"{"type":["string","null"]}"#, valid: ["\"a\"", "null"], invalid: ["1"]),
        Case(
            schema: #"{"enum":[6,"foo",[],true,{"foo":12}]}"#,
            valid: ["6", "6.0", "[]", "{\"foo\":12.0}"],
            invalid: ["null", "{\"foo\":13}", "{\"foo\":12,\"b\":1}", "1", "[0]"]),
        Case(
            schema: #"{"const":{"a":false}}"#, valid: [#"{"a":false}"#],
            invalid: [#"{"a":0}"#, "{}"]),
        Case(schema: #"{"const":null}"#, valid: ["null"], invalid: ["0"]),
        Case(
            schema: #"{"minimum":1.1,"maximum":3}"#, valid: ["1.1", "3.0", "\"x\""],
            invalid: ["0.6", "3.0000000000000000001", "1.0999999999999999999999"]),
        Case(
            schema: #"{"exclusiveMinimum":0,"exclusiveMaximum":1}"#, valid: ["0.5", "1e-400"],
            invalid: ["0", "1", "-1", "1.0"]),
        Case(schema: #"{"multipleOf":0.01}"#, valid: ["4.02", "0", "\"x\""], invalid: ["1.005"]),
        Case(
            schema: #"{"minLength":2,"maxLength":3}"#, valid: ["\"fo\"", "\"💩💩\"", "1"],
            invalid: ["\"f\"", "\"💩\"", "\"abcd\""]),
        Case(schema: #"{"pattern":"^a*$"}"#, valid: ["\"aa\"", "1", "\"\""], invalid: ["\"ab\""]),
        Case(
            schema: #"{"format":"date"}"#, valid: ["\"2024-02-29\"", "1"],
            invalid: ["\"2023-02-29\""]),
        Case(
            schema: #"{"minItems":1,"maxItems":2.0}"#, valid: ["[1]", "[1,2]", "\"\""],
            invalid: ["[]", "[1,2,3]"]),
        Case(
            schema: #"{"uniqueItems":true}"#,
            valid: ["[1,true]", "[{\"a\":1},{\"a\":2}]", "[[1],[2]]"],
            invalid: [
                "[1,1.0]", "[{\"a\":1,\"b\":2},{\"b\":2,\"a\":1}]", "[[1],[1]]", "[null,null]",
            ]),
        Case(
            schema: #"{"prefixItems":[{"type":"integer"},{"type":"string"}],"items":false}"#,
            valid: ["[]", "[1]", "[1,\"a\"]"], invalid: ["[\"a\"]", "[1,\"a\",2]"]),
        Case(
            schema: #"{"items":{"type":"integer"}}"#, valid: ["[1,2]", "{}"], invalid: ["[1,\"x\"]"]
        ),
        Case(
            schema: #"{"properties":{"a":{"type":"integer"},"b":false},"required":["a"]}"#,
            valid: [#"{"a":1}"#, "[]", #"{"a":1,"c":2}"#],
            invalid: ["{}", #"{"a":"x"}"#, #"{"a":1,"b":null}"#]),
        Case(
            schema: #"{"properties":{"a":{}},"additionalProperties":{"type":"boolean"}}"#,
            valid: [#"{"a":1,"x":true}"#], invalid: [#"{"x":1}"#]),
        Case(
            schema: #"{"additionalProperties":false}"#, valid: ["{}", "1"], invalid: [#"{"a":1}"#]),
        Case(
            schema: #"{"minProperties":1,"maxProperties":2}"#, valid: [#"{"a":1}"#, "[]"],
            invalid: ["{}", #"{"a":1,"b":2,"c":3}"#]),
        Case(
            schema: #"{"allOf":[{"minimum":1},{"maximum":2}]}"#, valid: ["1.5"],
            invalid: ["0", "3"]),
        Case(
            schema: #"{"anyOf":[{"type":"integer"},{"minimum":2}]}"#, valid: ["1", "2.5", "\"x\""],
            invalid: ["1.5"]),
        Case(
            schema: #"{"oneOf":[{"type":"integer"},{"minimum":2}]}"#, valid: ["1", "2.5"],
            invalid: ["3", "1.5"]),
        Case(schema: #"{"not":{"type":"integer"}}"#, valid: ["\"a\"", "1.5"], invalid: ["1"]),
        Case(
            schema:
                #"{"if":{"exclusiveMaximum":0},"then":{"minimum":-10},"else":{"multipleOf":2}}"#,
            valid: ["-1", "4", "\"x\""], invalid: ["-100", "3"]),
        Case(schema: #"{"then":{"const":0}}"#, valid: ["1"], invalid: []),
        Case(
            schema:
                ##"{"$ref":"#/$defs/a~1b","$defs":{"a/b":{"$ref":"#/$defs/c%25d"},"c%d":{"type":"string"}}}"##,
            valid: ["\"x\""], invalid: ["1"]),
        Case(
            schema: ##"{"$ref":"#/$defs/a","maxItems":1,"$defs":{"a":{"type":"array"}}}"##,
            valid: ["[1]"], invalid: ["[1,2]", "1"]),
        Case(
            schema: ##"{"properties":{"foo":{"$ref":"#"}},"additionalProperties":false}"##,
            valid: [#"{"foo":{"foo":false}}"#], invalid: [#"{"foo":{"bar":1}}"#]),
        Case(
            schema: ##"{"prefixItems":[{"type":"integer"},{"$ref":"#/prefixItems/0"}]}"##,
            valid: ["[1,2]"], invalid: ["[1,\"a\"]"]),
        Case(
            schema: #"{"properties":{"é":{"type":"null"}},"additionalProperties":false}"#,
            valid: ["{\"\u{E9}\":null}"], invalid: ["{\"e\u{301}\":null}", "{\"\u{E9}\":1}"]),
        Case(
            schema: ##"""
                {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"x","title":"t",
                "description":"d","default":1,"examples":[1],"$comment":"c","deprecated":true,
                "readOnly":true,"writeOnly":false}
                """##, valid: ["1"], invalid: []),
    ]

    @Test("a schema accepts and refuses what the specification says", arguments: cases)
    func checks(example: Case) throws {
        let schema = try Self.schema(example.schema)
        for text in example.valid {
            #expect(schema.validate(try JSONValue(parsing: text)) == [], "\(text)")
        }
        for text in example.invalid {
            #expect(!schema.validate(try JSONValue(parsing: text)).isEmpty, "\(text)")
        }
    }

    @Test("every fault of a value is listed with its place and what was expected")
    func faults() throws {
        let schema = try Self.schema(
            #"""
            {"type":"object","required":["id","a/b"],"additionalProperties":false,
             "properties":{"id":{"type":"string"},"items":{"items":{"minimum":3}},
              "kind":{"enum":["x","y"]}}}
            """#)
        let faults = schema.validate(
            try JSONValue(parsing: #"{"id":1,"items":[3,2,"x",1],"kind":"z","more":0}"#))
        #expect(
            faults.map(\.description) == [
                "member 'a/b' is missing",
                "/id: expected string, found number",
                "/items/1: 2 is less than the minimum of 3",
                "/items/3: 1 is less than the minimum of 3",
                #"/kind: expected one of "x", "y", found "z""#,
                "member 'more' is not allowed",
            ])
    }

    @Test(
        "a schema that cannot be used is refused with the place of every fault",
        arguments: [
            ("1", [""]), ("[]", [""]), (#"{"type":"int"}"#, ["/type"]),
            (#"{"type":[]}"#, ["/type"]),
            (#"{"type":["string","string",1]}"#, ["/type/1", "/type/2"]),
            (#"{"enum":1,"required":"a"}"#, ["/enum", "/required"]),
            (#"{"required":["a",1,"a"]}"#, ["/required/1", "/required/2"]),
            (
                #"{"minimum":"1","minLength":-1,"maxItems":1.5}"#,
                ["/minimum", "/minLength", "/maxItems"]
            ),
            (#"{"multipleOf":0}"#, ["/multipleOf"]), (#"{"multipleOf":-1}"#, ["/multipleOf"]),
            (#"{"pattern":"(?=a)"}"#, ["/pattern"]), (#"{"format":"hostname"}"#, ["/format"]),
            (#"{"properties":{"a/b":{"foo":1}}}"#, ["/properties/a~1b/foo"]),
            (#"{"items":[{}]}"#, ["/items"]), (#"{"allOf":[]}"#, ["/allOf"]),
            (#"{"anyOf":[1,{"x":0}]}"#, ["/anyOf/0", "/anyOf/1/x"]),
            (
                #"{"patternProperties":{},"unevaluatedProperties":false}"#,
                ["/patternProperties", "/unevaluatedProperties"]
            ),
            (##"{"$ref":"#/$defs/x"}"##, ["/$ref"]), (#"{"$ref":"other.json"}"#, ["/$ref"]),
            (##"{"$ref":"#anchor"}"##, ["/$ref"]),
            (##"{"$ref":"#/examples/0","examples":[{}]}"##, ["/$ref"]),
            (#"{"items":{"$id":"x"}}"#, ["/items/$id"]), (#"{"uniqueItems":1}"#, ["/uniqueItems"]),
            (#"{"title":1,"deprecated":0,"examples":{}}"#, ["/title", "/deprecated", "/examples"]),
            (##"{"$ref":"#"}"##, [""]), (##"{"anyOf":[{"$ref":"#"},{}]}"##, [""]),
            (
                ##"{"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"not":{"$ref":"#/$defs/a"}}}}"##,
                ["/$defs/a"]
            ),
        ])
    func refused(text: String, places: [String]) throws {
        let error = #expect(throws: JSONSchema.CompileError.self) { try Self.schema(text) }
        #expect(error?.faults.map(\.pointer.description) == places)
    }
}

@Suite("JSON Schema, hostile input")
struct JSONSchemaHostileInputTests {
    func nested(_ depth: Int) throws -> JSONValue {
        try JSONValue(
            parsing: String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
    }

    @Test("a schema whose choices multiply at each level is given up after its steps")
    func exponential() throws {
        let schema = try JSONSchemaTests.schema(
            ##"{"anyOf":[{"items":{"$ref":"#"},"minItems":1},{"items":{"$ref":"#"},"minItems":1}]}"##
        )
        let faults = schema.validate(try nested(100))
        #expect(faults.count == 1)
        #expect(faults.first?.message == "validation exceeds the limit of 2000000 steps")
    }

    @Test("references many for each level are given up at the depth limit")
    func deep() throws {
        let links = (0..<20).map { ##""d\##($0)":{"allOf":[{"$ref":"#/$defs/d\##($0 + 1)"}]}"## }
        let text =
            ##"{"$ref":"#/$defs/d0","$defs":{\##(links.joined(separator: ",")),"d20":{"items":{"$ref":"#"}}}}"##
        let schema = try JSONSchemaTests.schema(text)
        #expect(schema.validate(try nested(2)) == [])
        let faults = schema.validate(try nested(100))
        #expect(faults.map(\.message) == ["validation exceeds the limit of 512 nested schemas"])
    }

    @Test("a schema with too many subschemas is refused")
    func tooMany() throws {
        let parts = Array(repeating: JSONValue.bool(true), count: 5_001)
        let error = #expect(throws: JSONSchema.CompileError.self) {
            try JSONSchema(compiling: ["allOf": .array(parts)])
        }
        #expect(error?.faults.first?.message == "schema exceeds the limit of 5000 subschemas")
    }

    @Test("no more faults are listed than the limit")
    func manyFaults() throws {
        let schema = try JSONSchemaTests.schema(#"{"items":{"type":"string"}}"#)
        let faults = schema.validate(.array((0..<1_000).map { .number(JSONNumber($0)) }))
        #expect(faults.count == 100)
    }
}

import JSON
import Testing

@testable import Expressions

@Suite("Template")
struct TemplateTests {
    static func shape(_ text: String) throws -> [String] {
        try Template(parsing: text).parts.map { part in
            switch part {
            case .text(let text): "t:" + text
            case .expression(let expression): "e:" + expression.source
            }
        }
    }

    @Test(
        "a string is cut into text and expressions",
        arguments: [
            ("", []), ("plain", ["t:plain"]), ("${.a}", ["e:.a"]), ("${ .a }", ["e: .a "]),
            ("x${.a}y${.b}", ["t:x", "e:.a", "t:y", "e:.b"]), ("$${.a}", ["t:${.a}"]),
            ("$5 and $ and {}", ["t:$5 and $ and {}"]), ("$$${.a}", ["t:$${.a}"]),
            ("${ {a: {b: 1}} }", ["e: {a: {b: 1}} "]), (#"${ "}" }"#, [#"e: "}" "#]),
            (#"${ "\"}" }"#, [#"e: "\"}" "#]),
            (#"${ "a\("}" + {b:1}.b)}" }x"#, [#"e: "a\("}" + {b:1}.b)}" "#, "t:x"]),
            ("${ .a # }\n }", ["e: .a # }\n "]), ("é${.a}é", ["t:é", "e:.a", "t:é"]),
        ])
    func cuts(text: String, parts: [String]) throws {
        #expect(try Self.shape(text) == parts)
    }

    @Test(
        "a string whose expression has no end, or is refused, is refused",
        arguments: [
            "${", "${.a", "${ \"}", "${ (} )}", "${ [}", "${ .a # }", "${}", "${ }", "${env}",
            #"${ "\(.a" }"#, "${ ) }", "${\0}",
        ])
    func refused(text: String) {
        let error = #expect(throws: ExpressionError.self) { try Template(parsing: text) }
        #expect(error?.code == .syntax)
    }

    @Test("data lists its expressions and every fault with its place")
    func data() throws {
        let value: JSONValue = [
            "a": ["x", "${.input.a}"], "b/c": "${ .nodes.n.output | length }-${.item}", "d": 1,
        ]
        let data = try CompiledData(compiling: value)
        #expect(data.expressions.map(\.pointer.description) == ["/a/1", "/b~1c", "/b~1c"])
        #expect(
            data.references
                == ExpressionReferences(names: ["input", "nodes", "item"], nodes: ["n"]))
        let plain = try CompiledData(compiling: ["z": "$${x}", "a": [1, nil]])
        #expect(plain.literal?.text == #"{"z":"${x}","a":[1,null]}"#)
        let error = #expect(throws: CompiledData.CompileError.self) {
            try CompiledData(compiling: ["a": "${", "b": ["${env}", "${.ok}"]])
        }
        #expect(error?.faults.map(\.pointer.description) == ["/a", "/b/0"])
        #expect(error?.expressions.map(\.expression.source) == [".ok"])
        let texts = #expect(throws: CompiledData.CompileError.self) {
            try CompiledData(compiling: ["${env}, ${.a}, ${input}, ${(}, ${.b}"])
        }
        // Behind an expression without an end nothing can be told.
        #expect(texts?.faults.count == 3)
        #expect(texts?.expressions.map(\.expression.source) == [".a"])
    }
}

@Suite("Expression screen")
struct ExpressionScreenTests {
    @Test(
        "what reaches outside is refused wherever it is called",
        arguments: [
            "env", "$ENV", "$ENV.PATH", "$ ENV", "$ #c\n ENV", ".a | env", "[env]", "{a: env}",
            "{(env): 1}",
            "{\"a\": 1, b: (1, env)}", #""\(env)""#, #""a\("b\(env)")""#, "input", "inputs",
            "[inputs]",
            "debug", "debug(\"x\")", "stderr", "halt", "halt_error", "halt_error(1)",
            "get_search_list",
            "modulemeta", "input_filename", "input_line_number", "$__prog_args",
            "import \"a\" as a; 1", "include \"a\"; 1", "def f: env; f", "m::env", "try env",
            "env.PATH",
            "{$ENV}", "if env then 1 else 2 end", "@base64 \"\\(env)\"", "# c\nenv",
            "get_jq_origin",
        ])
    func refused(program: String) {
        let error = #expect(throws: ExpressionError.self) { try Expression(program) }
        #expect(error?.code == .syntax)
    }

    @Test(
        "the same words as members, in strings and in comments are allowed",
        arguments: [
            ".env", ".input", ".a.env.input", "{env: 1}", "{input}", "{a: 1, input, debug: 2}",
            "\"env\"",
            ".[\"env\"]", ". # env", "#env\n.", ".environment", "$env", ". as $input | $input",
            ". as {input: $x} | $x", "\"$ENV\"", "{\"env\": 1}", "inputs_", "my_env",
        ])
    func allowed(program: String) throws {
        _ = try Expression(program)
    }

    @Test("a program too long or too deeply nested is refused")
    func limits() {
        let long = #expect(throws: ExpressionError.self) {
            try Expression(String(repeating: "1", count: 16_385))
        }
        #expect(long?.code == .tooLarge)
        let deep = #expect(throws: ExpressionError.self) {
            try Expression(
                String(repeating: "(", count: 5_000) + String(repeating: ")", count: 5_000))
        }
        #expect(deep?.code == .syntax)
    }
}

@Suite("Expression references")
struct ExpressionReferencesTests {
    @Test(
        "a program is narrowed to what it reads",
        arguments: [
            (".input.a", ["input"], []), (".nodes.a.output | length", ["nodes"], ["a"]),
            (".nodes[\"a-b\"].output + .input", ["nodes", "input"], ["a-b"]),
            (".nodes.\"x y\".output", ["nodes"], ["x y"]),
            ("[.input.items[] | select(.price > 1) | .input]", ["input"], []),
            ("{input, b: .last.nodes, c: \"\\(.item.x)\"}", ["input", "last", "item"], []),
            ("if .input.a then .last else .index end", ["input", "last", "index"], []),
            (".input[.index]", ["input", "index"], []),
            ("(.input | length) > (.last | keys | length)", ["input", "last"], []),
            ("1 + 2", [], []), (".input.a // \"none\"", ["input"], []),
            ("@base64 \"\\(.input)\"", ["input"], []),
            ("{a: .input | length, b: .last}", ["input", "last"], []),
            (".input | . | keys", ["input"], []),
            (".nodes.a.output.nodes.b", ["nodes"], ["a"]),
        ] as [(String, Set<String>, Set<String>)])
    func narrowed(program: String, names: Set<String>, nodes: Set<String>) throws {
        #expect(
            try Expression(program).references == ExpressionReferences(names: names, nodes: nodes))
    }

    @Test(
        "a program that may look at the root is given everything",
        arguments: [
            ".", "keys", "[.input.a, keys]", "..", "to_entries[]", ".input as $x | .",
            "def f: .; f",
            ".[\"input\"]", ".[]", "getpath([\"a\"])", "{a: .input|length, b: .}", "@json",
            "{\"input\"}",
            ".input.a = 1", "reduce .input[] as $x (0; .)", "map(.input)", "if . then 1 else 2 end",
            "(.input | length), keys", "[.input|length] + [.]", "del(.input)",
            ".input | (., 1) |= 2",
        ])
    func everything(program: String) throws {
        #expect(try Expression(program).references == .everything)
    }

    @Test("all nodes are given where it cannot be told which")
    func allNodes() throws {
        for program in [".nodes", ".nodes | keys", ".nodes[.input.x].output"] {
            let references = try Expression(program).references
            #expect(references.contains(node: "any"))
        }
    }
}

@Suite("Path expression")
struct PathExpressionTests {
    static func bindings() throws -> ExpressionBindings {
        ExpressionBindings(
            input: try JSONText(
                validating: #"{"a":{"b":[1.10,12345678901234567890,null]},"x y":true,"s":"t"}"#),
            outputs: ["foo": try JSONText(validating: "[1.0, 2]"), "a-b": "{\"k\":0}".text],
            last: "7".text, item: nil, index: 3, execution: "{\"id\":\"e\"}".text)
    }

    @Test(
        "a path gives what jq gives, and numbers keep their text",
        arguments: [
            (".input.a.b[0]", "1.10"), (".input.a.b[1]", "12345678901234567890"),
            (".input.a.b[-2]", "12345678901234567890"),
            (".input.a.b[9]", "null"), (".input.a.b[-9]", "null"), (".input.a.b[2].c[0]", "null"),
            (".input.\"x y\"", "true"), (".input[\"x y\"]", "true"), (".[\"input\"].s", "\"t\""),
            (".\"input\".s", "\"t\""),
            (".nodes.foo.output", "[1.0, 2]"), (".nodes[\"a-b\"].output.k", "0"),
            (".nodes.foo.output[1]", "2"),
            (".nodes.none.output.x", "null"), (".nodes.foo.other", "null"),
            (".nodes.foo", "{\"output\":[1.0,2]}"),
            (".index", "3"), (".item", "null"), (".item.x", "null"), (".execution.id", "\"e\""),
            (".nothing.x", "null"),
            (".last", "7"), (" .input\n.s ", "\"t\""),
        ])
    func values(program: String, expected: String) throws {
        let path = try #require(try Expression(program).path)
        let result = try path.evaluate(try Self.bindings())
        #expect(result.text.filter { $0 != " " } == expected.filter { $0 != " " })
    }

    @Test(
        "a step that does not fit is an error, as in jq",
        arguments: [
            ".input.s.x", ".input.s[0]", ".input[0]", ".input.a.b.c", ".last.x", ".nodes[0]",
            ".nodes.foo[0]", ".[0]",
            ".index[0]",
        ])
    func misfits(program: String) throws {
        let path = try #require(try Expression(program).path)
        let error = #expect(throws: ExpressionError.self) { try path.evaluate(try Self.bindings()) }
        #expect(error?.code == .failed)
    }

    @Test(
        "what is more than a path is left to jq",
        arguments: [
            ".", ".a | .b", ".a[]", ".a?", ".a + 1", ".a[.b]", ".a[1:2]", "[\"a\"]", ".a[1.5]", "1",
            "\"a\"", ".a..b",
            ".\"\\(1)\"", "$x", ".a[\"b\",\"c\"]",
        ])
    func notPaths(program: String) throws {
        #expect(try !Expression(program).isPath)
    }
}

extension String {
    /// This text as JSON, in tests that know it is.
    var text: JSONText { JSONText(trusted: self) }
}

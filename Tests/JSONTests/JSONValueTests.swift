import Testing

@testable import JSON

@Suite("JSON value, text, writer and pointer")
struct JSONValueTests {
    @Test(
        "values are equal whatever their order of members and way of writing",
        arguments: [
            (#"{"a":1,"b":2}"#, #"{"b":2.0,"a":1e0}"#, true), ("[1,2]", "[2,1]", false),
            (#""\u0061""#, #""a""#, true), (#"{"a":1}"#, #"{"a":1,"b":null}"#, false),
            ("\"e\u{301}\"", "\"\u{E9}\"", false), ("0", "false", false), ("[]", "{}", false),
            ("null", "\"null\"", false), ("[[1],{\"x\":[]}]", "[[1.0],{\"x\":[]}]", true),
        ])
    func equality(left: String, right: String, areEqual: Bool) throws {
        let (left, right) = (try JSONValue(parsing: left), try JSONValue(parsing: right))
        #expect((left == right) == areEqual)
        if areEqual { #expect(left.hashValue == right.hashValue) }
    }

    @Test("an object finds, replaces, adds and removes members in order, small or large")
    func objectEditing() {
        for count in [3, 40] {
            var object = JSONObject(
                (0..<count).map { ("k\($0)", JSONValue.number(JSONNumber($0))) })
            object["k1"] = "new"
            object["k0"] = nil
            object["last"] = true
            #expect(object.count == count)
            #expect(object.keys.first == "k1")
            #expect(object.keys.last == "last")
            #expect(object["k1"] == "new")
            #expect(object["k0"] == nil)
            #expect(object["k\(count - 1)"] == .number(JSONNumber(count - 1)))
            #expect(object["e\u{301}"] == nil)
        }
    }

    @Test("the writer splices raw text and places commas")
    func writer() throws {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("raw")
        writer.raw(try JSONText(validating: "[1.0, 2 ]"))
        writer.key("list")
        writer.beginArray()
        writer.null()
        writer.bool(true)
        writer.integer(-5)
        writer.string("a\"\\\n\u{1}\u{7F}é/")
        writer.beginObject()
        writer.endObject()
        writer.value(["x": [1, nil]])
        writer.endArray()
        writer.endObject()
        let text = writer.finish()
        #expect(
            text.text
                == #"{"raw":[1.0, 2 ],"list":[null,true,-5,"a\"\\\n\u0001\u007fé/",{},{"x":[1,null]}]}"#
        )
        #expect(try JSONValue(text)["list"]?[3] == "a\"\\\n\u{1}\u{7F}é/")
    }

    @Test(
        "a pointer finds what RFC 6901 says",
        arguments: [
            ("/foo", #"["bar","baz"]"#), ("/foo/0", #""bar""#), ("/", "0"), ("/a~1b", "1"),
            ("/c%d", "2"), ("/e^f", "3"), ("/g|h", "4"), ("/i\\j", "5"), ("/k\"l", "6"),
            ("/ ", "7"), ("/m~0n", "8"),
        ])
    func pointerFinds(pointer: String, expected: String) throws {
        let document = try JSONValue(
            parsing: #"""
                {"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,
                "m~n":8}
                """#)
        let place = try #require(JSONPointer(parsing: pointer))
        #expect(document[place]?.text == expected)
        #expect(place.description == pointer)
    }

    @Test("a pointer to nothing finds nothing, and a broken one is refused")
    func pointerMisses() throws {
        let document: JSONValue = ["a": [1, 2]]
        #expect(document[.root] == document)
        for text in ["/b", "/a/2", "/a/-", "/a/01", "/a/+1", "/a/x", "/a/0/0"] {
            #expect(document[try #require(JSONPointer(parsing: text))] == nil)
        }
        for text in ["a", "/~", "/~2", "#/a"] { #expect(JSONPointer(parsing: text) == nil) }
    }
}

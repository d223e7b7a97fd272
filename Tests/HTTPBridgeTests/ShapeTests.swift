import HTTPTypes
import JSON
import NIOCore
import Operations
import ProtobufRuntime
import Testing

@testable import HTTPBridge

@Suite struct ShapeTests {
    @Test func `instants have milliseconds, always`() {
        #expect(
            InstantShape.text(Timestamp(seconds: 1_709_856_234, nanos: 567_000_000))
                == "2024-03-08T00:03:54.567Z")
        #expect(InstantShape.text(Timestamp(seconds: 0)) == "1970-01-01T00:00:00.000Z")
        #expect(
            InstantShape.text(Timestamp(seconds: 0, nanos: 7_999_999))
                == "1970-01-01T00:00:00.007Z")
    }

    @Test func `a duration needs both its ends`() {
        let start = Timestamp(seconds: 1)
        #expect(
            InstantShape.milliseconds(from: start, to: Timestamp(seconds: 3, nanos: 5_000_000))
                == 2_005)
        #expect(InstantShape.milliseconds(from: nil, to: start) == nil)
        #expect(InstantShape.milliseconds(from: start, to: nil) == nil)
    }

    @Test func `every form of an id is understood`() {
        #expect(ExecutionName.reference("exec-12") == "12")
        #expect(ExecutionName.reference("batch-7") == "7")
        #expect(ExecutionName.reference("12") == "12")
        #expect(ExecutionName.execution(12) == "exec-12")
    }

    @Test(arguments: [
        ("workflow_id", "workflowId"), ("input_json", "input"), ("a", "a"),
        ("definition_json/nodes/3", "definition/nodes/3"), ("filter.states[0]", "filter.states[0]"),
        ("from_node_id", "fromNodeId"),
    ])
    func `fields have their JSON names`(field: String, name: String) {
        #expect(FieldName.json(field) == name)
    }

    @Test func `a body's fields are read, and everything wrong with them is told`() {
        var fields = BodyFields([
            "text": "a", "flag": 1, "number": 5, "nothing": nil, "list": ["a", 1],
        ])
        #expect(fields.string("text", isNeeded: true) == "a")
        #expect(fields.string("nothing") == nil)
        #expect(fields.bool("flag") == nil)
        #expect(fields.integer("number", in: 0...4) == nil)
        #expect(fields.strings("list") == nil)
        #expect(fields.object("missing", isNeeded: true) == nil)
        let fault = #expect(throws: Fault.self) { try fields.finish() }
        #expect(fault?.violations.map(\.field) == ["flag", "number", "list", "missing"])
        #expect(fault?.status.code == 400)
    }

    @Test func `a form's parts are its fields and files`() throws {
        let body =
            "preamble\r\n--x\r\nContent-Disposition: form-data; name=\"mode\"\r\n\r\nparallel\r\n"
            + "--x\r\nContent-Type: application/json\r\n"
            + "content-disposition: form-data; name=files; filename=\"a \\\"b\\\".json\"\r\n\r\n"
            + "{\"a\":\r\n1}\r\n--x--\r\n"
        let form = try MultipartForm(
            ByteBuffer(string: body), contentType: "multipart/form-data; boundary=\"x\"")
        #expect(form.text("mode") == "parallel")
        #expect(form.files.map(\.fileName) == ["a \"b\".json"])
        #expect(form.files.first?.text == "{\"a\":\r\n1}")
    }

    @Test(arguments: [
        ("multipart/form-data", "--x--"),
        ("multipart/form-data; boundary=x", ""),
        ("multipart/form-data; boundary=x", "--x\r\nno head"),
        ("multipart/form-data; boundary=x", "--x\r\n\r\n\r\n--x--"),
        (
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--"
        ),
        (
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\na"
        ),
    ])
    func `a form that is cut off or has no names is refused`(type: String, body: String) {
        #expect(throws: Fault.self) {
            try MultipartForm(ByteBuffer(string: body), contentType: type)
        }
    }
}

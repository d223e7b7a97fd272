import Foundation
import Testing

@testable import HTTPBridge

struct ExecutionsClientCursorTests {
    static func encoded(_ json: String) -> String { Data(json.utf8).base64EncodedString() }

    @Test("a cursor says where a list goes on, and is read back")
    func roundTrip() throws {
        let cursor = ExecutionsClientCursor(limit: 25, lastID: 1_024)
        #expect(try ExecutionsClientCursor(cursor.text) == cursor)
        #expect(
            Data(base64Encoded: cursor.text).map { String(decoding: $0, as: UTF8.self) }
                == #"{"limit":25,"lastId":"1024"}"#)
    }

    @Test(
        "what a client forges is bounded",
        arguments: [
            (#"{}"#, 100), (#"[]"#, 100), (#"{"limit":-1}"#, 1), (#"{"limit":0}"#, 1),
            (#"{"limit":"x"}"#, 100), (#"{"limit":1e9}"#, 250), (#"{"limit":"20"}"#, 20),
        ])
    func forged(_ json: String, _ limit: Int) throws {
        let cursor = try ExecutionsClientCursor(Self.encoded(json))
        #expect(cursor == ExecutionsClientCursor(limit: Int64(limit)))
    }

    @Test(
        "what is no cursor is refused with the API's words",
        arguments: [
            encoded("5"), encoded("null"), encoded(#""x""#), encoded("[1]"), encoded("{"),
            encoded(#"{"lastId":"x"}"#), encoded(#"{"lastId":0}"#), encoded(#"{"offset":-1}"#),
            "%%%", "", String(repeating: "A", count: 2_000),
        ])
    func invalid(_ text: String) {
        let fault = #expect(throws: Fault.self) { _ = try ExecutionsClientCursor(text) }
        #expect(fault?.message == "An invalid cursor was provided")
    }

    @Test("an offset may be as deep as numbered pages go")
    func offset() throws {
        #expect(try ExecutionsClientCursor(Self.encoded(#"{"offset":10000}"#)).offset == 10_000)
        let fault = #expect(throws: Fault.self) {
            _ = try ExecutionsClientCursor(Self.encoded(#"{"offset":10001}"#))
        }
        #expect(fault?.code == "PAGE_TOO_DEEP")
    }
}

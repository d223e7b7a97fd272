import Foundation
import Messages
import Testing

@testable import Operations

struct PageTokenTests {
    private let pages = PageToken("List", ["default", ""])

    @Test func `numbers come back as they went`() throws {
        for numbers in [[0, 0], [1, -1], [.max, .min], [1_795_251_977_977_236, 42]] as [[Int64]] {
            let text = pages.token(numbers[0], numbers[1])
            #expect(try pages.numbers(text, count: 2) == numbers)
        }
    }

    @Test func `names come back as they went`() throws {
        for name in ["a", "größe", String(repeating: "x", count: 128)] {
            #expect(try pages.name(pages.token(name: name)) == name)
        }
    }

    @Test func `no token is the first page`() throws {
        #expect(try pages.numbers("", count: 2) == nil)
        #expect(try pages.name("") == nil)
    }

    @Test func `a token of another list is refused and says so`() {
        let others = [
            PageToken("List", ["other", ""]), PageToken("List", ["defaul", "t"]),
            PageToken("Other", ["default", ""]),
            PageToken("List", ["default", ""], message: ExecutionFilter(key: "k")),
        ]
        for other in others {
            let error = #expect(throws: OperationError.self) {
                _ = try pages.numbers(other.token(1, 2), count: 2)
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains("another filter") == true)
        }
    }

    @Test func `a token is opaque and fits a URL`() {
        let text = pages.token(1, 2)
        #expect(text.utf8.allSatisfy { $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") })
        #expect(!text.contains("="))
    }
}

struct PageTokenHostileInputTests {
    private let pages = PageToken("List")

    @Test(arguments: [
        "no token of ours", "=", "====", "A", "AA", "AQ", "%00", "\u{0}", "💥", "AQAAAAAAAAAA",
        String(repeating: "A", count: 511), String(repeating: "A", count: 100_000),
        "AQAAAAAAAAAAAQIDBAUGBwgBAgMEBQYHCA", "-_-_-_-_-_-_-_-_", " AQ", "AQ ",
    ])
    func `anything else is refused as an invalid argument`(text: String) {
        for call in [
            { _ = try pages.numbers(text, count: 2) }, { _ = try pages.name(text) },
        ] as [() throws -> Void] {
            let error = #expect(throws: OperationError.self) { try call() }
            #expect(error?.code == .invalidArgument)
            #expect(error?.violations.map(\.field) == ["page_token"])
        }
    }

    @Test func `every flipped byte of a token is refused or only moves the position`() throws {
        let good = pages.token(7, 9)
        var base64 = good.replacing("-", with: "+").replacing("_", with: "/")
        base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        let bytes = Array(try #require(Data(base64Encoded: base64)))
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x55
            let text = Data(changed).base64EncodedString().replacing("+", with: "-")
                .replacing("/", with: "_").replacing("=", with: "")
            if index < 9 {
                #expect(throws: OperationError.self) { try pages.numbers(text, count: 2) }
            } else {
                #expect(try pages.numbers(text, count: 2) != [7, 9])
            }
        }
    }

    @Test func `a position of another length is refused`() {
        #expect(throws: OperationError.self) { try pages.numbers(pages.token(1), count: 2) }
        #expect(throws: OperationError.self) {
            try pages.numbers(pages.token(1, 2, 3), count: 2)
        }
        #expect(throws: OperationError.self) { try pages.name(pages.token(name: "")) }
        #expect(throws: OperationError.self) { try pages.name(pages.token(-1)) }
    }
}

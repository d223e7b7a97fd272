import Testing

@testable import JSON

@Suite("JSON number")
struct JSONNumberTests {
    func number(_ text: String) throws -> JSONNumber { try #require(JSONNumber(text: text)) }

    @Test(
        "numbers are equal by value, exactly",
        arguments: [
            ("1", "1.0", true), ("1", "10e-1", true), ("100", "1e2", true), ("0", "-0", true),
            ("0", "0e99999", true), ("0.1", "0.10", true), ("1", "2", false), ("1", "-1", false),
            ("9007199254740993", "9007199254740992", false),
            ("0.1", "0.1000000000000000055511151231257827", false),
            ("123456789012345678901234567890", "1.2345678901234567890123456789e29", true),
        ])
    func equality(left: String, right: String, areEqual: Bool) throws {
        #expect((try number(left) == number(right)) == areEqual)
        if areEqual { #expect(try number(left).hashValue == number(right).hashValue) }
    }

    @Test("numbers order by value")
    func order() throws {
        let ascending = [
            "-1e400", "-10", "-2", "-1.5", "-0.01", "0", "1e-400", "0.009", "0.01", "1", "1.5", "2",
            "9.99", "10", "9007199254740992", "9007199254740993", "1e400",
        ]
        for (position, left) in ascending.enumerated() {
            for (other, right) in ascending.enumerated() {
                #expect(
                    (try number(left) < number(right)) == (position < other), "\(left) \(right)")
            }
        }
    }

    @Test(
        "a multiple is found exactly",
        arguments: [
            ("0", "3", true), ("9", "3", true), ("10", "3", false), ("0.3", "0.1", true),
            ("4.02", "0.01", true), ("1.005", "0.01", false), ("1e300", "3", false),
            ("1e300", "2", true), ("-9", "3", true), ("1e99999", "7", false), ("12e10", "12", true),
            ("123456789012345678901234567890", "10", true), ("0.00751", "0.0001", false),
        ])
    func multiples(value: String, divisor: String, isMultiple: Bool) throws {
        #expect(try number(value).isMultiple(of: number(divisor)) == isMultiple)
    }

    @Test("a divisor that is not positive or has too many digits gives no answer")
    func badDivisors() throws {
        for divisor in ["0", "-1", "0.0", "1234567890123456789"] {
            #expect(try number("1").isMultiple(of: number(divisor)) == nil)
        }
    }

    @Test(
        "an integer is read from any way of writing it",
        arguments: [
            ("12", 12), ("1.20e1", 12), ("-3.0", -3), ("1e3", 1_000), ("0.0", 0), ("-0", 0),
            ("9223372036854775807", .max), ("-9223372036854775808", .min), ("1.5", nil),
            ("9223372036854775808", nil), ("1e19", nil), ("1e99999", nil),
        ] as [(String, Int64?)])
    func integers(text: String, integer: Int64?) throws {
        #expect(try number(text).int64Value == integer)
    }

    @Test("doubles are written shortest, and what is not finite is refused")
    func doubles() {
        #expect(JSONNumber(1.0)?.text == "1")
        #expect(JSONNumber(0.1)?.text == "0.1")
        #expect(JSONNumber(-0.0)?.text == "-0")
        #expect(JSONNumber(1e300)?.text == "1e+300")
        #expect(JSONNumber(Double.nan) == nil)
        #expect(JSONNumber(-Double.infinity) == nil)
        #expect(JSONNumber(text: " 1") == nil)
        #expect(JSONNumber(text: "1x") == nil)
        #expect(JSONNumber(text: "\"1\"") == nil)
    }
}

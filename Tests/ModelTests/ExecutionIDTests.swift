import Model
import Testing

@Suite struct ExecutionIDTests {
    @Test func `an id is a version 7 UUID that begins with its milliseconds`() {
        let time = WallTime(microseconds: 0x0199_1234_5678 * 1_000 + 999)
        let id = ExecutionID(time: time, random: (.max, .max))
        #expect(id.description == "01991234-5678-7fff-bfff-ffffffffffff")
        let other = ExecutionID(time: time, random: (0, 0))
        #expect(other.description == "01991234-5678-7000-8000-000000000000")
    }

    @Test func `ids order by time`() {
        let early = ExecutionID(time: WallTime(microseconds: 1_000), random: (.max, .max))
        let late = ExecutionID(time: WallTime(microseconds: 2_000), random: (0, 0))
        #expect(early < late)
    }

    @Test func `text round trips, in either case`() {
        let id = ExecutionID(high: 0x0123_4567_89AB_7DEF, low: 0x8123_4567_89AB_CDEF)
        #expect(ExecutionID(id.description) == id)
        #expect(ExecutionID(id.description.uppercased()) == id)
    }

    @Test(arguments: [
        "", "01991234", "01991234-5678-7fff-bfff-fffffffffff",
        "01991234-5678-7fff-bfff-fffffffffffff",
        "0199123456787fffbfffffffffffffff", "01991234-5678-7fff-bfff_ffffffffffff",
        "g1991234-5678-7fff-bfff-ffffffffffff", "-1991234-5678-7fff-bfff-ffffffffffff",
        "01991234-5678-7fff-bfff-ffffffffffé",
    ])
    func `other text is no id`(_ text: String) {
        #expect(ExecutionID(text) == nil)
    }
}

@Suite struct ExecutionReferenceTests {
    @Test func `a UUID or a decimal number names an execution`() {
        let id = "01991234-5678-7fff-bfff-ffffffffffff"
        #expect(ExecutionReference(id)?.description == id)
        #expect(ExecutionReference("42") == .number(ExecutionNumber(rawValue: 42)))
        #expect(
            ExecutionReference("9223372036854775807") == .number(ExecutionNumber(rawValue: .max)))
    }

    @Test(arguments: ["", "0", "-1", "+1", "01", "1.5", "abc", " 1", "9223372036854775808", "1e3"])
    func `other text names none`(_ text: String) {
        #expect(ExecutionReference(text) == nil)
    }
}

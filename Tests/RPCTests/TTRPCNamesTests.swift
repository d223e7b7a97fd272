import NIOCore
import Testing

@testable import RPC

struct TTRPCNamesTests {
    @Test(arguments: ["", "a", "signalbox.v1.ExecutionService", String(repeating: "ü", count: 300)])
    func `a name is the same the first time and the next`(_ name: String) {
        var names = TTRPCNames()
        #expect(names.text(ByteBuffer(string: name)) == name)
        #expect(names.text(ByteBuffer(string: name)) == name)
    }

    @Test func `names of one length are told apart, also when many came before`() {
        var names = TTRPCNames()
        for _ in 0..<2 {
            for number in 100..<160 {
                #expect(names.text(ByteBuffer(string: "n\(number)")) == "n\(number)")
            }
        }
    }

    @Test func `what is not UTF-8 is refused every time`() {
        var names = TTRPCNames()
        let bytes = ByteBuffer(bytes: [0x61, 0xFF])
        #expect(names.text(bytes) == nil)
        #expect(names.text(bytes) == nil)
    }
}

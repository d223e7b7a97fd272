import Testing

@testable import Operations

struct DeliveryRoomTests {
    private static func reason(_ body: () throws(OperationError) -> Void) -> String? {
        do throws(OperationError) {
            try body()
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func `a sender, a webhook and all together have so much room, which comes back`() throws {
        let room = DeliveryRoom(perSenderMax: 10, totalMax: 160)
        func take(_ count: Int, of sender: String, to webhook: String) -> String? {
            Self.reason { () throws(OperationError) in
                try room.take(count, of: sender, to: webhook)
            }
        }
        #expect(take(10, of: "a", to: "1") == nil)
        #expect(take(1, of: "a", to: "2") == "OVERLOADED")
        // An eighth of all is for one webhook, whoever sends.
        #expect(take(10, of: "b", to: "1") == nil)
        #expect(take(1, of: "c", to: "1") == "OVERLOADED")
        for webhook in 2...8 {
            for half in 0..<2 {
                #expect(take(10, of: "\(webhook)/\(half)", to: "\(webhook)") == nil)
            }
        }
        #expect(take(1, of: "d", to: "9") == "OVERLOADED")
        room.giveBack(4, of: "a", to: "1")
        #expect(take(4, of: "d", to: "9") == nil)
        #expect(take(1, of: "d", to: "1") == "OVERLOADED")
    }

    @Test func `a sender's own room is there however little the webhooks' is`() {
        let room = DeliveryRoom(perSenderMax: 100, totalMax: 160)
        #expect(
            Self.reason { () throws(OperationError) in try room.take(100, of: "a", to: "1") }
                == nil)
    }
}

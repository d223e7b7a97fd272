import Messages
import ProtobufRuntime
import Testing

struct EnumNameTests {
    @Test func `short names leave out the type's, and say numbers that are not known`() {
        #expect(ExecutionStatus.completed.shortName == "COMPLETED")
        #expect(ExecutionStatus.unspecified.shortName == "UNSPECIFIED")
        #expect(PauseAction.continueWithoutBreakpoint.shortName == "CONTINUE_WITHOUT_BREAKPOINT")
        #expect(ExecutionStatus(rawValue: 77).shortName == "77")
    }

    @Test func `every value of an enum has its type's name before its own`() {
        #expect(short(ExecutionStatus.self) && short(NodeStatus.self) && short(TriggerKind.self))
        #expect(short(BulkOutcome.self) && short(BatchStatus.self) && short(OverlapPolicy.self))
        #expect(short(InterruptType.self) && short(WebhookVerification.self) && short(Role.self))
    }

    private func short<Value: ProtobufEnum>(_: Value.Type) -> Bool {
        Value.allCases.allSatisfy { $0.shortName != $0.protobufName }
    }
}

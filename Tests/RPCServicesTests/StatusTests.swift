import Messages
import NIOCore
import Operations
import ProtobufRuntime
import RPC
import Testing

@testable import RPCServices

struct StatusTests {
    @Test func `a malformed request is its sender's fault, a malformed answer the server's`() {
        let garbage = ByteBuffer(bytes: [0x0A, 0xFF])
        let request = #expect(throws: RPCError.self) { try Execution(decoding: garbage) }
        #expect(request?.code == .invalidArgument)
        let answer = #expect(throws: RPCError.self) { try Execution(decodingAnswer: garbage) }
        #expect(answer?.code == .internal)
        #expect(answer?.message.hasPrefix("the answer is malformed: ") == true)
    }

    @Test func `what an error quotes is clipped`() {
        let long = String(repeating: "x", count: 1 << 20)
        #expect(RPCError(.notFound, long).message.utf8.count == RPCError.messageBytesMax)
        let violation = OperationError.Violation(field: long, description: long)
        #expect(violation.field.utf8.count + violation.description.utf8.count == 2_048)
    }

    @Test(arguments: OperationError.Code.allCases)
    func `every code has a status, and none is OK`(code: OperationError.Code) {
        #expect(StatusCode(code) != .ok)
    }

    @Test func `an error carries its reason, its violations and when to try again`() throws {
        let error = RPCError(
            OperationError(
                .resourceExhausted, reason: "OVERLOADED", "too much waits",
                violations: [.init(field: "page_size", description: "too large")],
                retryAfter: .milliseconds(1_500), metadata: ["n": "7"]))
        #expect(error.code == .resourceExhausted)
        #expect(error.message == "too much waits")
        let any = error.details.map { ProtobufAny(typeURL: $0.typeURL, value: $0.value) }
        let info = try any[0].unpacked(as: ErrorInfo.self)
        #expect(info == ErrorInfo(reason: "OVERLOADED", domain: "signalbox", metadata: ["n": "7"]))
        let retry = try any[1].unpacked(as: RetryInfo.self)
        #expect(retry?.retryDelay == ProtobufDuration(seconds: 1, nanos: 500_000_000))
        let bad = try any[2].unpacked(as: BadRequest.self)
        #expect(bad?.fieldViolations == [.init(field: "page_size", description: "too large")])
    }

    @Test func `over gRPC violations end where clients stop taking them, and say so`() throws {
        let all = (0..<100).map { number in
            OperationError.Violation(
                field: "definition_json/nodes/\(number)/type", description: "UNKNOWN_KIND: nobody")
        }
        let error = OperationError(
            .invalidArgument, reason: "INVALID_ARGUMENT", String(repeating: "x", count: 4_096),
            violations: all, metadata: ["node_ids": String(repeating: "n,", count: 10_000)])
        let whole = RPCError(error)
        let shown = RPCError(error, room: .header)
        func violations(_ error: RPCError) throws -> [BadRequest.FieldViolation] {
            let any = try #require(error.details.last)
            return try ProtobufAny(typeURL: any.typeURL, value: any.value)
                .unpacked(as: BadRequest.self)?.fieldViolations ?? []
        }
        #expect(try violations(whole).map(\.field) == all.map(\.field))
        let some = try violations(shown)
        #expect(some.dropLast().map(\.field) == all.prefix(some.count - 1).map(\.field))
        #expect((20..<100).contains(some.count))
        let rest = "and \(101 - some.count) more, for which there is no room here"
        #expect(some.last == BadRequest.FieldViolation(description: rest))
        // All of it passes, beside the longest message.
        let fields = GRPCTrailers.fields(for: shown, metadata: [:])
        let field = try #require(fields.last)
        let bytes = try #require(GRPCBinaryValue.decode(field.value))
        let status = try RPCError(googleStatus: ByteBuffer(bytes: bytes))
        #expect(status?.details == shown.details)
        #expect(fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.count + 32 } < 7_000)
    }

    @Test func `the longest violation is cut rather than left out`() throws {
        let long = String(repeating: "x", count: 4_096)
        let error = OperationError(
            .invalidArgument, reason: "INVALID_ARGUMENT", "no",
            violations: [.init(field: long, description: long)])
        let any = try #require(RPCError(error, room: .header).details.last)
        let bad = try ProtobufAny(typeURL: any.typeURL, value: any.value)
            .unpacked(as: BadRequest.self)
        #expect(bad?.fieldViolations.count == 1)
        #expect(bad?.fieldViolations.first?.description.utf8.count == 512)
    }

    @Test func `an error without a reason gets its code's name, once`() throws {
        let error = RPCError(.invalidArgument, "no message").withErrorInfo()
        #expect(error.withErrorInfo() == error)
        let any = ProtobufAny(typeURL: error.details[0].typeURL, value: error.details[0].value)
        #expect(try any.unpacked(as: ErrorInfo.self)?.reason == "INVALID_ARGUMENT")
    }
}

struct CertificateRolesTests {
    private static let billing = ConnectionContext.ClientCertificate(
        commonName: "billing", subject: "CN=billing,O=us")

    @Test func `without configuration no certificate has a role`() {
        #expect(CertificateRoles().principal(Self.billing) == nil)
    }

    @Test func `a name's own role comes before everyone's`() {
        var roles = CertificateRoles()
        let added = ["viewer", "billing=operator"].map { roles.add($0) }
        #expect(added == [true, true])
        let principal = roles.principal(Self.billing)
        #expect(principal?.name == "certificate:CN=billing")
        #expect(principal?.role == .operator)
        #expect(principal?.workspaceID == "default")
        let other = ConnectionContext.ClientCertificate(commonName: "", subject: "O=them")
        #expect(roles.principal(other)?.name == "certificate:O=them")
        #expect(roles.principal(other)?.role == .viewer)
    }

    @Test(arguments: ["", "king", "=viewer", "a=", "a=king", "none", "a=none"])
    func `other texts are refused`(text: String) {
        var roles = CertificateRoles()
        let isAdded = roles.add(text)
        #expect(!isAdded)
    }
}

struct BearerTests {
    @Test(arguments: [
        ("Bearer abc", "abc"), ("bearer abc", "abc"), ("BEARER   abc", "abc"),
    ])
    func `a bearer token is found`(value: String, token: String) throws {
        #expect(try IdentityInterceptor.bearer(["authorization": value]) == token)
    }

    @Test func `no authorization is no token`() throws {
        #expect(try IdentityInterceptor.bearer([:]) == nil)
    }

    @Test(arguments: ["", "abc", "Basic abc", "Bearer"])
    func `another form is refused`(value: String) {
        #expect(throws: OperationError.self) {
            try IdentityInterceptor.bearer(["authorization": value])
        }
    }

    @Test func `a trace context is kept only if it is well formed`() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        #expect(IdentityInterceptor.traceparent(["traceparent": good]) == good)
        for bad in [
            "", "00", good.uppercased(), good + "-", String(good.dropLast()) + "g",
            good.replacing("-", with: "0"), String(repeating: "-", count: 55),
        ] {
            #expect(IdentityInterceptor.traceparent(["traceparent": bad]) == "")
        }
    }
}

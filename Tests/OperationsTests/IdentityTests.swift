import Cryptography
import Messages
import Model
import ProtobufRuntime
import Testing

@testable import Operations

/// From credentials to callers: rates and stream tickets over the real parts.
struct IdentityTests {
    private static let admin = Desk.caller(.admin)

    private static func identify(_ desk: Desk, _ text: String) async throws -> Identity {
        let credential = try #require(Credential(text))
        return try await desk.operations.identify(credential)
    }

    @Test func `a token has its own rate, and is told when to come again`() async throws {
        try await Desk.with { desk in
            let made = try await desk.operations.createToken(
                CreateTokenRequest(name: "slow", role: .viewer, callsPerMinute: 2), by: Self.admin)
            let identity = try await Self.identify(desk, made.secret)
            #expect(try desk.operations.count(identity).remaining == 1)
            #expect(try desk.operations.count(identity).remaining == 0)
            let error = #expect(throws: OperationError.self) {
                try desk.operations.count(identity)
            }
            #expect(error?.reason == "RATE_LIMITED")
            #expect(error?.code == .resourceExhausted)
            #expect((error?.retryAfter ?? .zero) > .zero)
            #expect(error?.metadata["limit"] == "2")
            #expect(error?.metadata["remaining"] == "0")
            // Others are not held up by it.
            let other = try await desk.operations.createToken(
                CreateTokenRequest(name: "other", role: .viewer), by: Self.admin)
            let rest = try desk.operations.count(try await Self.identify(desk, other.secret))
            #expect(rest.limit == Limits().callsPerMinuteMax)
        }
    }

    @Test func `a ticket watches its execution, again and again, and nothing else`() async throws {
        try await Desk.with { desk in
            let operations = desk.operations
            let (one, two) = (try await desk.finished(), try await desk.finished())
            let ticket = try await operations.createStreamTicket(
                executionID: "\(one.number)", by: Desk.caller(.viewer))
            for _ in 0..<2 {
                let caller = try await Self.identify(desk, ticket.text).caller()
                _ = try await operations.watchExecution(
                    WatchRequest(executionID: one.id), by: caller)
                let foreign = await #expect(throws: OperationError.self) {
                    _ = try await operations.watchExecution(
                        WatchRequest(executionID: two.id), by: caller)
                }
                #expect(foreign?.code == .notFound)
                let other = await #expect(throws: OperationError.self) {
                    try await operations.getExecution(
                        GetExecutionRequest(executionID: one.id), by: caller)
                }
                #expect(other?.reason == "TICKET_INSUFFICIENT")
                let list = await #expect(throws: OperationError.self) {
                    try await operations.listWorkspaces(ListWorkspacesRequest(), by: caller)
                }
                #expect(list?.reason == "TICKET_INSUFFICIENT")
            }
        }
    }

    @Test func `a ticket ends with its token`() async throws {
        try await Desk.with { desk in
            let operations = desk.operations
            let run = try await desk.finished()
            let made = try await operations.createToken(
                CreateTokenRequest(name: "ci", role: .viewer), by: Self.admin)
            let caller = try await Self.identify(desk, made.secret).caller()
            let ticket = try await operations.createStreamTicket(executionID: run.id, by: caller)
            _ = try await Self.identify(desk, ticket.text)
            _ = try await operations.revokeToken(
                RevokeTokenRequest(tokenID: "ci"), by: Self.admin)
            let error = await #expect(throws: OperationError.self) {
                try await Self.identify(desk, ticket.text)
            }
            #expect(error?.reason == "TOKEN_REFUSED")
        }
    }

    /// Serves until it is cut off, and says when it has begun.
    private static func stream(
        _ desk: Desk, by credential: Credential?, begun: AsyncStream<Void>.Continuation
    ) async throws {
        try await desk.operations.whileIdentified(by: credential) {
            begun.yield()
            // Ends by cancellation alone.
            for await _ in AsyncStream<Void>.makeStream().stream {}
            try Task.checkCancellation()
        }
    }

    @Test func `an open stream ends with its credential: revoked, rotated or expired`()
        async throws
    {
        try await Desk.with { desk in
            let operations = desk.operations
            let run = try await desk.finished()
            for (name, lifetime) in [("revoked", 3_600), ("rotated", 3_600), ("expired", 1)] {
                let made = try await operations.createToken(
                    CreateTokenRequest(
                        name: name, role: .viewer,
                        lifetime: ProtobufDuration(seconds: Int64(lifetime))), by: Self.admin)
                let credential = try #require(Credential(made.secret))
                let caller = try await operations.identify(credential).caller()
                let ticket = try await operations.createStreamTicket(
                    executionID: run.id, by: caller)
                let (begun, continuation) = AsyncStream<Void>.makeStream()
                try await withThrowingTaskGroup(of: OperationError?.self) { group in
                    for each in [credential, try #require(Credential(ticket.text))] {
                        group.addTask {
                            await #expect(throws: OperationError.self) {
                                try await Self.stream(desk, by: each, begun: continuation)
                            }
                        }
                    }
                    var beginnings = begun.makeAsyncIterator()
                    for _ in 0..<2 { await beginnings.next() }
                    switch name {
                    case "revoked":
                        _ = try await operations.revokeToken(
                            RevokeTokenRequest(tokenID: name), by: Self.admin)
                    case "rotated":
                        _ = try await operations.rotateToken(
                            RotateTokenRequest(tokenID: name), by: Self.admin)
                        // The ticket names the token, which lives on.
                        _ = try await operations.revokeToken(
                            RevokeTokenRequest(tokenID: name), by: Self.admin)
                    default: break
                    }
                    for try await error in group { #expect(error == Operations.tokenRefused) }
                }
                #expect(operations.tokens.bell.waiterCount == 0)
            }
        }
    }

    @Test func `a stream that ends by itself, or is cancelled, leaves nobody waiting`()
        async throws
    {
        try await Desk.with { desk in
            let made = try await desk.operations.createToken(
                CreateTokenRequest(name: "ci", role: .viewer), by: Self.admin)
            let credential = try #require(Credential(made.secret))
            try await desk.operations.whileIdentified(by: credential) {}
            try await desk.operations.whileIdentified(by: nil) {}
            let (begun, continuation) = AsyncStream<Void>.makeStream()
            let task = Task {
                try await Self.stream(desk, by: credential, begun: continuation)
            }
            var beginnings = begun.makeAsyncIterator()
            await beginnings.next()
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(desk.operations.tokens.bell.waiterCount == 0)
        }
    }

    @Test func `a ticket is what was signed, until it expires`() throws {
        let key = RandomBytes.make(StreamTicket.keyBytes)
        let ticket = StreamTicket(
            executionID: ExecutionID(high: 1, low: UInt64.max),
            expiresAt: WallTime(microseconds: -5),
            principal: Principal(name: "user:ada", workspaceID: "acme", role: .viewer))
        let text = ticket.text(key: key)
        #expect(StreamTicket(text, key: key) == ticket)
        #expect(StreamTicket(text, key: RandomBytes.make(StreamTicket.keyBytes)) == nil)
        for index in text.indices.dropFirst(4) {
            var changed = text
            changed.replaceSubrange(index...index, with: text[index] == "A" ? "B" : "A")
            // The last character's low bits may be padding that says nothing.
            let read = StreamTicket(changed, key: key)
            #expect(read == nil || read == ticket, "\(changed)")
        }
        for bad in ["", "tkt_", "tkt_AAAA", String(text.dropFirst(4))] {
            #expect(StreamTicket(bad, key: key) == nil)
        }
    }

    @Test(arguments: ["", String(repeating: "a", count: 513), "sb_unknown", "tkt_x", "eyJh.e.x"])
    func `what is no credential of ours is refused, all alike`(text: String) async throws {
        try await Desk.with { desk in
            let error = await #expect(throws: OperationError.self) {
                try await desk.operations.authenticate(AuthenticateRequest(token: text)).0
            }
            #expect(error == Operations.tokenRefused)
        }
    }

    @Test func `a user of a JSON Web Token works in the claimed workspace, by id or UUID`()
        async throws
    {
        let key = IssuerKey(id: "1")
        try await Desk.with(webTokens: Issuer(key.published()).verifier()) { desk in
            let other = try await desk.operations.getWorkspace(
                GetWorkspaceRequest(workspaceID: "other"), by: Desk.serverAdmin)
            for name in ["other", other.uuid] {
                let text = try key.sign(claims("\"workspace\":\"\(name)\"", without: "workspace"))
                let identity = try await Self.identify(desk, text)
                #expect(identity.principal.workspaceID == "other")
                let list = try await desk.operations.listExecutions(
                    ListExecutionsRequest(workspaceID: other.uuid), by: identity.caller())
                #expect(list.executions.isEmpty)
            }
            let stranger = try await Self.identify(desk, try key.sign(claims()))
            let error = await #expect(throws: OperationError.self) {
                try await desk.operations.listExecutions(
                    ListExecutionsRequest(), by: stranger.caller())
            }
            #expect(error?.reason == "WORKSPACE_NOT_FOUND")
        }
    }
}

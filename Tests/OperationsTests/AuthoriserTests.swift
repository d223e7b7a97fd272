import Messages
import Testing

@testable import Operations

struct AuthoriserTests {
    private static let order: [Role] = [.viewer, .operator, .editor, .admin]

    @Test(arguments: order, order)
    func `a role may do all that the ones before it may`(held: Role, needed: Role) throws {
        let heldRank = try #require(Self.order.firstIndex(of: held))
        let neededRank = try #require(Self.order.firstIndex(of: needed))
        let may = heldRank >= neededRank
        #expect(Authoriser.permits(held, needed) == may)
    }

    @Test(arguments: order)
    func `workers and unknown roles stand outside the order`(role: Role) {
        for outside in [Role.worker, .unspecified, .unrecognized(9)] {
            #expect(!Authoriser.permits(outside, role))
            #expect(!Authoriser.permits(role, outside))
        }
        #expect(Authoriser.permits(.worker, .worker))
    }

    @Test func `nobody is refused before anything else is looked at`() async throws {
        try await Desk.with { desk in
            let error = await #expect(throws: OperationError.self) {
                try await desk.operations.authorise(
                    .getExecution, Caller(nil), workspaceID: "none", podID: "none")
            }
            #expect(error?.code == .unauthenticated)
        }
    }

    @Test(arguments: [
        ("other", "none", Role.viewer, "WORKSPACE_NOT_FOUND"),
        ("none", "none", .viewer, "WORKSPACE_NOT_FOUND"),
        ("", "none", .viewer, "POD_NOT_FOUND"), ("default", "none", .viewer, "POD_NOT_FOUND"),
        ("", "", .viewer, "ROLE_INSUFFICIENT"),
        ("default", "default", .viewer, "ROLE_INSUFFICIENT"),
    ])
    func `workspace comes before pod, and pod before role`(
        workspaceID: String, podID: String, role: Role, reason: String
    ) async throws {
        try await Desk.with { desk in
            let error = await #expect(throws: OperationError.self) {
                try await desk.operations.authorise(
                    .createPod, Desk.caller(role), workspaceID: workspaceID, podID: podID)
            }
            #expect(error?.reason == reason)
        }
    }

    @Test func `what is granted is the principal's own workspace`() async throws {
        try await Desk.with { desk in
            let caller = Desk.caller(.admin, workspaceID: "other")
            let grant = try await desk.operations.authorise(.getExecution, caller)
            #expect(grant.workspaceID == "other")
            #expect(grant.role == .admin)
            #expect(grant.podID == nil)
            #expect(grant.podIDOrDefault == "default")
        }
    }

    @Test func `a server admin is admin everywhere, a member what it was made`() async throws {
        try await Desk.with { desk in
            let other = try await desk.operations.getWorkspace(
                GetWorkspaceRequest(workspaceID: "other"), by: Desk.serverAdmin)
            let grant = try await desk.operations.authorise(
                .createPod, Desk.serverAdmin, workspaceID: other.uuid)
            #expect(grant.workspaceID == "other")
            _ = try await desk.operations.putMember(
                PutMemberRequest(workspaceID: "other", principal: "user:ada", role: .operator),
                by: Desk.serverAdmin)
            let ada = Caller(Principal(name: "user:ada", workspaceID: "", role: .unspecified))
            let her = try await desk.operations.authorise(.trigger, ada, workspaceID: "other")
            #expect(her.role == .operator)
            for (operation, workspaceID, reason) in [
                (OperationName.createPod, "other", "ROLE_INSUFFICIENT"),
                (.getExecution, "default", "WORKSPACE_NOT_FOUND"),
                (.getExecution, "", "INVALID_ARGUMENT"),
            ] {
                let error = await #expect(throws: OperationError.self) {
                    try await desk.operations.authorise(operation, ada, workspaceID: workspaceID)
                }
                #expect(error?.reason == reason)
            }
            _ = try await desk.operations.deleteMember(
                DeleteMemberRequest(workspaceID: "other", principal: "user:ada"),
                by: Desk.serverAdmin)
            let gone = await #expect(throws: OperationError.self) {
                try await desk.operations.authorise(.trigger, ada, workspaceID: "other")
            }
            #expect(gone?.reason == "WORKSPACE_NOT_FOUND")
        }
    }

    @Test func `a certificate's or user's workspace that is none does not exist`() async throws {
        try await Desk.with { desk in
            let error = await #expect(throws: OperationError.self) {
                try await desk.operations.authorise(
                    .getExecution, Desk.caller(.admin, workspaceID: "none"))
            }
            #expect(error?.reason == "WORKSPACE_NOT_FOUND")
        }
    }

    @Test(arguments: Role.allCases)
    func `a role's word leads back to it`(role: Role) {
        #expect(Role(word: role.word) == (role == .unspecified ? nil : role))
    }
}

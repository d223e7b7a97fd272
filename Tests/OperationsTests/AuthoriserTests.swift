import Messages
import Testing

@testable import Operations

struct AuthoriserTests {
    private static let order: [Role] = [.viewer, .operator, .editor, .admin]

    private static func caller(_ role: Role) -> Caller {
        Caller(Principal(name: "token:t", workspaceID: "mine", role: role))
    }

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

    @Test func `nobody is refused before anything else is looked at`() {
        let error = #expect(throws: OperationError.self) {
            try Authoriser.authorise(
                Caller(nil), .viewer, workspaceID: "other", podID: "other")
        }
        #expect(error?.code == .unauthenticated)
    }

    @Test(arguments: [
        ("other", "other", Role.viewer, "WORKSPACE_NOT_FOUND"),
        ("", "other", .viewer, "POD_NOT_FOUND"), ("mine", "other", .viewer, "POD_NOT_FOUND"),
        ("", "", .viewer, "ROLE_INSUFFICIENT"), ("mine", "default", .viewer, "ROLE_INSUFFICIENT"),
    ])
    func `workspace comes before pod, and pod before role`(
        workspaceID: String, podID: String, role: Role, reason: String
    ) {
        let error = #expect(throws: OperationError.self) {
            try Authoriser.authorise(
                Self.caller(role), .admin, workspaceID: workspaceID, podID: podID)
        }
        #expect(error?.reason == reason)
    }

    @Test func `what is granted is the principal's own workspace`() throws {
        let grant = try Authoriser.authorise(Self.caller(.admin), .viewer)
        #expect(grant.workspaceID == "mine")
        #expect(grant.podID == nil)
        #expect(grant.podIDOrDefault == "default")
    }

    @Test(arguments: Role.allCases)
    func `a role's word leads back to it`(role: Role) {
        #expect(Role(word: role.word) == (role == .unspecified ? nil : role))
    }
}

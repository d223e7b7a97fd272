import JSON
import Model
import Store
import Testing

@testable import Engine

/// What is remembered of the schemas of kinds.
struct KindSchemasTests {
    private static func row(_ type: String) -> KindRow {
        KindRow(
            workspaceID: "w", name: "k", schemaJSON: #"{"type":"\#(type)"}"#,
            registeredBy: "", createdAt: WallTime(microseconds: 0),
            updatedAt: WallTime(microseconds: 0))
    }

    @Test func `what was read before a kind was changed is not remembered after it`() async throws {
        let schemas = KindSchemas()
        let before = try await schemas.schema("k", workspaceID: "w") { () throws(StoreError) in
            // The kind is registered anew while the old row is on its way.
            schemas.forget("k", workspaceID: "w")
            return Self.row("string")
        }
        #expect(before?.validate(7).isEmpty == false)
        for _ in 1...2 {
            let after = try await schemas.schema("k", workspaceID: "w") { () throws(StoreError) in
                Self.row("number")
            }
            #expect(after?.validate(7).isEmpty == true)
        }
        // It is remembered: the row is not read again.
        let known = try await schemas.schema("k", workspaceID: "w") { () throws(StoreError) in
            throw StoreError(.io, "it was read again")
        }
        #expect(known?.validate(7).isEmpty == true)
    }
}

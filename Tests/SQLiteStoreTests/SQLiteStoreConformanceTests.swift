import StoreConformance
import Testing

@Suite("SQLite store: conformance")
struct SQLiteStoreConformanceTests {
    @Test("a store conforms", arguments: ConformanceCheck.all)
    func conforms(_ check: ConformanceCheck) async throws {
        let database = try TemporaryDatabase()
        try await check.run(database.factory)
    }
}

package import Store

/// Makes stores over one database: each call opens it as a restarted server would. The previous
/// store must be closed before.
package struct StoreFactory: Sendable {
    package let open: @Sendable () throws -> any Store

    package init(open: @escaping @Sendable () throws -> any Store) {
        self.open = open
    }
}

/// One thing that every store must do.
package struct ConformanceCheck: Sendable, CustomStringConvertible {
    /// A sentence.
    package let description: String
    /// Runs it on a database of its own, empty at first.
    package let run: @Sendable (StoreFactory) async throws -> Void

    init(_ description: String, _ run: @escaping @Sendable (any Store) async throws -> Void) {
        self.init(reopening: description) { factory in
            let store = try factory.open()
            defer { store.close() }
            try await run(store)
        }
    }

    /// For checks that open the database themselves, more than once.
    init(
        reopening description: String,
        _ run: @escaping @Sendable (StoreFactory) async throws -> Void
    ) {
        self.description = description
        self.run = run
    }

    /// All of them.
    package static let all: [ConformanceCheck] =
        interruptChecks
        + executionChecks + refusalChecks + groupChecks + journalChecks + listChecks + wakeUpChecks
        + requestChecks + workflowChecks + tokenChecks + restartChecks + secretChecks
        + accessChecks + manyChecks + lifeChecks + scheduleChecks + eventChecks + workerChecks
        + webhookChecks
}

/// A check that failed.
package struct ConformanceFailure: Error, CustomStringConvertible {
    package let description: String
}

/// Fails the check unless the condition holds.
func expect(
    _ condition: Bool, _ expectation: @autoclosure () -> String = "", file: String = #fileID,
    line: Int = #line
) throws {
    guard !condition else { return }
    throw ConformanceFailure(description: "\(file):\(line): \(expectation())")
}

/// Fails the check unless both are equal.
func expectEqual<Value: Equatable>(
    _ actual: Value, _ expected: Value, file: String = #fileID, line: Int = #line
) throws {
    try expect(
        actual == expected, "expected \(expected), got \(actual)", file: file, line: line)
}

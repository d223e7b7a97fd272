internal import Model

extension Operations {
    /// Serves a stream for as long as its credential works: one that is revoked, rotated, deleted
    /// with its workspace or expired ends the stream at once, however long that has been open.
    /// - Parameter credential: nil for callers known by other means; then nothing ends it.
    /// - Throws: `tokenRefused` when the credential ceased to work; else what `serve` throws.
    package func whileIdentified(
        by credential: Credential?, _ serve: @escaping @Sendable () async throws -> Void
    ) async throws {
        guard let credential else { return try await serve() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await serve() }
            group.addTask { try await untilRefused(credential) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Throws `tokenRefused` when the credential ceases to work, `CancellationError` if the task is
    /// cancelled before.
    private func untilRefused(_ credential: Credential) async throws {
        while !Task.isCancelled {
            let seen = tokens.bell.changes
            let identity: Identity
            do throws(OperationError) {
                identity = try await identify(credential)
            } catch {
                guard error.code == .unauthenticated else {
                    // The store fails: what was true when the stream began counts until it works.
                    await wait(after: seen, until: environment.now().advanced(by: .seconds(1)))
                    continue
                }
                try Task.checkCancellation()
                throw error
            }
            await wait(after: seen, until: identity.expiresAt)
        }
        throw CancellationError()
    }

    /// Waits for a change of tokens, or for `instant`.
    private func wait(after seen: UInt64, until instant: WallTime?) async {
        guard let instant else { return await tokens.bell.wait(after: seen) }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await tokens.bell.wait(after: seen) }
            group.addTask { await environment.sleep(until: instant) }
            await group.next()
            group.cancelAll()
        }
    }
}

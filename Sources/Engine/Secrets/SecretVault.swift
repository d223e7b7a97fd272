internal import JSON
internal import Messages
package import Store

/// Puts secrets where marks stand, at the moment a request is sent, and masks them in what comes back.
/// Safe to use from any task.
package final class SecretVault: Sendable {
    private let store: any Store
    private let keyring: SecretKeyring

    package init(store: any Store, keyring: SecretKeyring) {
        self.store = store
        self.keyring = keyring
    }

    /// The marks of these secrets in one execution, by name, as JSON strings.
    func marks(_ names: Set<String>, executionID: String) -> [String: JSONText] {
        guard let prefix = keyring.markPrefixes(executionID: executionID).first else { return [:] }
        var marks: [String: JSONText] = [:]
        for name in names {
            marks[name] = JSONText(.string(SecretMark.text(prefix: prefix, name: name)))
        }
        return marks
    }

    /// The values of secrets, to be put in and masked.
    /// - Throws: `SECRET_NOT_FOUND` or `SECRET_UNREADABLE`.
    func values(
        _ names: Set<String>, workspaceID: String, executionID: String
    ) async throws(NodeFailure) -> SecretValues {
        var values: [String: String] = [:]
        for name in names.sorted() {
            let row: SecretRow?
            do throws(StoreError) {
                row = try await store.secret(name, workspaceID: workspaceID)
            } catch {
                throw NodeFailure("SECRET_UNREADABLE", "the secret '\(name)' cannot be read now")
            }
            guard let row else {
                throw NodeFailure(
                    "SECRET_NOT_FOUND", "the workspace has no secret named '\(name)'")
            }
            do throws(SecretKeyring.Failure) {
                let value = try keyring.open(
                    SecretKeyring.Sealed(keyID: row.keyID, box: row.box),
                    for: row.context)
                values[name] = String(decoding: value, as: UTF8.self)
            } catch {
                throw NodeFailure("SECRET_UNREADABLE", "the secret '\(name)': \(error)")
            }
        }
        return SecretValues(
            values: values, prefixes: keyring.markPrefixes(executionID: executionID))
    }

    /// Sends a request with its secrets put in, and masks them in the result.
    func filling(
        _ plan: HTTPPlan, _ names: Set<String>, for header: ExecutionCreated,
        send: (HTTPPlan) async -> Result<String, NodeFailure>
    ) async -> Result<String, NodeFailure> {
        if names.isEmpty { return await send(plan) }
        let secrets: SecretValues
        let filled: HTTPPlan
        do throws(NodeFailure) {
            secrets = try await values(
                names, workspaceID: header.workspaceID, executionID: header.id)
            filled = try secrets.filled(plan)
        } catch {
            return .failure(error)
        }
        let mask = secrets.mask(filled)
        switch await send(filled) {
        case .success(let output): return .success(mask.masked(json: output))
        case .failure(let failure): return .failure(mask.masked(failure))
        }
    }
}

extension SecretRow {
    /// What its value was encrypted for.
    package var context: String { "secret/\(workspaceID)/\(name)" }
}

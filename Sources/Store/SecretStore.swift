package import Model

/// Readings of secrets.
package protocol SecretStore: Sendable {
    func secret(_ name: String, workspaceID: String) async throws(StoreError) -> SecretRow?
    /// By name, after `name`.
    func secrets(workspaceID: String, after name: String?, limit: Int) async throws(StoreError)
        -> [SecretRow]
    /// Those of every workspace, or of one, that another key than `keyID` encrypts.
    func secrets(workspaceID: String?, notSealedBy keyID: String, limit: Int)
        async throws(StoreError) -> [SecretRow]
}

/// A secret as it is stored: encrypted.
package struct SecretRow: Sendable, Equatable {
    package let workspaceID: String
    package let name: String
    /// Which key encrypts it.
    package let keyID: String
    /// Nonce, ciphertext and tag.
    package let box: [UInt8]
    package let createdAt: WallTime
    package let updatedAt: WallTime
    /// The principal that last set its value.
    package let updatedBy: String

    package init(
        workspaceID: String, name: String, keyID: String, box: [UInt8], createdAt: WallTime,
        updatedAt: WallTime, updatedBy: String
    ) {
        self.workspaceID = workspaceID
        self.name = name
        self.keyID = keyID
        self.box = box
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.updatedBy = updatedBy
    }
}

/// Changes of secrets.
package enum SecretChange: Sendable {
    /// Makes a secret or replaces its value; keeps its `createdAt`. Refused with `.tooMany` if it would
    /// be one more than `limit` in its workspace.
    case put(SecretRow, limit: Int)
    /// The same value under another key; does nothing if the value has changed since `box` was read.
    case reseal(SecretRow, from: [UInt8])
    /// Refused with `.notFound`.
    case delete(workspaceID: String, name: String)
}

internal import Engine
internal import Foundation
internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

extension Operations {
    private static let secretBytes = 8...256
    /// Ends of secrets that are shown, of those long enough to keep what they hide.
    private static let hintLength = 4

    static var webhookMissing: OperationError {
        OperationError(.notFound, reason: "WEBHOOK_NOT_FOUND", "there is no such webhook")
    }

    /// The webhook that a request names, in the granted workspace and pod.
    func webhook(_ id: String, _ grant: Authoriser.Grant) async throws(OperationError)
        -> WebhookRow
    {
        let row = try await reading { () async throws(StoreError) in
            try await store.webhooks.webhook(id)
        }
        guard let row, row.webhook.workspaceID == grant.workspaceID,
            grant.podID == nil || grant.podID == row.webhook.podID
        else { throw Self.webhookMissing }
        return row
    }

    /// Everything of a spec that can be checked without looking anything up.
    func check(_ spec: WebhookSpec, _ check: inout RequestCheck) {
        check.text("spec.name", spec.name, bytesMax: 256)
        check.text("spec.workflow_id", spec.workflowID, bytesMax: 128, isNeeded: true)
        check.known("spec.verification", spec.verification)
        check.known("spec.response", spec.response)
        check.range("spec.calls_per_minute", spec.callsPerMinute, 0...60_000)
        check.range("spec.body_bytes_max", spec.bodyBytesMax, 0...Int32(limits.inputBytesMax))
        check.range("spec.priority", spec.priority, -100...100)
        if spec.inputHeaders.count > 32 {
            check.fault(
                "spec.input_headers", "expected at most 32 names, got \(spec.inputHeaders.count)")
        }
        for (index, name) in spec.inputHeaders.enumerated() {
            check.name("spec.input_headers[\(index)]", name, bytesMax: 128)
        }
        Self.check("spec.replay_window", spec.replayWindow, 1...3_600, &check)
        Self.check("spec.wait", spec.wait, 1...60, &check)
    }

    static func check(
        _ field: String, _ value: ProtobufDuration?, _ seconds: ClosedRange<Int64>,
        _ check: inout RequestCheck
    ) {
        guard let value else { return }
        let bounds = Duration.seconds(seconds.lowerBound)...Duration.seconds(seconds.upperBound)
        if !value.isValid || !bounds.contains(value.duration) {
            check.fault(
                field,
                "expected \(seconds.lowerBound)s to \(seconds.upperBound)s, got \(value.text)")
        }
    }

    /// A secret an author gave.
    static func check(secret: String, _ check: inout RequestCheck) {
        guard !secret.isEmpty else { return }
        let isPlain = secret.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        if !secretBytes.contains(secret.utf8.count) || !isPlain {
            check.fault(
                "secret",
                "expected \(secretBytes.lowerBound) to \(secretBytes.upperBound) bytes of printable "
                    + "ASCII without spaces")
        }
    }

    /// Puts a secret into a webhook: the given one, or a new one where that is empty.
    /// - Returns: it, to be shown once.
    func setSecret(_ given: String, of row: inout WebhookRow) throws(OperationError) -> String {
        var webhook = row.webhook
        guard row.spec.verification != .none else {
            row.stored.secret = nil
            webhook.secretHint = ""
            row.stored.webhook = webhook
            return ""
        }
        let secret = given.isEmpty ? "whsec_" + TokenSecret.randomText() : given
        webhook.secretHint = secret.utf8.count >= 24 ? String(secret.suffix(Self.hintLength)) : ""
        row.stored.webhook = webhook
        do throws(SecretKeyring.Failure) {
            let sealed = try engine.secretKeys.seal(Array(secret.utf8), for: row.secretContext)
            row.stored.secret = SealedSecret(keyID: sealed.keyID, box: sealed.box)
        } catch {
            throw OperationError(.internal, reason: "SECRET_UNREADABLE", "\(error)")
        }
        return secret
    }

    /// The secrets that are taken at an instant.
    func secrets(of row: WebhookRow, at now: WallTime) throws(OperationError) -> [String] {
        var sealed = [row.stored.secret]
        if let until = row.webhook.previousSecretExpireTime, now < WallTime(until) {
            sealed.append(row.stored.previousSecret)
        }
        var secrets: [String] = []
        for secret in sealed.compactMap({ $0 }) {
            do throws(SecretKeyring.Failure) {
                let value = try engine.secretKeys.open(
                    SecretKeyring.Sealed(keyID: secret.keyID, box: secret.box),
                    for: row.secretContext)
                secrets.append(String(decoding: value, as: UTF8.self))
            } catch {
                throw OperationError(
                    .internal, reason: "SECRET_UNREADABLE", "a webhook's secret: \(error)")
            }
        }
        return secrets
    }

    /// Changes a webhook. Where somebody else changes it at the same time, `edit` is called again with
    /// what they made of it, so that neither change is lost.
    /// - Parameters:
    ///   - savesUnchanged: whether one that `edit` leaves as it was is saved, as of now.
    ///   - edit: checks and changes the webhook as it stands.
    /// - Throws: `.aborted` where others are always quicker.
    func replaceWebhook(
        _ id: String, _ grant: Authoriser.Grant, savesUnchanged: Bool = true,
        _ edit: (inout WebhookRow) async throws(OperationError) -> Void
    ) async throws(OperationError) -> Webhook {
        for _ in 0..<Self.editsMax {
            let old = try await webhook(id, grant)
            var row = old
            try await edit(&row)
            guard savesUnchanged || row != old else { return old.webhook }
            row.stored.webhook?.updateTime = environment.now().timestamp
            row.stored.webhook?.updatedBy = grant.principal.name
            let refusal = try await committing(
                [.webhook(.replace(row, expecting: old))], grant, "webhook \(id)")
            webhookRows.forget()
            switch refusal {
            case nil: return row.webhook
            case .changed: continue
            default: throw Self.webhookMissing
            }
        }
        throw Self.outrun("webhook")
    }

    /// Puts what an author chooses into a webhook, which runs as its author from now on.
    func apply(
        _ spec: WebhookSpec, to row: inout WebhookRow, _ grant: Authoriser.Grant, by caller: Caller
    ) async throws(OperationError) {
        var check = RequestCheck()
        self.check(spec, &check)
        if spec.verification != .none, row.stored.secret == nil {
            check.fault(
                "spec.verification", "the webhook has no secret: expected NONE, or rotate it first")
        }
        try check.finish()
        let workflow = try await triggered(spec.workflowID, grant)
        row.stored.webhook?.spec = spec
        row.stored.webhook?.podID = workflow.podID
        row.run(as: caller, grant)
    }

    /// Encrypts the secrets of all webhooks that an older key holds with the newest.
    /// - Returns: how many webhooks there were.
    package func rotateWebhookKeys() async throws(OperationError) -> Int {
        let keys = engine.secretKeys
        var count = 0
        var limit = 100
        while true {
            let rows = try await reading { () async throws(StoreError) in
                try await store.webhooks.webhooks(notSealedBy: keys.newestKeyID, limit: limit)
            }
            if rows.isEmpty { return count }
            var changes: [Change] = []
            for row in rows {
                var resealed = row
                do throws(SecretKeyring.Failure) {
                    resealed.stored.secret = try row.stored.secret.resealed(keys, row)
                    resealed.stored.previousSecret = try row.stored.previousSecret.resealed(
                        keys, row)
                } catch {
                    throw OperationError(
                        .failedPrecondition, reason: "SECRET_UNREADABLE",
                        "the secret of the webhook '\(row.webhook.id)': \(error)")
                }
                changes.append(.webhook(.replace(resealed, expecting: row)))
            }
            if try await committing(changes) == nil {
                count += changes.count
            } else {
                // One of them was changed or erased meanwhile: the fewer go together, the sooner it
                // is one of them alone that is tried again.
                limit = max(1, limit / 2)
            }
        }
    }
}

extension WebhookRow {
    /// What its secrets are encrypted for.
    var secretContext: String { "webhook/\(webhook.workspaceID)/\(webhook.id)" }

    /// From now on it fires what its caller may.
    mutating func run(as caller: Caller, _ grant: Authoriser.Grant) {
        stored.webhook?.runsAs = grant.principal.name
        stored.principal = caller.principal
    }
}

extension SealedSecret? {
    fileprivate func resealed(_ keys: SecretKeyring, _ row: WebhookRow)
        throws(SecretKeyring.Failure) -> SealedSecret?
    {
        guard let self else { return nil }
        let value = try keys.open(
            SecretKeyring.Sealed(keyID: self.keyID, box: self.box), for: row.secretContext)
        let sealed = try keys.seal(value, for: row.secretContext)
        return SealedSecret(keyID: sealed.keyID, box: sealed.box)
    }
}

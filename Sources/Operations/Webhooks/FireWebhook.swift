internal import Engine
internal import Logging
package import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// What a delivery is answered.
package enum WebhookAnswer: Sendable {
    /// Its execution, which it made or an earlier delivery of the same did.
    case accepted(Execution, isRepeated: Bool)
    /// The execution completed within the wait; FULL view.
    case completed(Execution)
    /// The execution ended otherwise; FULL view.
    case ended(Execution)
    /// Slack asks whether the URL is the author's.
    case challenge(String)
}

extension Operations {
    private static let replayWindow = Duration.seconds(300)
    private static let wait = Duration.seconds(30)
    private static let callsPerMinute = 600

    /// Lets a delivery to a webhook's URL in, before anything of its body is read. Whoever posts is nobody
    /// to us: the webhook's secret says whether it may, and until then what it brings is bounded.
    /// - Parameter source: as `WebhookPost.source`.
    /// - Throws: `.notFound` for webhooks that are unknown or disabled; `.resourceExhausted`.
    package func admitDelivery(_ id: String, from source: String)
        async throws(OperationError) -> AdmittedDelivery
    {
        let row = try await enabledWebhook(id)
        let spec = row.spec
        let attempt: DeliveryAttempts.Attempt? =
            spec.verification == .none ? nil : try deliveryAttempts.began(id, from: source)
        let isKnown = attempt?.isKnown ?? false
        return AdmittedDelivery(
            webhookID: id, attempt: attempt,
            bodyBytesMax: spec.bodyBytesMax == 0 ? limits.inputBytesMax : Int(spec.bodyBytesMax),
            room: isKnown ? sendersRoom : strangersRoom,
            sender: isKnown ? "\(id) \(source)" : source)
    }

    /// Takes a delivery that was let in, whose body it was told of as it was read.
    /// - Throws: `.notFound` for webhooks that are unknown or disabled; `.unauthenticated`, without
    ///   saying what of the check failed; `.resourceExhausted`; `.invalidArgument` for the body;
    ///   `.failedPrecondition`, WEBHOOK_NOT_READY, where the webhook cannot fire its workflow.
    package func fireWebhook(_ delivery: AdmittedDelivery, _ post: WebhookPost)
        async throws(OperationError) -> WebhookAnswer
    {
        // The body may have taken its time.
        let row = try await enabledWebhook(delivery.webhookID)
        let spec = row.spec
        let signed = try verify(row, delivery, post)
        delivery.release()
        try countDelivery(row)
        if spec.verification == .slack, let challenge = SlackChallenge.text(post.body) {
            return .challenge(challenge)
        }
        let keys = DeliveryKeys(
            spec.verification, post, signed: signed, at: environment.now(),
            window: Self.window(spec))
        return try await fire(row, post, keys)
    }

    private func enabledWebhook(_ id: String) async throws(OperationError) -> WebhookRow {
        let row = try await webhookRows.value(id) { () async throws(OperationError) in
            try await reading { () async throws(StoreError) in
                try await store.webhooks.webhook(id)
            }
        }
        guard let row, !row.webhook.disabled else { throw Self.webhookMissing }
        return row
    }

    private static func window(_ spec: WebhookSpec) -> Duration {
        spec.replayWindow?.duration ?? replayWindow
    }

    /// - Returns: what was signed.
    private func verify(
        _ row: WebhookRow, _ delivery: AdmittedDelivery, _ post: WebhookPost
    ) throws(OperationError) -> WebhookVerifier.Signed? {
        let now = environment.now()
        guard row.spec.verification != .none else { return nil }
        // One that nothing was verified of when it was let in was not counted either.
        let attempt: DeliveryAttempts.Attempt
        if let admitted = delivery.attempt {
            attempt = admitted
        } else {
            attempt = try deliveryAttempts.began(delivery.webhookID, from: post.source)
        }
        let verifier = WebhookVerifier(
            verification: row.spec.verification, secrets: try secrets(of: row, at: now),
            window: Self.window(row.spec))
        switch verifier.verify(.init(header: post.header, body: post.body), at: now) {
        case .verified(let signed):
            deliveryAttempts.verified(attempt)
            return signed
        case .refused:
            logger.info(
                "a webhook delivery was refused",
                metadata: ["webhook": "\(row.webhook.id)", "origin": "\(post.origin)"])
            throw OperationError(
                .unauthenticated, reason: "DELIVERY_REFUSED",
                "the delivery does not verify: its signature, secret or time is missing, wrong or "
                    + "too old")
        }
    }

    private func countDelivery(_ row: WebhookRow) throws(OperationError) {
        let limit =
            row.spec.callsPerMinute == 0 ? Self.callsPerMinute : Int(row.spec.callsPerMinute)
        try count(
            Identity(
                Principal(name: "webhook:\(row.webhook.id)", role: .unspecified),
                callsPerMinute: limit))
    }

    private func fire(_ row: WebhookRow, _ post: WebhookPost, _ keys: DeliveryKeys)
        async throws(OperationError) -> WebhookAnswer
    {
        let webhook = row.webhook
        // A repeat is answered alike, whatever its webhook's workflow has become since.
        if let known = try await known(webhook.id, keys) { return known }
        let delivery = WebhookDelivery(
            deliveryID: keys.id, time: environment.now().timestamp, origin: post.origin)
        var new: NewExecution
        do throws(OperationError) {
            new = try await execution(of: row, post)
        } catch {
            if error.isPassing { throw error }
            var refused = delivery
            refused.reason = error.reason
            refused.message = error.message.clipped(toBytes: 1_024)
            return try await settle(row, refused, error)
        }
        let tidy = tidy(row)
        new.companions = { number, id in
            var made = delivery
            made.executionNumber = number.rawValue
            made.executionID = id
            let row = DeliveryRow(webhookID: webhook.id, keys: keys.all, delivery: made)
            return [.webhook(.insertDelivery(row))] + tidy
        }
        do throws(OperationError) {
            return try await start(new, row.spec)
        } catch {
            if error.reason == "ALREADY_FIRED", let known = try await known(webhook.id, keys) {
                return known
            }
            if error.isPassing { throw error }
            var refused = delivery
            refused.reason = error.reason
            refused.message = error.message.clipped(toBytes: 1_024)
            return try await settle(row, refused, error)
        }
    }

    /// The answer to a delivery that came before.
    private func known(_ id: String, _ keys: DeliveryKeys)
        async throws(OperationError) -> WebhookAnswer?
    {
        for key in keys.all {
            let known = try await reading { () async throws(StoreError) in
                try await store.webhooks.delivery(id, key: key)
            }
            guard let known else { continue }
            let number = ExecutionNumber(rawValue: known.delivery.executionNumber)
            let row = try await reading { () async throws(StoreError) in
                try await store.execution(.number(number), workspaceID: nil)
            }
            logger.info(
                "a webhook delivery was repeated",
                metadata: [
                    "webhook": "\(id)", "execution": "\(known.delivery.executionNumber)",
                ])
            // Erased since; that it was taken is still so.
            return .accepted(
                row?.execution
                    ?? Execution(id: known.delivery.executionID, number: number.rawValue),
                isRepeated: true)
        }
        return nil
    }

    private func execution(of row: WebhookRow, _ post: WebhookPost)
        async throws(OperationError) -> NewExecution
    {
        let webhook = row.webhook
        let input = try WebhookInput.make(row.spec, post)
        let grant = try await authorise(
            recorded: row.stored.principal, workspaceID: webhook.workspaceID,
            origin: "webhook \(webhook.id)")
        let version = try await deployedVersion(
            row.spec.workflowID, workspaceID: webhook.workspaceID)
        var new = NewExecution(
            workspaceID: webhook.workspaceID, workflowID: row.spec.workflowID, version: version,
            inputJSON: input, priority: row.spec.priority, trigger: .webhook,
            triggeredBy: grant.principal.name, traceparent: post.traceparent)
        new.triggerID = webhook.id
        return new
    }

    private func start(_ new: NewExecution, _ spec: WebhookSpec)
        async throws(OperationError) -> WebhookAnswer
    {
        guard spec.response == .output else {
            let triggered = try await engaging { () async throws(EngineError) in
                try await engine.trigger(new)
            }
            return .accepted(triggered.execution, isRepeated: false)
        }
        let deadline = ContinuousClock.now.advanced(by: spec.wait?.duration ?? Self.wait)
        let (triggered, rested) = try await engaging { () async throws(EngineError) in
            try await engine.trigger(new, waitUntil: deadline)
        }
        let execution: Execution
        if let rested {
            execution = engine.execution(rested)
        } else {
            let number = ExecutionNumber(rawValue: triggered.execution.number)
            let row = try await reading { () async throws(StoreError) in
                try await store.execution(.number(number), workspaceID: new.workspaceID)
            }
            guard let row else { return .accepted(triggered.execution, isRepeated: false) }
            execution = try await engaging { () async throws(EngineError) in
                try await engine.execution(row, view: .full)
            }
        }
        if execution.status == .completed { return .completed(execution) }
        return execution.status.isFinal
            ? .ended(execution) : .accepted(execution, isRepeated: false)
    }

    /// Records a delivery that made no execution. Its sender may send it again, so nothing is kept to
    /// tell the repeat by.
    private func settle(_ row: WebhookRow, _ delivery: WebhookDelivery, _ error: OperationError)
        async throws(OperationError) -> WebhookAnswer
    {
        let id = row.webhook.id
        let record = DeliveryRow(webhookID: id, keys: [], delivery: delivery)
        _ = try await committing([.webhook(.insertDelivery(record))] + tidy(row))
        // What the sender sent wrong it is told, what is wrong with us it is not.
        if error.code == .invalidArgument { throw error }
        throw OperationError(
            .failedPrecondition, reason: "WEBHOOK_NOT_READY",
            "the webhook cannot fire its workflow now")
    }

    /// From time to time what need not be remembered is forgotten; not what could be sent again.
    private func tidy(_ row: WebhookRow) -> [Change] {
        guard environment.random() % 32 == 0 else { return [] }
        let sparing = environment.now().advanced(by: .zero - Self.window(row.spec) * 2)
        return [
            .webhook(
                .tidyDeliveries(
                    row.webhook.id, keep: limits.webhookDeliveriesKept, sparing: sparing))
        ]
    }
}

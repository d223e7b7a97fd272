import Messages
import Model
import ProtobufRuntime
import Store

extension Samples {
    static func webhook(
        _ id: String, workspaceID: String = "default", workflowID: String = "order",
        key: String = "first"
    ) -> WebhookRow {
        WebhookRow(
            stored: StoredWebhook(
                webhook: Webhook(
                    id: id, workspaceID: workspaceID, podID: "default",
                    spec: WebhookSpec(workflowID: workflowID)),
                secret: SealedSecret(keyID: key, box: [1, 2, 3])))
    }

    static func delivery(
        _ keys: [String], of webhookID: String = "a", number: Int64 = 0, at seconds: Int64 = 0
    ) -> DeliveryRow {
        DeliveryRow(
            webhookID: webhookID, keys: keys,
            delivery: WebhookDelivery(
                deliveryID: keys.first ?? "", time: timestamp(time(seconds)),
                executionNumber: number))
    }
}

extension ConformanceCheck {
    static let webhookChecks: [ConformanceCheck] = [
        ConformanceCheck("a webhook is found by its id alone, and listed in its workspace") {
            store in
            for id in ["b", "a", "c"] {
                try store.put(.webhook(.insert(Samples.webhook(id), max: 3)))
            }
            try store.put(.webhook(.insert(Samples.webhook("d", workspaceID: "other"), max: 3)))
            try store.expectRefusal(.tooMany, of: .webhook(.insert(Samples.webhook("e"), max: 3)))
            try store.expectRefusal(
                .nameInUse, of: .webhook(.insert(Samples.webhook("d"), max: 9)))
            let webhooks = store.webhooks
            try expectEqual(
                try await webhooks.webhook("d"), Samples.webhook("d", workspaceID: "other"))
            try expectEqual(try await webhooks.webhook("x"), nil)
            let page = try await webhooks.webhooks(
                workspaceID: "default", podID: "default", workflowID: "order", after: "a", limit: 1)
            try expectEqual(page.map(\.webhook.id), ["b"])
            let none = try await webhooks.webhooks(
                workspaceID: "default", podID: nil, workflowID: "x", after: nil, limit: 9)
            try expectEqual(none, [])
        },
        ConformanceCheck("a delivery's keys are taken once, with its execution or not at all") {
            store in
            try store.put(.webhook(.insert(Samples.webhook("a"), max: 9)))
            try store.put(
                .insertExecution(Samples.execution(1)),
                .webhook(.insertDelivery(Samples.delivery(["id:1", "signed:x"], number: 1))))
            for keys in [["id:1"], ["id:2", "signed:x"]] {
                try store.expectRefusal(
                    .alreadyFired, of: .insertExecution(Samples.execution(2)),
                    .webhook(.insertDelivery(Samples.delivery(keys, number: 2))))
            }
            try expectEqual(try await store.get(2), nil)
            let found = try await store.webhooks.delivery("a", key: "signed:x")
            try expectEqual(found?.delivery.executionNumber, 1)
            try expectEqual(try await store.webhooks.delivery("a", key: "id:2"), nil)
            try store.put(.webhook(.insertDelivery(Samples.delivery([]))))
            try store.put(.webhook(.insertDelivery(Samples.delivery([]))))
            let rows = try await store.webhooks.deliveries("a", before: nil, limit: 2)
            try expectEqual(rows.count, 2)
            let rest = try await store.webhooks.deliveries(
                "a", before: rows.last?.number, limit: 9)
            try expectEqual(rest.map(\.delivery.executionNumber), [1])
        },
        ConformanceCheck("old deliveries are forgotten with their keys") { store in
            try store.put(.webhook(.insert(Samples.webhook("a"), max: 9)))
            for index in Int64(1)...4 {
                try store.put(
                    .webhook(.insertDelivery(Samples.delivery(["id:\(index)"], at: index))))
            }
            try store.put(
                .webhook(.tidyDeliveries("a", keep: 3, sparing: Samples.time(5))))
            try expectEqual(try await store.webhooks.delivery("a", key: "id:1"), nil)
            // What came lately stays, however many there are.
            try store.put(
                .webhook(.tidyDeliveries("a", keep: 1, sparing: Samples.time(3))))
            let rows = try await store.webhooks.deliveries("a", before: nil, limit: 9)
            try expectEqual(rows.map(\.delivery.deliveryID), ["id:4", "id:3"])
            try store.put(.webhook(.insertDelivery(Samples.delivery(["id:1"], at: 5))))
        },
        ConformanceCheck("the oldest deliveries of all webhooks are forgotten, a few at a time") {
            store in
            let webhooks = store.webhooks
            for id in ["a", "b"] { try store.put(.webhook(.insert(Samples.webhook(id), max: 9))) }
            for index in Int64(1)...3 {
                try store.put(
                    .webhook(
                        .insertDelivery(
                            Samples.delivery(["id:\(index)", "signed:\(index)"], at: index))))
            }
            try store.put(.webhook(.insertDelivery(Samples.delivery(["x"], of: "b", at: 1))))
            let before = Samples.time(3)
            try expectEqual(
                try await webhooks.hasDeliveries(receivedBefore: Samples.time(1)), false)
            try expectEqual(try await webhooks.hasDeliveries(receivedBefore: before), true)
            try store.put(.webhook(.expireDeliveries(receivedBefore: before, limit: 2)))
            try expectEqual(try await webhooks.deliveries("b", before: nil, limit: 9), [])
            try expectEqual(
                try await webhooks.deliveries("a", before: nil, limit: 9).map(
                    \.delivery.deliveryID),
                ["id:3", "id:2"])
            try expectEqual(try await webhooks.delivery("a", key: "signed:1"), nil)
            try store.put(.webhook(.expireDeliveries(receivedBefore: before, limit: 2)))
            try expectEqual(try await webhooks.hasDeliveries(receivedBefore: before), false)
            try expectEqual(
                try await webhooks.deliveries("a", before: nil, limit: 9).map(
                    \.delivery.deliveryID),
                ["id:3"])
            try expectEqual(try await webhooks.delivery("a", key: "signed:3") != nil, true)
        },
        ConformanceCheck("a webhook is replaced if it is the expected one, and erased") { store in
            let first = Samples.webhook("a", key: "old")
            try store.put(.webhook(.insert(first, max: 9)))
            let sealed = try await store.webhooks.webhooks(notSealedBy: "first", limit: 9)
            try expectEqual(sealed, [first])
            let second = Samples.webhook("a", workflowID: "other")
            // Who has read something else is told so, and nothing is changed.
            try store.expectRefusal(
                .changed, of: .webhook(.replace(second, expecting: second)))
            try expectEqual(try await store.webhooks.webhook("a"), first)
            try store.put(.webhook(.replace(second, expecting: first)))
            try expectEqual(try await store.webhooks.webhook("a"), second)
            try expectEqual(try await store.webhooks.webhooks(notSealedBy: "first", limit: 9), [])
            try store.put(.webhook(.insertDelivery(Samples.delivery(["id:1"]))))
            try store.put(.webhook(.delete("a")))
            try store.expectRefusal(.notFound, of: .webhook(.delete("a")))
            try store.expectRefusal(
                .notFound, of: .webhook(.replace(second, expecting: second)))
            try expectEqual(
                try await store.webhooks.deliveries("a", before: nil, limit: 9), [])
        },
    ]
}

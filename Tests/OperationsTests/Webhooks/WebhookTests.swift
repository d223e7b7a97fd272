import Cryptography
import Foundation
import Messages
import Model
import ProtobufRuntime
import Testing

@testable import Operations

/// Webhooks over the real store and engine, at a clock that tests hold in hand.
struct WebhookTests {
    private static let start = WallTime(microseconds: 1_767_225_600_000_000)

    private struct Bench {
        let desk: Desk
        let clock: ManualClock
        var operations: Operations { desk.operations }

        func make(
            _ workflow: String = "noops", _ verification: WebhookVerification = .none,
            secret: String = "", _ change: (inout WebhookSpec) -> Void = { _ in }
        ) async throws -> WebhookWithSecret {
            var spec = WebhookSpec(workflowID: workflow, verification: verification)
            change(&spec)
            return try await operations.createWebhook(
                CreateWebhookRequest(spec: spec, secret: secret), by: Desk.caller(.editor))
        }

        func post(
            _ id: String, _ body: String = "{}", _ headers: [String: String] = [:],
            from source: String = "192.0.2.1"
        ) async throws -> WebhookAnswer {
            let delivery = try await operations.admitDelivery(id, from: source)
            try delivery.read(body.utf8.count)
            return try await operations.fireWebhook(
                delivery,
                WebhookPost(
                    header: { headers[$0.lowercased()] }, query: [],
                    mediaType: "application/json", body: Array(body.utf8), origin: "test",
                    source: source, traceparent: ""))
        }

        func reason(
            _ id: String, _ body: String = "{}", _ headers: [String: String] = [:],
            from source: String = "192.0.2.1"
        ) async throws -> String {
            do {
                _ = try await post(id, body, headers, from: source)
                return ""
            } catch let error as OperationError {
                return error.reason
            }
        }

        func signed(_ body: String, _ secret: String) -> [String: String] {
            let stamp = "\(clock.now().microseconds / 1_000_000)"
            let code = HMACSHA256.code(
                of: Array("\(stamp).\(body)".utf8), key: Array(secret.utf8))
            return [
                "x-webhook-timestamp": stamp,
                "x-webhook-signature":
                    "sha256=" + code.map { String(format: "%02x", $0) }.joined(),
            ]
        }

        func executions() async throws -> [Execution] {
            try await operations.listExecutions(
                ListExecutionsRequest(), by: Desk.caller(.viewer)
            ).executions.reversed()
        }
    }

    private static func with(
        deployed: Bool = true, limits: Limits = Limits(), _ body: (Bench) async throws -> Void
    ) async throws {
        let clock = ManualClock(start)
        try await Desk.with(limits: limits, environment: clock) { desk in
            if deployed {
                for workflow in ["noops", "approval"] {
                    _ = try await desk.operations.deployWorkflow(
                        DeployWorkflowRequest(workflowID: workflow, version: 1),
                        by: Desk.caller(.admin))
                }
            }
            try await body(Bench(desk: desk, clock: clock))
        }
    }

    @Test func `a signed delivery makes an execution, as who saved the webhook`() async throws {
        try await Self.with { bench in
            let made = try await bench.make("noops", .signature)
            #expect(made.secret.hasPrefix("whsec_") && made.secret.utf8.count > 40)
            let id = made.webhook?.id ?? ""
            #expect(made.webhook?.path == "/v1/webhooks/\(id)/trigger")
            let body = #"{"order":7}"#
            let answer = try await bench.post(id, body, bench.signed(body, made.secret))
            guard case .accepted(let accepted, false) = answer else {
                Issue.record("\(answer)")
                return
            }
            let execution = try await bench.operations.getExecution(
                GetExecutionRequest(executionID: accepted.id, view: .full),
                by: Desk.caller(.viewer))
            #expect(execution.inputJSON == body)
            #expect(execution.trigger == .webhook)
            #expect(execution.triggerID == id)
            #expect(execution.triggeredBy == "token:editor")
            let webhook = try await bench.operations.getWebhook(
                GetWebhookRequest(webhookID: id), by: Desk.caller(.viewer))
            #expect(webhook.recentDeliveries.map(\.executionNumber) == [accepted.number])
            #expect(webhook.secretHint == String(made.secret.suffix(4)))
        }
    }

    @Test func `what does not verify is refused alike, and makes nothing`() async throws {
        try await Self.with { bench in
            let made = try await bench.make("noops", .signature)
            let id = made.webhook?.id ?? ""
            let good = bench.signed("{}", made.secret)
            #expect(try await bench.reason(id, "{}", [:]) == "DELIVERY_REFUSED")
            #expect(try await bench.reason(id, "{ }", good) == "DELIVERY_REFUSED")
            bench.clock.advance(by: .seconds(301))
            #expect(try await bench.reason(id, "{}", good) == "DELIVERY_REFUSED")
            #expect(try await bench.executions().isEmpty)
            #expect(try await bench.reason("unknown") == "WEBHOOK_NOT_FOUND")
        }
    }

    @Test func `a delivery that comes again is answered with the first execution`() async throws {
        try await Self.with { bench in
            let made = try await bench.make("noops", .signature)
            let id = made.webhook?.id ?? ""
            let headers = bench.signed("{}", made.secret)
            let answers = try await withThrowingTaskGroup(of: WebhookAnswer.self) { group in
                for _ in 0..<8 { group.addTask { try await bench.post(id, "{}", headers) } }
                return try await group.reduce(into: [WebhookAnswer]()) { $0.append($1) }
            }
            var numbers: Set<Int64> = []
            var repeats = 0
            for case .accepted(let execution, let isRepeated) in answers {
                numbers.insert(execution.number)
                if isRepeated { repeats += 1 }
            }
            #expect(numbers.count == 1)
            #expect(repeats == 7)
            #expect(try await bench.executions().count == 1)
            // Where nothing is verified, the sender's word is good enough.
            let open = try await bench.make("noops", .none)
            let openID = open.webhook?.id ?? ""
            for delivery in ["1", "1", "2"] {
                _ = try await bench.post(openID, "{}", ["x-github-delivery": delivery])
            }
            #expect(try await bench.executions().count == 3)
        }
    }

    @Test func `an id that nobody signed tells no delivery from another`() async throws {
        try await Self.with { bench in
            let made = try await bench.make("noops", .signature)
            let id = made.webhook?.id ?? ""
            func take(_ body: String, _ fields: [String: String]) async throws -> Bool {
                let headers = bench.signed(body, made.secret).merging(fields) { $1 }
                guard case .accepted(_, let isRepeated) = try await bench.post(id, body, headers)
                else { return false }
                return !isRepeated
            }
            #expect(try await take("1", ["webhook-id": "a"]))
            // The same again under another id is a replay; another under the same id is not.
            #expect(try await !take("1", ["webhook-id": "b"]))
            #expect(try await take("2", ["webhook-id": "a", "x-github-delivery": "c"]))
            #expect(try await take("3", ["x-github-delivery": "c", "idempotency-key": "d"]))
            #expect(try await take("4", ["idempotency-key": "d"]))
        }
    }

    @Test func `a delivery of GitHub is told by its body, and by its id for good`() async throws {
        try await Self.with { bench in
            let made = try await bench.make("noops", .github, secret: "hub-secret")
            let id = made.webhook?.id ?? ""
            func take(_ body: String, _ delivery: String) async throws -> Bool {
                let code = HMACSHA256.code(of: Array(body.utf8), key: Array("hub-secret".utf8))
                let headers = [
                    "x-hub-signature-256":
                        "sha256=" + code.map { String(format: "%02x", $0) }.joined(),
                    "x-github-delivery": delivery,
                ]
                guard case .accepted(_, let isRepeated) = try await bench.post(id, body, headers)
                else { return false }
                return !isRepeated
            }
            #expect(try await take("1", "first"))
            // What was overheard does not pass under another id, and takes no id from who comes.
            #expect(try await !take("1", "second"))
            #expect(try await take("2", "second"))
            #expect(try await take("3", "first"))
            bench.clock.advance(by: .seconds(300))
            #expect(try await !take("1", "third"))
            bench.clock.advance(by: .seconds(300))
            // Sent again by GitHub, and something that happened again.
            #expect(try await !take("1", "first"))
            #expect(try await take("1", "fourth"))
        }
    }

    @Test func `the answer may be the output, or how it ended`() async throws {
        try await Self.with { bench in
            let made = try await bench.make { $0.response = .output }
            let answer = try await bench.post(made.webhook?.id ?? "", #"{"a":1.0}"#)
            guard case .completed(let execution) = answer else {
                Issue.record("\(answer)")
                return
            }
            #expect(execution.outputJSON == #"{"a":1.0}"#)
            let held = try await bench.make("approval") { $0.response = .output }
            let waiting = try await bench.post(held.webhook?.id ?? "")
            guard case .accepted(let suspended, false) = waiting else {
                Issue.record("\(waiting)")
                return
            }
            #expect(suspended.status == .suspended)
        }
    }

    @Test func `a disabled webhook does not exist for its sender`() async throws {
        try await Self.with { bench in
            let id = try await bench.make().webhook?.id ?? ""
            _ = try await bench.post(id)
            for enabled in [false, true] {
                _ = try await bench.operations.setWebhookEnabled(
                    SetWebhookEnabledRequest(webhookID: id, enabled: enabled),
                    by: Desk.caller(.editor))
                #expect(try await bench.reason(id) == (enabled ? "" : "WEBHOOK_NOT_FOUND"))
            }
            _ = try await bench.operations.deleteWebhook(
                DeleteWebhookRequest(webhookID: id), by: Desk.caller(.editor))
            #expect(try await bench.reason(id) == "WEBHOOK_NOT_FOUND")
        }
    }

    @Test func `a rotated secret takes over, after a while if asked`() async throws {
        try await Self.with { bench in
            let made = try await bench.make("noops", .sharedSecret, secret: "first-secret")
            #expect(made.secret == "first-secret")
            let id = made.webhook?.id ?? ""
            func taken(_ secret: String) async throws -> Bool {
                try await bench.reason(id, "{}", ["x-webhook-secret": secret]) == ""
            }
            let second = try await bench.operations.rotateWebhookSecret(
                RotateWebhookSecretRequest(
                    webhookID: id, keepPrevious: ProtobufDuration(seconds: 60)),
                by: Desk.caller(.editor)
            ).secret
            #expect(try await taken("first-secret"))
            #expect(try await taken(second))
            bench.clock.advance(by: .seconds(60))
            #expect(try await !taken("first-secret"))
            #expect(try await taken(second))
        }
    }

    @Test func `deliveries beyond the rate are put off`() async throws {
        try await Self.with { bench in
            let id = try await bench.make { $0.callsPerMinute = 2 }.webhook?.id ?? ""
            #expect(try await bench.reason(id) == "")
            #expect(try await bench.reason(id) == "")
            #expect(try await bench.reason(id) == "RATE_LIMITED")
            bench.clock.advance(by: .seconds(30))
            #expect(try await bench.reason(id) == "")
        }
    }

    @Test func `strangers are put off before their deliveries are looked at, senders are not`()
        async throws
    {
        var limits = Limits()
        limits.webhookRefusalsPerSourceMax = 2
        limits.webhookRefusalsMax = 3
        try await Self.with(limits: limits) { bench in
            let made = try await bench.make("noops", .signature)
            let id = made.webhook?.id ?? ""
            func signed(_ number: Int, from source: String) async throws -> String {
                let body = "\(number)"
                return try await bench.reason(
                    id, body, bench.signed(body, made.secret), from: source)
            }
            // Who can sign is not counted here.
            for number in 0..<5 { #expect(try await signed(number, from: "sender") == "") }
            for reason in ["DELIVERY_REFUSED", "DELIVERY_REFUSED", "RATE_LIMITED"] {
                #expect(try await bench.reason(id, from: "stranger") == reason)
            }
            // Its good ones are not looked at either: that would be hashing.
            #expect(try await signed(5, from: "stranger") == "RATE_LIMITED")
            do {
                _ = try await bench.post(id, from: "stranger")
            } catch let error as OperationError {
                #expect(error.retryAfter == .seconds(30))
                #expect(error.rate == nil)
            }
            // Many strangers are bounded together, and do not shut out who is known.
            for source in ["second", "second", "third", "third"] {
                #expect(try await bench.reason(id, from: source) == "DELIVERY_REFUSED")
            }
            #expect(try await bench.reason(id, from: "fourth") == "DELIVERY_REFUSED")
            #expect(try await bench.reason(id, from: "fourth") == "RATE_LIMITED")
            #expect(try await signed(6, from: "sender") == "")
            // The sender may come from a new address, and others may be where it is.
            #expect(try await signed(8, from: "elsewhere") == "")
            for _ in 0..<5 {
                #expect(try await bench.reason(id, from: "sender") == "DELIVERY_REFUSED")
            }
            #expect(try await signed(9, from: "sender") == "")
            // Another webhook has bounds of its own.
            let other = try await bench.make("noops", .sharedSecret).webhook?.id ?? ""
            #expect(try await bench.reason(other, from: "stranger") == "DELIVERY_REFUSED")
            bench.clock.advance(by: .seconds(30))
            #expect(try await signed(7, from: "stranger") == "")
        }
    }

    @Test func `what is wrong with us is recorded, and not told to the sender`() async throws {
        try await Self.with(deployed: false) { bench in
            let id = try await bench.make().webhook?.id ?? ""
            #expect(try await bench.reason(id) == "WEBHOOK_NOT_READY")
            #expect(try await bench.reason(id, "{") == "INVALID_ARGUMENT")
            let deliveries = try await bench.operations.listWebhookDeliveries(
                ListWebhookDeliveriesRequest(webhookID: id), by: Desk.caller(.viewer)
            ).deliveries
            #expect(deliveries.map(\.reason) == ["INVALID_ARGUMENT", "NOT_DEPLOYED"])
        }
    }

    @Test func `a body beyond the webhook's limit is refused`() async throws {
        try await Self.with { bench in
            let id = try await bench.make { $0.bodyBytesMax = 4 }.webhook?.id ?? ""
            #expect(try await bench.reason(id, "1234") == "")
            #expect(try await bench.reason(id, "12345") == "BODY_TOO_LARGE")
        }
    }

    @Test func `what is read of bodies before they verify is bounded, of one sender and of all`()
        async throws
    {
        var limits = Limits()
        limits.webhookWaitingBytesPerSourceMax = 10
        limits.webhookWaitingBytesMax = 15
        try await Self.with(limits: limits) { bench in
            let made = try await bench.make("noops", .signature) { $0.bodyBytesMax = 9 }
            let id = made.webhook?.id ?? ""
            let another = try await bench.make("noops", .signature).webhook?.id ?? ""
            func admit(_ source: String, to webhook: String? = nil) async throws -> AdmittedDelivery
            {
                try await bench.operations.admitDelivery(webhook ?? id, from: source)
            }
            func reason(_ delivery: AdmittedDelivery, _ byteCount: Int) -> String {
                do throws(OperationError) {
                    try delivery.read(byteCount)
                    return ""
                } catch {
                    #expect(error.retryAfter == (error.reason == "OVERLOADED" ? .seconds(1) : nil))
                    return error.reason
                }
            }
            // Nothing is read for webhooks that do not exist.
            await #expect(throws: OperationError.self) {
                _ = try await bench.operations.admitDelivery("unknown", from: "first")
            }
            #expect(
                try await bench.reason(id, "7", bench.signed("7", made.secret), from: "known") == ""
            )

            let first = try await admit("first")
            #expect(reason(first, 5) == "" && reason(first, 5) == "BODY_TOO_LARGE")
            #expect(reason(first, 4) == "")
            #expect(reason(try await admit("first"), 2) == "OVERLOADED")
            let second = try await admit("second", to: another)
            #expect(reason(second, 6) == "" && reason(second, 1) == "OVERLOADED")
            #expect(reason(try await admit("third"), 1) == "OVERLOADED")
            // Who has shown that it can sign has room of its own, which is bounded, too.
            let known = try await admit("known")
            #expect(reason(known, 9) == "")
            #expect(reason(try await admit("known"), 2) == "OVERLOADED")
            // What is let go of makes room: by whoever gives it up, and once it is looked at.
            first.release()
            #expect(reason(try await admit("third"), 9) == "")
            #expect(try await bench.reason(id, "123456789", from: "first") == "DELIVERY_REFUSED")
            known.release()
            let good = bench.signed("123456789", made.secret)
            for _ in 0..<3 {
                #expect(try await bench.reason(id, "123456789", good, from: "first") == "")
            }
            withExtendedLifetime(second) {}
        }
    }

    @Test func `Slack's question is answered, if it is signed`() async throws {
        try await Self.with { bench in
            let made = try await bench.make("noops", .slack, secret: "slack-secret")
            let body = #"{"type":"url_verification","challenge":"3eZb"}"#
            let stamp = "\(bench.clock.now().microseconds / 1_000_000)"
            let code = HMACSHA256.code(
                of: Array("v0:\(stamp):\(body)".utf8), key: Array("slack-secret".utf8))
            let answer = try await bench.post(
                made.webhook?.id ?? "", body,
                [
                    "x-slack-request-timestamp": stamp,
                    "x-slack-signature":
                        "v0=" + code.map { String(format: "%02x", $0) }.joined(),
                ])
            guard case .challenge("3eZb") = answer else {
                Issue.record("\(answer)")
                return
            }
            #expect(try await bench.executions().isEmpty)
        }
    }

    @Test func `everything wrong with a webhook is told at once`() async throws {
        try await Self.with { bench in
            do {
                _ = try await bench.make("noops", .signature, secret: "short") {
                    $0.replayWindow = ProtobufDuration(seconds: 3_601)
                    $0.wait = ProtobufDuration(seconds: 61)
                    $0.inputHeaders = ["no spaces"]
                    $0.callsPerMinute = -1
                    $0.bodyBytesMax = 1 << 21
                }
                Issue.record("it was accepted")
            } catch let error as OperationError {
                #expect(
                    Set(error.violations.map(\.field)) == [
                        "secret", "spec.replay_window", "spec.wait", "spec.input_headers[0]",
                        "spec.calls_per_minute", "spec.body_bytes_max",
                    ])
            }
        }
    }
}

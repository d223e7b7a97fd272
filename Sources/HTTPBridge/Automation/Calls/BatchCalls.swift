internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations

extension AutomationCalls {
    func batch(_ request: BridgeRequest) async throws -> Answer {
        let batch = try await operations.getBatch(
            GetBatchRequest(batchID: ExecutionName.reference(try request.path("batchId"))),
            by: request.caller)
        let items = try await items(of: batch, withCurrentNode: true, request.caller)
        return .json { json in
            AutomationShapes.write(batch, to: &json) { json in
                json.key("executions")
                json.array(items) { json, item in AutomationShapes.write(item, to: &json) }
            }
        }
    }

    func batches(_ request: BridgeRequest) async throws -> Answer {
        let limit = try request.query.integer("limit", in: 1...1_000) ?? 20
        let offset = try request.query.integer("offset", in: 0...10_000) ?? 0
        var asked = ListBatchesRequest(pageSize: Int32(limit), offset: Int32(offset))
        if let word = request.query.first("status") {
            asked.statuses = try AutomationWords.batchStatuses.filter("status", word)
        }
        let page = try await operations.listBatches(asked, by: request.caller)
        return .json { json in
            json.object { json in
                json.member("total", page.totalCount)
                json.member("limit", limit)
                json.member("offset", offset)
                json.key("batches")
                json.array(page.batches) { json, batch in
                    AutomationShapes.write(batch, to: &json)
                }
            }
        }
    }

    func stopBatch(_ request: BridgeRequest) async throws -> Answer {
        let stopped = try await operations.stopBatch(
            StopBatchRequest(batchID: ExecutionName.reference(try request.path("batchId"))),
            by: request.caller)
        return .automation("Batch stopped") { json in
            json.member("batchId", ExecutionName.batch(stopped.batch?.number ?? 0))
            json.member("stoppedExecutions", stopped.runningStopped + stopped.queuedStopped)
            json.member("runningStopped", stopped.runningStopped)
            json.member("queuedCancelled", stopped.queuedStopped)
        }
    }

    func stopAll(_ request: BridgeRequest) async throws -> Answer {
        let stopped = try await operations.stopAllBatches(
            StopAllBatchesRequest(allExecutions: true), by: request.caller)
        return .automation("All executions stopped") { json in
            json.member("totalBatches", stopped.batchCount)
            json.member("totalStopped", stopped.runningStopped + stopped.queuedStopped)
            json.member("runningStopped", stopped.runningStopped)
            json.member("queuedCancelled", stopped.queuedStopped)
            json.key("batches")
            json.array(stopped.batches) { json, batch in
                json.string(ExecutionName.batch(batch.number))
            }
        }
    }

    func clear(_ request: BridgeRequest) async throws -> Answer {
        let cleared = try await operations.clearBatches(
            ClearBatchesRequest(force: try request.query.bool("force") ?? false),
            by: request.caller)
        return .automation("All batches and executions cleared") { json in
            json.member("batchesDeleted", cleared.batchCount)
            json.member("executionsDeleted", cleared.executionCount)
        }
    }
}

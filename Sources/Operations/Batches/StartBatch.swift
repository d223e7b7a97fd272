internal import Cryptography
internal import Engine
internal import JSON
package import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

extension Operations {
    /// Faults of one definition that are told.
    private static var errorsPerWorkflowMax: Int { 20 }

    /// Checks workflows and starts those that are good. Needs operator; with definitions or a folder,
    /// editor.
    package func startBatch(_ request: StartBatchRequest, by caller: Caller)
        async throws(OperationError) -> StartBatchResponse
    {
        let grant = try await authorise(
            .startBatch, caller, workspaceID: request.workspaceID, podID: request.podID)
        if request.folder != nil
            || request.workflows.contains(where: { !$0.definitionJSON.isEmpty })
        {
            // They are saved, which needs what saving needs.
            try Authoriser.check(grant, .role(.editor))
        }
        try check(request)
        let tags = try await tags(request.tags, grant)
        var asked = request
        asked.requestID = ""
        let hash = RequestHash.of(asked)
        if let existing = try await existingBatch(request, hash, grant) { return existing }

        var batch = Batch(
            workspaceID: grant.workspaceID, podID: grant.podIDOrDefault,
            source: .workflows, folderPath: request.folder?.path ?? "",
            workers: request.workers == 0 ? Int32(limits.batchWorkersUsual) : request.workers,
            priority: request.priority, startedBy: grant.principal.name)
        let items: [NewBatch.Item]
        if let folder = request.folder {
            batch.source = .folder
            items = try await self.items(folder, request, &batch)
        } else {
            if request.workflows.contains(where: { !$0.fileName.isEmpty }) { batch.source = .files }
            items = await self.items(request, &batch)
        }
        let new = NewBatch(
            batch: batch, items: items, tagIDs: tags.map(\.id), traceparent: caller.traceparent,
            requestID: request.requestID, requestHash: hash)
        do throws(EngineError) {
            batch = try await engine.startBatch(new, startsNothing: request.validateOnly)
        } catch {
            // The same request was taken at the same time.
            if let existing = try await existingBatch(request, hash, grant) { return existing }
            throw OperationError(error)
        }
        guard batch.total > 0 || request.validateOnly else { throw Self.batchEmpty(batch) }
        if !request.validateOnly { await record(grant, "batch \(batch.number)") }
        return StartBatchResponse(batch: batch)
    }

    private func check(_ request: StartBatchRequest) throws(OperationError) {
        var check = RequestCheck()
        if let folder = request.folder {
            if !request.workflows.isEmpty {
                check.fault("folder", "expected it or workflows, got both")
            }
            check.text("folder.path", folder.path, bytesMax: 4_096, isNeeded: true)
            check.text("folder.pattern", folder.pattern, bytesMax: 256)
            if folder.pattern.contains("/") {
                check.fault("folder.pattern", "expected a pattern for names, got one with '/'")
            }
        } else if !(1...limits.batchItemsMax).contains(request.workflows.count) {
            check.fault(
                "workflows",
                "expected 1 to \(limits.batchItemsMax), or a folder, got \(request.workflows.count)"
            )
        }
        for (index, workflow) in request.workflows.prefix(limits.batchItemsMax).enumerated() {
            let field = "workflows[\(index)]"
            check.text("\(field).workflow_id", workflow.workflowID, bytesMax: 128)
            check.range("\(field).version", workflow.version, 0...Int32.max)
            check.text("\(field).file_name", workflow.fileName, bytesMax: 1_024)
            if workflow.workflowID.isEmpty == workflow.definitionJSON.isEmpty {
                check.fault(field, "expected a workflow_id or a definition_json")
            }
        }
        check.range("workers", request.workers, 0...Int32(limits.batchWorkersMax))
        check.range("priority", request.priority, -100...100)
        check.json("input_json", request.inputJSON, bytesMax: limits.inputBytesMax)
        check.tags("tags", request.tags, max: limits.tagsPerExecutionMax)
        check.text("request_id", request.requestID, bytesMax: 128)
        try check.finish()
    }

    private func existingBatch(
        _ request: StartBatchRequest, _ hash: [UInt8], _ grant: Authoriser.Grant
    ) async throws(OperationError) -> StartBatchResponse? {
        guard !request.requestID.isEmpty else { return nil }
        let found = try await reading { () async throws(StoreError) in
            try await store.many.batch(
                requestID: request.requestID, workspaceID: grant.workspaceID)
        }
        guard let found else { return nil }
        guard found.hash == hash else {
            throw OperationError(
                .alreadyExists, reason: "REQUEST_MISMATCH",
                "the request id was used before with a different request")
        }
        return StartBatchResponse(batch: found.batch, existing: true)
    }

    private static func batchEmpty(_ batch: Batch) -> OperationError {
        OperationError(
            .invalidArgument, reason: "BATCH_EMPTY",
            batch.invalid == 0
                ? "the folder has no files that fit the pattern"
                : "none of \(batch.invalid) workflows can be started",
            violations: batch.faults.flatMap { fault in
                let name = fault.path.isEmpty ? fault.fileName : fault.path
                return fault.errors.map {
                    OperationError.Violation(
                        field: "workflows[\(fault.index)]",
                        description: name.isEmpty ? $0 : "\(name): \($0)")
                }
            })
    }

    // MARK: Items

    private func items(_ request: StartBatchRequest, _ batch: inout Batch) async -> [NewBatch.Item]
    {
        var items: [NewBatch.Item] = []
        for (index, workflow) in request.workflows.enumerated() {
            let input = workflow.inputJSON.isEmpty ? request.inputJSON : workflow.inputJSON
            if workflow.definitionJSON.isEmpty {
                items.append(
                    NewBatch.Item(
                        index: Int32(index), workflowID: workflow.workflowID,
                        version: workflow.version == 0 ? nil : workflow.version,
                        fileName: workflow.fileName, inputJSON: input))
                continue
            }
            let item = NewBatch.Item(
                index: Int32(index), workflowID: "", definitionJSON: workflow.definitionJSON,
                name: workflow.fileName, fileName: workflow.fileName, inputJSON: input)
            await add(item, to: &items, &batch)
        }
        return items
    }

    private func items(
        _ folder: BatchFolder, _ request: StartBatchRequest, _ batch: inout Batch
    ) async throws(OperationError) -> [NewBatch.Item] {
        var items: [NewBatch.Item] = []
        for (index, file) in try batchRoots.files(of: folder, limits).enumerated() {
            switch file.text {
            case .success(let text):
                let item = NewBatch.Item(
                    index: Int32(index), workflowID: "", definitionJSON: text, name: file.name,
                    fileName: file.name, path: file.path, inputJSON: request.inputJSON)
                await add(item, to: &items, &batch)
            case .failure(let fault):
                batch.add(
                    BatchFault(
                        index: Int32(index), fileName: file.name, path: file.path,
                        errors: [fault.description]))
            }
        }
        return items
    }

    /// Adds a definition, or what is wrong with it.
    private func add(_ item: NewBatch.Item, to items: inout [NewBatch.Item], _ batch: inout Batch)
        async
    {
        let text = item.definitionJSON ?? ""
        let faults = await engine.validate(
            text, allowUnregistered: false, workspaceID: batch.workspaceID)
        guard faults.isEmpty else {
            let errors = faults.prefix(Self.errorsPerWorkflowMax).map { fault in
                "\(fault.code)\(fault.pointer.isEmpty ? "" : " at \(fault.pointer)"): "
                    + fault.message
            }
            batch.add(
                BatchFault(
                    index: item.index, fileName: item.fileName, path: item.path,
                    errors: errors.map { $0.clipped(toBytes: 1_024) }))
            return
        }
        var item = item
        item.workflowID = Self.inlineID(text, podID: batch.podID)
        let definition = try? JSONValue(parsing: text)
        let name = definition?["name"]?.stringValue ?? definition?["id"]?.stringValue ?? ""
        item.name = (name.isEmpty ? item.name : name).clipped(toBytes: 256)
        if item.name.isEmpty { item.name = "inline" }
        items.append(item)
    }

    /// The id of a definition that nobody saved: equal texts share one, within a pod.
    static func inlineID(_ text: String, podID: String) -> String {
        let hash = Digest.sha256.hash("\(podID)\u{0}\(text)".utf8)
        let digits = hash.prefix(16).map { byte in
            let text = String(byte, radix: 16)
            return text.utf8.count == 1 ? "0" + text : text
        }
        return InlineWorkflow.idPrefix + digits.joined()
    }
}

internal import JSON
internal import Messages
internal import NIOCore

/// What a client asks to be executed, from JSON or from a form, checked.
struct ExecuteRequest {
    /// One workflow that came with the request.
    struct Given: Equatable {
        let definition: JSONText
        let fileName: String
    }

    enum Subject: Equatable {
        /// A definition.
        case definition(Given)
        /// A saved workflow.
        case workflow(String)
        case many([Given])
        case folder(path: String, isRecursive: Bool, pattern: String)
    }

    let subject: Subject
    var input = ""
    var workers: Int32 = 0
    var priority: Int32 = 0
    var traceLogs = false
    var breakpoints: Breakpoints?
    var source = TriggerKind.api

    private static let modes = ["single", "parallel", "auto"]

    /// A JSON body.
    init(_ body: JSONObject) throws(Fault) {
        var fields = BodyFields(body)
        let workflows = fields.array("workflows") ?? []
        let names = fields.strings("workflowFileNames") ?? []
        let given = workflows.enumerated().map { index, value in
            Given(
                definition: JSONText(value),
                fileName: names.indices.contains(index)
                    ? names[index] : "workflow\(index + 1).json")
        }
        try self.init(&fields, given: given)
    }

    /// A form: its files are workflows, its fields those of the JSON body.
    init(_ form: MultipartForm) throws(Fault) {
        var body = JSONObject()
        for part in form.parts where part.fileName == nil {
            guard let text = part.text else {
                throw .invalid(part.name, "expected UTF-8")
            }
            body[part.name] = Self.value(part.name, text)
        }
        var given: [Given] = []
        for file in form.files {
            let name = file.fileName ?? ""
            guard let text = file.text, let definition = try? JSONText(validating: text) else {
                throw .invalid("files", "expected JSON in '\(name.prefix(64))'")
            }
            given.append(Given(definition: definition, fileName: name))
        }
        var fields = BodyFields(body)
        try self.init(&fields, given: given)
    }

    /// A form's field as JSON would have it.
    private static func value(_ name: String, _ text: String) -> JSONValue {
        switch name {
        case "folderPath", "pattern", "executionMode", "workflowFileName", "workflowId", "source",
            "outputPath":
            .string(text)
        default:
            (try? JSONValue(parsing: text)) ?? .string(text)
        }
    }

    private init(_ fields: inout BodyFields, given: [Given]) throws(Fault) {
        let mode = fields.string("executionMode") ?? "auto"
        if !Self.modes.contains(mode) {
            fields.fault(
                "executionMode",
                "expected one of \(Self.modes.joined(separator: ", ")), got '\(mode.prefix(64))'")
        }
        let workflow = fields.object("workflow")
        let workflowID = fields.string("workflowId")
        let fileName = fields.string("workflowFileName") ?? "workflow.json"
        let folderPath = fields.string("folderPath")
        let isRecursive = fields.bool("recursive") ?? false
        let pattern = fields.string("pattern") ?? ""
        workers = Int32(fields.integer("workers", in: 1...1_000) ?? 0)
        priority = Int32(fields.integer("batchPriority", in: -100...100) ?? 0)
        traceLogs = fields.bool("traceLogs") ?? false
        input = fields.document("input")
        source = AutomationWords.source(fields.string("source"), &fields)
        breakpoints = Self.breakpoints(&fields)
        try fields.finish()

        let isSingle = workflow != nil || workflowID != nil
        let isMany = !given.isEmpty || folderPath != nil
        guard !(isSingle && isMany), !(workflow != nil && workflowID != nil),
            given.isEmpty || folderPath == nil
        else {
            throw .invalid(
                "executionMode",
                "expected one of workflow, workflowId, workflows, folderPath and files, got several"
            )
        }
        switch mode {
        case "single" where !isSingle: throw .invalid("workflow", "expected one for mode single")
        case "parallel" where !isMany:
            throw .invalid("workflows", "expected them, a folderPath or files for mode parallel")
        default: break
        }
        if let workflow {
            subject = .definition(
                Given(definition: JSONText(.object(workflow)), fileName: fileName))
        } else if let workflowID {
            subject = .workflow(workflowID)
        } else if let folderPath {
            subject = .folder(path: folderPath, isRecursive: isRecursive, pattern: pattern)
        } else if !given.isEmpty {
            subject = .many(given)
        } else {
            throw .invalid(
                "workflow", "expected a workflow, workflows, a folderPath or files, got nothing")
        }
    }

    /// `{"enabled", "breakpointAt", "breakpointFor"}`.
    private static func breakpoints(_ fields: inout BodyFields) -> Breakpoints? {
        guard let object = fields.object("breakpointConfig") else { return nil }
        var config = BodyFields(object)
        guard config.bool("enabled") ?? false else { return nil }
        var breakpoints = Breakpoints(enabled: true)
        switch config.string("breakpointAt") {
        case nil: break
        case "pre": breakpoints.at = .pre
        case "post": breakpoints.at = .post
        case "both": breakpoints.at = .both
        case let other?:
            fields.fault(
                "breakpointConfig/breakpointAt",
                "expected pre, post or both, got '\(other.prefix(64))'")
        }
        switch config.string("breakpointFor") {
        case nil, "marked": breakpoints.nodes = .marked
        case "all": breakpoints.nodes = .all
        case let other?:
            fields.fault(
                "breakpointConfig/breakpointFor",
                "expected all or marked, got '\(other.prefix(64))'")
        }
        return breakpoints
    }
}

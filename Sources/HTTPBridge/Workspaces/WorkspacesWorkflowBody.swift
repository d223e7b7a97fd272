internal import JSON

/// A workflow as a client sends it: its graph under `definition`, or at the top.
struct WorkspacesWorkflowBody {
    let id: String?
    private let body: JSONObject

    init(_ body: JSONObject) throws(Fault) {
        self.body = body
        var fields = BodyFields(body)
        id = fields.string("id")
        _ = fields.string("name")
        _ = fields.object("definition")
        try fields.finish()
    }

    /// What is to be saved: the members of `old` that the client left out are kept.
    func definition(id: String, over old: JSONObject?) -> JSONText {
        var whole = old ?? JSONObject()
        for member in body where member.key != "definition" && !member.value.isNull {
            whole[member.key] = member.value
        }
        for member in body["definition"]?.objectValue ?? JSONObject() {
            whole[member.key] = member.value
        }
        if let name = body["name"]?.stringValue { whole["name"] = .string(name) }
        whole["id"] = .string(id)
        return JSONText(.object(whole))
    }
}

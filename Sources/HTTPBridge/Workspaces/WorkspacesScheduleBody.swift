internal import JSON
internal import Messages

/// A schedule as a client sends it; both of the API's names for the expression are understood.
struct WorkspacesScheduleBody {
    /// What the dialect calls the contract's fields, where it is another name.
    static let names = [
        "spec.cron": "cronExpression", "spec.time_zone": "timezone", "spec.input_json": "input",
        "schedule_id": "id",
    ]

    let id: String?
    let enabled: Bool?
    private let name: String?
    private let workflowID: String?
    private let cron: String?
    private let timeZone: String?
    private let input: String?
    private let overlap: OverlapPolicy?

    init(_ body: JSONObject, isNew: Bool) throws {
        var fields = BodyFields(body)
        id = isNew ? fields.string("id") : nil
        enabled = fields.bool("enabled")
        name = fields.string("name")
        workflowID = fields.string("workflowId", isNeeded: isNew)
        let short = fields.string("cronExpr")
        cron = fields.string("cronExpression", isNeeded: isNew && short == nil) ?? short
        timeZone = fields.string("timezone")
        input = fields.value("input")?.text
        overlap = fields.word("overlapPolicy", WorkspacesWords.overlaps)
        try fields.finish()
    }

    /// Puts what was said into `spec`.
    func apply(to spec: inout ScheduleSpec) {
        if let name { spec.name = name }
        if let workflowID { spec.workflowID = workflowID }
        if let cron { spec.cron = cron }
        if let timeZone { spec.timeZone = timeZone }
        if let input { spec.inputJSON = input }
        if let overlap { spec.overlapPolicy = overlap }
    }
}

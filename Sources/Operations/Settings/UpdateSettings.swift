internal import JSON
package import Messages
internal import Redaction
internal import Store

extension Operations {
    /// Replaces a workspace's settings. Needs admin.
    package func updateSettings(_ request: UpdateSettingsRequest, by caller: Caller)
        async throws(OperationError) -> WorkspaceSettings
    {
        let grant = try await authorise(.updateSettings, caller, workspaceID: request.workspaceID)
        let settings = request.settings ?? WorkspaceSettings()
        var check = RequestCheck()
        check.maskingRules("settings.masking_rules", settings.maskingRules)
        check.redaction("settings.redaction", settings.redaction)
        check.range("settings.retention.days", settings.retention?.days ?? 0, 0...36_500)
        check.range(
            "settings.retention.executions_max", settings.retention?.executionsMax ?? 0,
            0...1_000_000_000)
        try check.finish()
        let refusal = try await committing(
            [.access(.putSettings(workspaceID: grant.workspaceID, settings))], grant, "settings")
        guard refusal == nil else {
            throw .notFound("workspace", grant.workspaceID, reason: "WORKSPACE_NOT_FOUND")
        }
        redactions.forget()
        return settings
    }
}

extension RequestCheck {
    /// Masking rules that can be applied: named, and each masking something.
    mutating func maskingRules(_ field: String, _ rules: [MaskingRule]) {
        guard rules.count <= 100 else {
            return fault(field, "expected at most 100 rules, got \(rules.count)")
        }
        var names: Set<String> = []
        for (index, rule) in rules.enumerated() {
            maskingRule("\(field)[\(index)]", rule)
            if !names.insert(rule.name).inserted {
                fault("\(field)[\(index)].name", "expected a name that no other rule has")
            }
        }
    }

    private mutating func maskingRule(_ field: String, _ rule: MaskingRule) {
        name("\(field).name", rule.name, bytesMax: 64)
        text("\(field).replacement", rule.replacement, bytesMax: 64)
        text("\(field).pattern", rule.pattern, bytesMax: 512)
        if rule.keys.isEmpty, rule.pattern.isEmpty {
            fault(field, "expected keys or a pattern, got neither")
        }
        if rule.keys.count > 32 {
            fault("\(field).keys", "expected at most 32 keys, got \(rule.keys.count)")
        }
        for (index, key) in rule.keys.prefix(32).enumerated() {
            text("\(field).keys[\(index)]", key, bytesMax: 128, isNeeded: true)
        }
        guard !rule.pattern.isEmpty, rule.pattern.utf8.count <= 512 else { return }
        do throws(TextPattern.Failure) {
            _ = try TextPattern(rule.pattern)
        } catch {
            fault("\(field).pattern", error.message)
        }
    }

    /// A policy that is known, and built-in rules that there are.
    mutating func redaction(_ field: String, _ settings: RedactionSettings?) {
        guard let settings else { return }
        known("\(field).policy", settings.policy)
        let rules = RedactionRules.BuiltIn.allCases.map(\.rawValue)
        if settings.withoutRules.count > rules.count {
            fault(
                "\(field).without_rules",
                "expected at most \(rules.count) rules, got \(settings.withoutRules.count)")
        }
        for (index, rule) in settings.withoutRules.prefix(rules.count).enumerated()
        where !rules.contains(rule) {
            fault(
                "\(field).without_rules[\(index)]",
                "expected one of \(rules.joined(separator: " ")), got '\(OperationError.shown(rule))'"
            )
        }
    }
}

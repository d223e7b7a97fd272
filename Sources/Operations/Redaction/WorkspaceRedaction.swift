internal import JSON
internal import Messages
internal import Redaction

/// What a workspace masks and for whom, ready to be applied.
struct WorkspaceRedaction: Sendable {
    let policy: RedactionPolicy
    let redactor: Redactor

    init(_ settings: WorkspaceSettings) {
        policy = settings.redaction?.policy ?? .nothing
        let without = Set(settings.redaction?.withoutRules ?? [])
        redactor = Redactor(
            RedactionRules(
                builtIn: Set(
                    RedactionRules.BuiltIn.allCases.filter { !without.contains($0.rawValue) }),
                custom: settings.maskingRules.map { rule in
                    // What was saved was checked; an expression that this version no longer takes
                    // leaves the rule's keys.
                    RedactionRules.Custom(
                        keys: rule.keys,
                        pattern: rule.pattern.isEmpty ? nil : try? TextPattern(rule.pattern),
                        replacement: rule.replacement)
                }))
    }

    /// Whether the policy masks executions with that trigger.
    func covers(_ trigger: TriggerKind) -> Bool {
        switch policy {
        case .all: true
        case .nonManual: trigger != .manual
        case .nothing, .unspecified, .unrecognized: false
        }
    }
}

internal import JSON
internal import Model

/// When people are reminded of what they have not answered: some time after it was asked, or before
/// the deadline.
struct ReminderRule: Sendable {
    private static let countMax = 10

    private let duration: Duration
    private let isBeforeDeadline: Bool

    /// Reads `reminders`: an array of `{"after": DURATION}` and `{"before": DURATION}`.
    static func read(_ fields: inout NodeFields, hasDeadline: Bool) -> [ReminderRule] {
        guard let value = fields.value("reminders") else { return [] }
        guard let elements = value.arrayValue, elements.count <= countMax else {
            fields.fault(
                .badType, "reminders",
                "expected an array of at most \(countMax) reminders, got \(value.text)")
            return []
        }
        var rules: [ReminderRule] = []
        for element in elements {
            guard let object = element.objectValue else {
                fields.fault(
                    .badType, "reminders",
                    "expected an object with 'after' or 'before', got "
                        + element.text)
                continue
            }
            var inner = NodeFields(
                object, at: fields.pointer.appending("reminders"), nodeID: fields.nodeID)
            let after = inner.duration("after")
            let before = inner.duration("before")
            inner.checkUnknown()
            let isOne = (object["after"] == nil) != (object["before"] == nil)
            if !isOne {
                inner.fault(.badValue, "after", "expected either 'after' or 'before'")
            } else if object["before"] != nil, !hasDeadline {
                inner.fault(.missingField, "before", "expected a 'deadline' for 'before'")
            }
            fields.adopt(inner.faults)
            if isOne, let duration = after ?? before {
                rules.append(ReminderRule(duration: duration, isBeforeDeadline: before != nil))
            }
        }
        return rules
    }

    /// The instants of the rules between now and the deadline, the soonest first.
    static func instants(_ rules: [ReminderRule], from time: WallTime, deadline: WallTime?)
        -> [WallTime]
    {
        let instants = rules.compactMap { rule in
            rule.isBeforeDeadline
                ? deadline?.advanced(by: .zero - rule.duration) : time.advanced(by: rule.duration)
        }
        return Set(instants).filter { $0 > time && $0 < deadline ?? WallTime(microseconds: .max) }
            .sorted()
    }
}

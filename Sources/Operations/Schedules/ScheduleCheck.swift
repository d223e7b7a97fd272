internal import Messages
internal import Model
internal import ProtobufRuntime

extension RequestCheck {
    private static let windowSeconds: ClosedRange<Int64> = 10...(366 * 86_400)
    private static let jitterMax = Duration.seconds(3_600)

    /// Everything of a spec that can be checked without looking anything up.
    /// - Returns: its plan; nil if the expression or the zone is wrong.
    mutating func schedule(_ spec: ScheduleSpec, id: String, _ limits: Limits) -> SchedulePlan? {
        text("spec.name", spec.name, bytesMax: 256)
        text("spec.workflow_id", spec.workflowID, bytesMax: 128, isNeeded: true)
        json("spec.input_json", spec.inputJSON, bytesMax: limits.inputBytesMax)
        instant("spec.start_time", spec.startTime)
        instant("spec.end_time", spec.endTime)
        if let start = spec.startTime, let end = spec.endTime, end <= start {
            fault("spec.end_time", "expected an instant after start_time, got \(end.rfc3339)")
        }
        known("spec.overlap_policy", spec.overlapPolicy)
        range("spec.buffer_max", spec.bufferMax, 0...Int32(limits.scheduleBufferMax))
        range("spec.catch_up_max", spec.catchUpMax, 0...Int32(limits.scheduleCatchUpMax))
        range("spec.priority", spec.priority, -100...100)
        if let window = spec.catchUpWindow,
            !window.isValid || !Self.windowSeconds.contains(window.duration.components.seconds)
        {
            fault("spec.catch_up_window", "expected 10s to 31622400s, got \(window.text)")
        }
        if let jitter = spec.jitter,
            !jitter.isValid || jitter.duration < .zero || jitter.duration > Self.jitterMax
        {
            fault("spec.jitter", "expected 0s to 3600s, got \(jitter.text)")
        }
        guard cron(spec.cron, zone: spec.timeZone, prefix: "spec.") != nil, violations.isEmpty
        else { return nil }
        return try? SchedulePlan(spec, scheduleID: id)
    }

    /// An expression and its zone.
    mutating func cron(_ text: String, zone name: String, prefix: String)
        -> (CronSchedule, TimeZoneRules)?
    {
        let zone = TimeZoneRules(identifier: name.isEmpty ? "UTC" : name)
        if zone == nil {
            fault(
                "\(prefix)time_zone",
                "expected an IANA time zone such as Europe/Berlin, got "
                    + "'\(OperationError.shown(name))'")
        }
        do throws(CronError) {
            let cron = try CronSchedule(parsing: text)
            return zone.map { (cron, $0) }
        } catch {
            fault("\(prefix)cron", error.description)
            return nil
        }
    }
}

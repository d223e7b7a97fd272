import Messages
import Model
import ProtobufRuntime
import Testing

@testable import Operations

struct SchedulePlanTests {
    /// 2026-01-01T00:00:00Z, and so many seconds later.
    private func time(_ seconds: Int64) -> WallTime {
        WallTime(microseconds: (1_767_225_600 + seconds) * 1_000_000)
    }

    private func plan(
        _ cron: String = "* * * * *", id: String = "s",
        _ change: (inout ScheduleSpec) -> Void = { _ in }
    ) throws -> SchedulePlan {
        var spec = ScheduleSpec(workflowID: "w", cron: cron)
        change(&spec)
        return try SchedulePlan(spec, scheduleID: id)
    }

    @Test func `nothing is due before the next time, and one time at it`() throws {
        let plan = try plan()
        #expect(plan.due(after: time(0), at: time(59)) == SchedulePlan.Due())
        #expect(plan.due(after: time(0), at: time(60)) == SchedulePlan.Due(fires: [time(60)]))
        #expect(plan.due(after: time(60), at: time(60)) == SchedulePlan.Due())
    }

    @Test func `what was late is fired, the newest ten within an hour`() throws {
        let due = try plan().due(after: time(0), at: time(1_805))
        #expect(due.fires == (21...30).map { time($0 * 60) })
        #expect(due.missed?.first == time(60))
        #expect(due.missed?.through == time(21 * 60).advanced(by: .microseconds(-1)))
    }

    @Test func `what is older than the window is missed`() throws {
        let plan = try plan("0 * * * *") { $0.catchUpWindow = ProtobufDuration(seconds: 7_200) }
        let due = plan.due(after: time(0), at: time(5 * 3_600 + 1_800))
        #expect(due.fires == [time(4 * 3_600), time(5 * 3_600)])
        #expect(due.missed?.first == time(3_600))
        let none = plan.due(after: time(0), at: time(3_600 + 7_201))
        #expect(none.fires == [time(7_200), time(10_800)])
        let old = try self.plan("@yearly").due(after: time(-10), at: time(3_601))
        #expect(old.fires.isEmpty)
        #expect(old.missed?.first == time(0))
        #expect(old.missed?.through == time(3_601))
    }

    @Test func `a year of every second is caught up without counting it`() throws {
        let plan = try plan("* * * * * *") {
            $0.catchUpWindow = ProtobufDuration(seconds: 366 * 86_400)
            $0.catchUpMax = 3
        }
        let due = plan.due(after: time(-360 * 86_400), at: time(0))
        #expect(due.fires == [time(-2), time(-1), time(0)])
    }

    @Test func `the catch-up maximum counts from the newest, wherever the times lie`() throws {
        // Three times at noon each day.
        let plan = try plan("0-2 12 * * *") {
            $0.catchUpWindow = ProtobufDuration(seconds: 30 * 86_400)
            $0.catchUpMax = 4
        }
        let noon: Int64 = 12 * 3_600
        let due = plan.due(after: time(0), at: time(10 * 86_400))
        #expect(
            due.fires == [
                time(8 * 86_400 + noon + 120), time(9 * 86_400 + noon),
                time(9 * 86_400 + noon + 60), time(9 * 86_400 + noon + 120),
            ])
    }

    @Test func `jitter puts each fire of a schedule off alike, and others otherwise`() throws {
        let jitter: (inout ScheduleSpec) -> Void = { $0.jitter = ProtobufDuration(seconds: 600) }
        let delays = try (0..<50).map { try self.plan(id: "schedule-\($0)", jitter).delay }
        #expect(delays.allSatisfy { $0 >= .zero && $0 < .seconds(600) })
        #expect(Set(delays).count > 40)
        let plan = try self.plan(id: "schedule-7", jitter)
        #expect(plan.delay == delays[7])
        #expect(plan.delay > .seconds(1))
        #expect(plan.nextFire(after: time(0)) == time(60).advanced(by: plan.delay))
        // Nominal times stay what the expression says, and wait for the delay.
        #expect(plan.due(after: time(0), at: time(60)) == SchedulePlan.Due())
        #expect(
            plan.due(after: time(0), at: time(60).advanced(by: plan.delay)).fires == [time(60)])
    }

    @Test func `start and end bound the nominal times`() throws {
        let plan = try plan {
            $0.startTime = time(120).timestamp
            $0.endTime = time(240).timestamp
        }
        #expect(plan.times(after: time(-1_000), count: 9) == [time(120), time(180)])
        #expect(plan.next(after: time(180)) == nil)
        #expect(plan.nextFire(after: time(180)) == nil)
    }

    @Test func `a clock that was set back makes nothing due`() throws {
        #expect(try plan().due(after: time(600), at: time(60)) == SchedulePlan.Due())
    }

    @Test func `a range holds its first instant and not its end`() throws {
        #expect(
            try plan().times(from: time(60), before: time(180), count: 9) == [time(60), time(120)])
    }

    @Test(arguments: [
        (OverlapPolicy.skip, false, 0, OverlapDecision.fire),
        (.skip, true, 0, .skip("OVERLAP")),
        (.unspecified, true, 0, .skip("OVERLAP")),
        (.bufferOne, false, 0, .fire),
        (.bufferOne, true, 0, .buffer),
        (.bufferOne, true, 1, .skip("BUFFER_FULL")),
        // What waits goes first, also where nothing runs any more.
        (.bufferAll, false, 1, .buffer),
        (.bufferAll, true, 2, .buffer),
        (.bufferAll, true, 3, .skip("BUFFER_FULL")),
        (.cancelOther, false, 0, .fire),
        (.cancelOther, true, 0, .cancelAndFire),
        (.allowAll, true, 9, .fire),
    ])
    func `an overlap policy decides`(
        _ policy: OverlapPolicy, _ isActive: Bool, _ buffered: Int, _ expected: OverlapDecision
    ) {
        #expect(
            OverlapDecision(policy, isActive: isActive, buffered: buffered, bufferMax: 3)
                == expected)
    }
}

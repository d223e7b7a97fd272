import Testing

@testable import Model

/// Limits by their names, as operators see and set them.
struct NamedLimitsTests {
    @Test func `every limit has one name, shows its default, and can be set within its range`() {
        let values = Limits.named.values(of: Limits())
        #expect(values["queued_max"] == 100_000)
        #expect(values["progress_interval_milliseconds"] == 100)
        #expect(values["event_retention_seconds"] == 604_800)
        for (name, value) in values {
            let range = Limits.named.range(of: name)
            #expect(range?.contains(value) == true, "\(name)")
            var limits = Limits()
            for bound in [1, range?.upperBound ?? 0] {
                Limits.named.set(name, to: bound, in: &limits)
                var expected = values
                expected[name] = bound
                // And no other with it.
                #expect(Limits.named.values(of: limits) == expected, "\(name)")
            }
        }
    }

    @Test func `what is no limit, and what is out of a limit's range, changes nothing`() {
        var limits = Limits()
        #expect(Limits.named.range(of: "nothing_max") == nil)
        #expect(Limits.named.range(of: "body_depth_max") == 1...16)
        Limits.named.set("nothing_max", to: 1, in: &limits)
        Limits.named.set("queued_max", to: 0, in: &limits)
        Limits.named.set("body_depth_max", to: 17, in: &limits)
        #expect(Limits.named.values(of: limits) == Limits.named.values(of: Limits()))
    }
}

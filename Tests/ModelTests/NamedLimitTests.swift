import Model
import Testing

struct NamedLimitTests {
    @Test func `each name is there once, and each default may be set`() {
        #expect(Set(Limits.named.map(\.name)).count == Limits.named.count)
        for limit in Limits.named {
            let usual = limit.value(in: Limits())
            #expect(usual > 0, "\(limit.name)")
            #expect(limit.range?.contains(usual) ?? true, "\(limit.name)")
        }
    }

    @Test func `a limit that was set is what was set, and nothing else is`() {
        for limit in Limits.named where limit.range != nil {
            var limits = Limits()
            limit.set(1, in: &limits)
            let changed = limits.byName.filter { Limits().byName[$0.key] != $0.value }
            let own: [String: Int64] = limit.value(in: Limits()) == 1 ? [:] : [limit.name: 1]
            #expect(changed == own)
        }
    }
}

internal import Expressions
internal import JSON
internal import Messages

/// How many executions of a workflow with the same key are under way at once, as its definition says:
/// `"concurrency": {"key": "${ .input.customer }", "max": 2, "policy": "queue"}`.
package struct ConcurrencySetting: Sendable {
    /// As a definition says them.
    private static let policies: [(word: String, policy: ConcurrencyPolicy)] = [
        ("queue", .queue), ("cancel-newest", .cancelNewest), ("cancel-oldest", .cancelOldest),
    ]

    /// Keys are not longer, in bytes.
    static let keyBytesMax = 256
    private static let limitMax = 10_000

    /// Yields the key from `.input`.
    let key: CompiledData
    let limit: Int32
    /// What happens where as many are under way and one more comes.
    let policy: ConcurrencyPolicy

    /// - Returns: nil where the definition has no setting, or one with faults.
    init?(_ root: JSONObject, _ faults: inout FaultList) {
        let pointer = JSONPointer(tokens: ["concurrency"])
        guard let value = root["concurrency"], !value.isNull else { return nil }
        guard let object = value.objectValue else {
            faults.add(.badType, pointer, "expected an object, got \(value.typeName)")
            return nil
        }
        let count = faults.faults.count
        for name in object.keys where !["key", "max", "policy"].contains(name) {
            faults.add(.unknownField, pointer.appending(name), "expected key, max or policy")
        }
        var limit: Int32 = 1
        if let max = object["max"], !max.isNull {
            if let number = max.numberValue.flatMap({ Int($0.text) }),
                (1...Self.limitMax).contains(number)
            {
                limit = Int32(number)
            } else {
                faults.add(
                    .badValue, pointer.appending("max"), "expected 1 to \(Self.limitMax)")
            }
        }
        var policy = ConcurrencyPolicy.queue
        if let text = object["policy"], !text.isNull {
            if let known = Self.policies.first(where: { $0.word == text.stringValue }) {
                policy = known.policy
            } else {
                let words = Self.policies.map(\.word).joined(separator: ", ")
                faults.add(.badValue, pointer.appending("policy"), "expected one of \(words)")
            }
        }
        let text = object["key"] ?? .string("")
        if text.stringValue == nil {
            faults.add(
                .badType, pointer.appending("key"), "expected a string, got \(text.typeName)")
        }
        guard let key = Self.compiled(text, at: pointer.appending("key"), &faults),
            faults.faults.count == count
        else { return nil }
        self.key = key
        self.limit = limit
        self.policy = policy
    }

    private static func compiled(
        _ text: JSONValue, at pointer: JSONPointer, _ faults: inout FaultList
    ) -> CompiledData? {
        do throws(CompiledData.CompileError) {
            let key = try CompiledData(compiling: text)
            let others = ["nodes", "last", "item", "index", "execution"]
            if !key.secretNames.isEmpty || others.contains(where: { key.references.contains($0) }) {
                faults.add(.badExpression, pointer, "a key can be made of .input only")
                return nil
            }
            return key
        } catch {
            for fault in error.faults {
                faults.add(.badExpression, pointer, fault.error.description)
            }
            return nil
        }
    }
}

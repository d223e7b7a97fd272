internal import ArgumentParser
internal import ProtobufRuntime

/// One of an enum's values on the command line, by its word: `buffer-one` for
/// `OVERLAP_POLICY_BUFFER_ONE`. Help, completion and the error for any other word list them all.
struct Choice<Value: ProtobufEnum>: ExpressibleByArgument, Sendable {
    let value: Value

    init(_ value: Value) {
        self.value = value
    }

    /// nil where no value has that word; capitals and `_` for `-` make no difference.
    init?(argument: String) {
        let word = argument.lowercased().replacing("_", with: "-")
        guard let value = Self.values.first(where: { Self.word($0) == word }) else { return nil }
        self.value = value
    }

    var defaultValueDescription: String { Self.word(value) }

    static var allValueStrings: [String] { values.map(word) }

    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }

    /// A value as it is written on the command line.
    static func word(_ value: Value) -> String {
        value.shortName.lowercased().replacing("_", with: "-")
    }

    private static var values: [Value] { Value.allCases.filter { $0.rawValue != 0 } }
}

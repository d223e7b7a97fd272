/// One of our enums in a dialect's words: what it shows, and what it understands.
package struct WordTable<Value: Hashable & Sendable>: Sendable {
    private let rows: [(value: Value, word: String)]
    private let other: String

    /// - Parameters:
    ///   - rows: the first row of a value is what is shown for it; all rows of a word are what a
    ///     filter by it selects.
    ///   - other: shown for values without a row.
    package init(_ rows: [(Value, String)], other: String) {
        self.rows = rows.map { (value: $0.0, word: $0.1) }
        self.other = other
    }

    package subscript(value: Value) -> String {
        rows.first { $0.value == value }?.word ?? other
    }

    /// The values that `word` stands for; empty for a word that is none of the dialect's.
    package func values(of word: String) -> [Value] {
        rows.filter { $0.word == word }.map(\.value)
    }

    /// All words, in order, each once.
    package var words: [String] {
        var words: [String] = []
        for row in rows where !words.contains(row.word) { words.append(row.word) }
        return words
    }

    /// The values of a filter's word.
    /// - Throws: `Fault` 400 that lists the words.
    package func filter(_ field: String, _ word: String) throws(Fault) -> [Value] {
        let values = values(of: word)
        guard values.isEmpty else { return values }
        throw .invalid(
            field,
            "expected one of \(words.joined(separator: ", ")), got '\(word.prefix(64))'")
    }
}

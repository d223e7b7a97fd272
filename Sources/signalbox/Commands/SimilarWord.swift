/// Which word somebody may have meant.
enum SimilarWord {
    /// The word of `words` that takes the fewest changes to become; nil where none is near.
    static func closest(to word: String, among words: [String]) -> String? {
        // A longer one is no slip of the finger.
        guard word.count <= 32 else { return nil }
        let near = words.map { (word: $0, changes: changes(word, $0)) }
            .filter { $0.changes <= max(1, $0.word.count / 3) }
        return near.min { $0.changes < $1.changes }?.word
    }

    /// How many characters have to be put in, left out, replaced or changed with their neighbour to make
    /// the one of the other (the optimal string alignment distance).
    static func changes(_ one: String, _ other: String) -> Int {
        let (one, other) = (Array(one), Array(other))
        var before: [Int] = []
        var row = Array(0...other.count)
        for index in one.indices {
            var next = [index + 1]
            for column in other.indices {
                let isSame = one[index] == other[column]
                var fewest = min(
                    row[column + 1] + 1, next[column] + 1, row[column] + (isSame ? 0 : 1))
                if index > 0, column > 0, one[index] == other[column - 1],
                    one[index - 1] == other[column]
                {
                    fewest = min(fewest, before[column - 1] + 1)
                }
                next.append(fewest)
            }
            (before, row) = (row, next)
        }
        return row[other.count]
    }
}

internal import JSON
internal import NIOCore

/// One row of a list that is written while it is made.
enum AnswerRow: Sendable {
    case whole(JSONText)
    /// Too large to be in memory.
    case streamed(@Sendable (AnswerWriter) async throws -> Void)
}

extension Answer {
    /// What is made before the first bytes of a list go out.
    private static let wholeRowsBytesMax = 1 << 20

    /// A list of rows that may be large: a JSON text of what `make` makes of each element, with commas
    /// between them. A list of up to about 1 MiB is made whole, with an entity tag like other answers;
    /// a longer one row by row while the client reads, so that however much it holds, there is one row
    /// in memory.
    /// - Parameters:
    ///   - head: the text before the first row.
    ///   - tail: the text after the last row.
    static func rows<Element: Sendable>(
        of elements: [Element], between head: String, _ tail: String,
        _ make: @escaping @Sendable (Element) async throws -> AnswerRow
    ) async throws -> Answer {
        var text = head
        for (index, element) in elements.enumerated() {
            if index > 0 { text += "," }
            let row = try await make(element)
            if case .whole(let whole) = row {
                text += whole.text
                guard text.utf8.count > wholeRowsBytesMax, index + 1 < elements.count else {
                    continue
                }
            }
            let beginning = text
            let rest = elements[(index + 1)...]
            return .stream(contentType: "application/json") { writer in
                try await writer.write(beginning)
                if case .streamed(let write) = row { try await write(writer) }
                for element in rest {
                    try await writer.write(",")
                    switch try await offEventLoop({ try await make(element) }) {
                    case .whole(let row): try await writer.write(row.text)
                    case .streamed(let write): try await write(writer)
                    }
                }
                try await writer.write(tail)
            }
        }
        return .json(JSONText(trusted: text + tail))
    }
}

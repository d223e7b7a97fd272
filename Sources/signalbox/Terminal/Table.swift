/// Rows for people: columns as wide as their widest cell.
struct Table {
    private let header: [String]
    private var rows: [[String]] = []

    init(_ header: [String]) {
        self.header = header
    }

    /// Adds a row with a cell per column.
    mutating func add(_ cells: [String]) {
        rows.append(cells.map { SafeText.line($0, max: 120) })
    }

    /// The whole table; the last column is not padded.
    func text(colourful: Bool) -> String {
        let widths = header.indices.map { column in
            ([header] + rows).map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        func line(_ cells: [String]) -> String {
            cells.enumerated().map { column, cell in
                column == cells.count - 1
                    ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }.joined(separator: "  ")
        }
        let head = line(header)
        return ([colourful ? Style.bold(head) : head] + rows.map(line)).joined(separator: "\n")
    }
}

/// Text from a server or a workflow, fit to be shown on a terminal.
enum SafeText {
    /// One line without control characters: nothing in it can move the cursor or set a colour.
    static func line(_ text: String, max: Int = 2_000) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(max) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: result.append(" ")
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}

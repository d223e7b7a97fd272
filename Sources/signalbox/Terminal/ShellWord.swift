/// A word of a command line, as a shell reads it.
enum ShellWord {
    /// `text` so that it can be copied to a shell: as it is, or between quotes.
    static func quoted(_ text: String) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    || "_-./:@%+=,".unicodeScalars.contains(scalar))
        }
        guard text.isEmpty || !isPlain else { return text }
        return "'" + SafeText.line(text).replacing("'", with: #"'\''"#) + "'"
    }
}

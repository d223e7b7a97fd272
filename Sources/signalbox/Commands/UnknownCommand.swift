/// A word that stands where a command has to, and is none.
struct UnknownCommand {
    let word: String
    let parent: CommandTree
    /// What it could have been.
    let names: [String]

    /// What to say of it.
    var message: String {
        let line = SafeText.line((parent.path + [word]).joined(separator: " "), max: 200)
        let near = SimilarWord.closest(to: word, among: names)
        return "there is no command '\(line)'." + (near.map { " Did you mean '\($0)'?" } ?? "")
    }
}

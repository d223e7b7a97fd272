/// Names of media types.
enum MediaType {
    /// The type without its parameters, in lower case.
    static func essence(_ value: String) -> String {
        let type = value.prefix { $0 != ";" }
        return type.trimming { $0 == " " || $0 == "\t" }.lowercased()
    }
}

package import JSON

/// What a redactor masks.
package struct RedactionRules: Sendable {
    /// One of the rules that come with the program.
    package enum BuiltIn: String, Sendable, CaseIterable {
        /// Members whose name says that their value is secret, and `name=value` in text.
        case keys
        case email
        /// Payment cards: by length, first digits and the Luhn check.
        case card
        /// US social security numbers.
        case ssn
        case phone
        /// Keys with a known beginning, such as `ghp_` or `AKIA`, and PEM private keys.
        case apiKey = "api_key"
        case jwt
        /// `Bearer …`, `Basic …`, and passwords in URLs.
        case bearer
    }

    /// A rule of a workspace.
    package struct Custom: Sendable {
        /// Normalised: see `SensitiveKeys.normalised`.
        package let keys: Set<String>
        package let pattern: TextPattern?
        package let replacement: String

        package init(keys: [String], pattern: TextPattern?, replacement: String) {
            self.keys = Set(keys.map(SensitiveKeys.normalised))
            self.pattern = pattern
            self.replacement = replacement.isEmpty ? RedactionRules.replacement : replacement
        }
    }

    /// What stands in the place of what is masked.
    package static let replacement = "[masked]"

    package var builtIn: Set<BuiltIn>
    package var custom: [Custom]

    package init(builtIn: Set<BuiltIn> = Set(BuiltIn.allCases), custom: [Custom] = []) {
        self.builtIn = builtIn
        self.custom = custom
    }
}

internal import JSON

/// Masks what is personal or secret in JSON documents and in text.
///
/// A document stays a document: strings are masked in part, the values of secret names and numbers
/// that are payment cards whole, and everything else keeps its bytes. Time is linear in the text. A
/// document that cannot be read is masked whole. Immutable; safe to use from any task.
package final class Redactor: Sendable {
    private let rules: RedactionRules
    private let mask: TextMask
    private let customKeys: [String: String]

    package init(_ rules: RedactionRules = RedactionRules()) {
        self.rules = rules
        mask = TextMask(rules)
        var keys: [String: String] = [:]
        for custom in rules.custom {
            for key in custom.keys where keys[key] == nil { keys[key] = custom.replacement }
        }
        customKeys = keys
    }

    /// A text of any kind with what is found in it masked.
    package func redact(text: String) -> String {
        guard !text.isEmpty, let masked = mask.masked(Array(text.utf8)) else { return text }
        return String(decoding: masked, as: UTF8.self)
    }

    /// A JSON document, masked; empty text, which stands for no document, stays empty.
    package func redact(json: String) -> String {
        guard !json.isEmpty else { return json }
        var rewriter = JSONRewriter(
            Array(json.utf8), masksCards: rules.builtIn.contains(.card),
            value: { self.replacement(forKey: $0) }, text: { self.mask.masked($0) })
        guard let bytes = rewriter.run() else { return Self.quotedReplacement }
        return bytes.map { String(decoding: $0, as: UTF8.self) } ?? json
    }

    private static let quotedReplacement = "\"\(RedactionRules.replacement)\""

    /// What stands in the place of the value of a member of that name; nil: nothing, it is looked
    /// into.
    private func replacement(forKey name: [UInt8]) -> String? {
        guard name.count <= SensitiveKeys.bytesMax else { return nil }
        let key = String(decoding: SensitiveKeys.normalised(bytes: name), as: UTF8.self)
        if let custom = customKeys[key] { return custom }
        guard rules.builtIn.contains(.keys), SensitiveKeys.isBuiltIn(key) else { return nil }
        return RedactionRules.replacement
    }
}

extension Redactor: Equatable {
    /// Whether both are the same one.
    package static func == (left: Redactor, right: Redactor) -> Bool { left === right }
}

/// A jq program that has been read: its tokens are sound and name nothing that is refused.
package struct Expression: Sendable {
    /// The program as it was written, without the `${` and `}` around it.
    package let source: String
    /// What it may read.
    package let references: ExpressionReferences
    /// The path it is, if it is no more than that; such an expression needs no helper.
    let path: PathExpression?

    /// The secret it stands for, if it is `.secrets.NAME`.
    package let secret: String?

    /// Whether it is a plain path, whose result keeps the text of numbers.
    package var isPath: Bool { path != nil }

    /// Reads `source`.
    ///
    /// - Throws: ``ExpressionError`` `.syntax` if brackets or strings do not match, or something refused
    ///   is named; `.tooLarge` if it is longer than `limits` allow. Whether jq compiles it is checked by
    ///   ``ExpressionEvaluator/faults(in:faultsMax:workspace:)``.
    package init(
        _ source: String, limits: ExpressionLimits = .standard
    ) throws(ExpressionError) {
        let length = source.utf8.count
        guard length <= limits.programBytesMax else {
            throw ExpressionError(
                .tooLarge,
                "expression of \(length) bytes exceeds the limit of \(limits.programBytesMax)")
        }
        let tokens = try ExpressionLexer.tokens(of: source)
        guard !tokens.isEmpty else {
            throw ExpressionError(.syntax, "expected an expression between '${' and '}'")
        }
        try ExpressionScreen.check(tokens)
        self.source = source
        references = ExpressionReferences(tokens)
        path = PathExpression(tokens)
        secret = path?.secret
        // jq never sees a secret: what it made of one could not be masked.
        if secret == nil, references.names?.contains("secrets") == true {
            throw ExpressionError(
                .syntax,
                "expected `${.secrets.NAME}` with nothing else between the braces, got '\(source)'")
        }
    }
}

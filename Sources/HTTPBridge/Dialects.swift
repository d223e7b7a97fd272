package import Operations

/// The dialects that a server speaks, one line each.
package enum Dialects {
    package static func all(_ operations: Operations) -> [any Dialect] {
        [
            AutomationDialect(operations),
            ExecutionsClientDialect(operations),
            TeamsDialect(operations),
            WebhooksDialect(operations),
            WorkspacesDialect(operations),
        ]
    }
}

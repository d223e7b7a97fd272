internal import HTTPTypes

/// All routes of all dialects: finds whose a path is.
struct RouteTable: Sendable {
    /// A route and the dialect it is of.
    struct Entry: Sendable {
        let route: Route
        let dialect: any Dialect
    }

    let entries: [Entry]
    let dialects: [any Dialect]
    private let fallback: any Dialect
    private let prefixes: [(prefix: String, dialect: any Dialect)]

    /// A table of `dialects`; paths of none of them are `fallback`'s.
    init(_ dialects: [any Dialect], fallback: any Dialect) {
        self.dialects = [fallback] + dialects
        self.fallback = fallback
        entries = self.dialects.flatMap { dialect in
            dialect.routes.map { Entry(route: $0, dialect: dialect) }
        }
        prefixes = dialects.flatMap { dialect in dialect.prefixes.map { ($0, dialect) } }
            .sorted { $0.0.utf8.count > $1.0.utf8.count }
    }

    /// The entries of the template that fits `path` best; none: the path is unknown.
    func entries(at path: some StringProtocol) -> [Entry] {
        let parts = path.split(separator: "/")
        var best: [Entry] = []
        for entry in entries where entry.route.path.fits(parts) {
            if let first = best.first {
                if first.route.path.isMoreSpecific(than: entry.route.path) { continue }
                if entry.route.path.isMoreSpecific(than: first.route.path) { best = [] }
            }
            best.append(entry)
        }
        return best
    }

    /// Whose errors a path that is no route's gets.
    func dialect(of path: some StringProtocol) -> any Dialect {
        for (prefix, dialect) in prefixes
        where path == prefix || path.hasPrefix(prefix.hasSuffix("/") ? prefix : prefix + "/") {
            return dialect
        }
        return fallback
    }
}

extension [RouteTable.Entry] {
    /// The methods that may be used, as `Allow` lists them.
    var allowed: [HTTPRequest.Method] {
        var methods: [HTTPRequest.Method] = []
        for entry in self where !methods.contains(entry.route.method) {
            methods.append(entry.route.method)
            if entry.route.method == .get { methods.append(.head) }
        }
        return methods + [.options]
    }
}

/// The `Link` field (RFC 8288) of a list that goes on.
package enum PageLink {
    /// The same request with the query items `changes` in place of what came under their names.
    package static func next(
        _ request: BridgeRequest, _ changes: [(name: String, value: String)]
    ) -> String {
        var items = request.query.pairs.filter { pair in
            !changes.contains { $0.name == pair.name }
        }
        items += changes
        let query = items.map {
            "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))"
        }
        return "<\(request.target)?\(query.joined(separator: "&"))>; rel=\"next\""
    }
}

/// A route's path with its captures: `/pods/{podId}/executions/{id}`.
package struct PathTemplate: Sendable, Hashable, CustomStringConvertible {
    /// One part between slashes.
    enum Segment: Hashable, Sendable {
        case literal(String)
        case capture(String)
    }

    package let description: String
    let segments: [Segment]

    /// A template as OpenAPI writes it.
    package init(_ text: String) {
        description = text
        segments = text.split(separator: "/").map { part in
            part.first == "{" && part.last == "}"
                ? .capture(String(part.dropFirst().dropLast())) : .literal(String(part))
        }
    }

    /// The names of the captures, in order.
    var captures: [String] {
        segments.compactMap { if case .capture(let name) = $0 { name } else { nil } }
    }

    /// What the captures hold of `path`, as it was sent; nil if it is not of this template.
    func match(_ path: some StringProtocol) -> [String: Substring]? {
        let parts = path.split(separator: "/")
        guard parts.count == segments.count else { return nil }
        var values: [String: Substring] = [:]
        for (segment, part) in zip(segments, parts) {
            switch segment {
            case .literal(let literal):
                guard literal == part else { return nil }
            case .capture(let name):
                values[name] = Substring(part)
            }
        }
        return values
    }

    /// Whether a path of these parts is of this template.
    func fits(_ parts: [some StringProtocol]) -> Bool {
        guard parts.count == segments.count else { return false }
        return zip(segments, parts).allSatisfy { segment, part in
            switch segment {
            case .literal(let literal): literal == part
            case .capture: true
            }
        }
    }

    /// Whether this template says more of a path than `other`: earlier literals win.
    func isMoreSpecific(than other: PathTemplate) -> Bool {
        for (mine, theirs) in zip(segments, other.segments) {
            switch (mine, theirs) {
            case (.literal, .capture): return true
            case (.capture, .literal): return false
            default: continue
            }
        }
        return false
    }
}

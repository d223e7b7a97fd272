package import JSON

/// One documented API of the bridge: its paths, shapes and words, and nothing else.
package protocol Dialect: Sendable {
    /// The tag of its calls in OpenAPI.
    var name: String { get }
    /// Unknown paths below these get this dialect's errors; the longest that fits counts.
    var prefixes: [String] { get }
    var routes: [Route] { get }
    var errors: any DialectErrors { get }
    /// Whether every answer tells where the caller stands with its calls a minute, also those to
    /// callers that are not known; others tell it to those who are.
    var tellsRateAlways: Bool { get }
    /// Schemas that routes refer to with `.ref(name)`; names are unique in the whole bridge.
    var schemas: [(String, JSONValue)] { get }
}

extension Dialect {
    package var tellsRateAlways: Bool { false }
}

/// How a dialect says that something went wrong.
package protocol DialectErrors: Sendable {
    /// The answer of `fault` in the dialect's shape, with its `code`. `Allow`, `Retry-After` and
    /// `WWW-Authenticate` are added to it.
    func answer(_ fault: Fault, to request: FaultedRequest) -> Answer

    /// The JSON Schema of such an answer's body.
    var schema: JSONValue { get }
}

package import HTTPTypes
package import JSON

/// One call of the bridge as a value: what it is, what it takes, what it answers, and who serves it.
/// The table of these is the router's, the 405s', and OpenAPI's only source.
package struct Route: Sendable {
    /// Who may call.
    package enum Access: Sendable, Equatable {
        /// An identity is needed; what it may do is up to the operation.
        case identified
        /// The same, and a stream ticket in the query item `ticket` is one: for what cannot send header
        /// fields.
        case ticket
        /// Nobody is asked who they are: what came as a token may be for somebody else, a check of the
        /// handler's own for example, and is not looked at.
        case open
    }

    /// Where the handler runs.
    package enum Place: Sendable, Equatable {
        /// On the connection's event loop: for what takes less than about 100 µs.
        case eventLoop
        /// On the threads that all tasks share: lists, exports, whole documents.
        case anyThread
    }

    /// Serves the call.
    package typealias Serve = @Sendable (BridgeRequest) async throws -> Answer

    package let method: HTTPRequest.Method
    package let path: PathTemplate
    /// Unique in the whole table, lower camel case: OpenAPI's `operationId`.
    package let id: String
    /// One sentence.
    package let summary: String
    package let parameters: [RouteParameter]
    /// nil: it takes none.
    package let body: RouteBody?
    /// What it answers when all goes well; faults are added for every route.
    package let answers: [RouteAnswer]
    /// Statuses of faults that other routes of its kind do not have, and what they mean.
    package let faults: [(status: Int, summary: String)]
    package let access: Access
    package let place: Place
    package let serve: Serve

    package init(
        _ method: HTTPRequest.Method, _ path: String, id: String, summary: String,
        parameters: [RouteParameter] = [], body: RouteBody? = nil, answers: [RouteAnswer],
        faults: [(status: Int, summary: String)] = [], access: Access = .identified,
        place: Place = .eventLoop, serve: @escaping Serve
    ) {
        self.method = method
        self.path = PathTemplate(path)
        self.id = id
        self.summary = summary
        self.parameters = parameters
        self.body = body
        self.answers = answers
        self.faults = faults
        self.access = access
        self.place = place
        self.serve = serve
    }
}

/// A parameter of a route, as OpenAPI describes it.
package struct RouteParameter: Sendable {
    /// Where it stands.
    package enum Place: String, Sendable {
        case path
        case query
        case header
    }

    package let place: Place
    package let name: String
    package let isRequired: Bool
    package let schema: JSONValue
    package let summary: String

    /// A capture of the path.
    package static func path(
        _ name: String, _ summary: String = "",
        schema: JSONValue = ["type": "string", "minLength": 1]
    ) -> RouteParameter {
        RouteParameter(
            place: .path, name: name, isRequired: true, schema: schema, summary: summary)
    }

    /// An item of the query.
    package static func query(
        _ name: String, _ summary: String = "", schema: JSONValue = ["type": "string"],
        isRequired: Bool = false
    ) -> RouteParameter {
        RouteParameter(
            place: .query, name: name, isRequired: isRequired, schema: schema, summary: summary)
    }

    /// A header field.
    package static func header(
        _ name: String, _ summary: String = "", schema: JSONValue = ["type": "string"],
        isRequired: Bool = false
    ) -> RouteParameter {
        RouteParameter(
            place: .header, name: name, isRequired: isRequired, schema: schema, summary: summary)
    }
}

/// What a route's request body may be.
package struct RouteBody: Sendable {
    /// Media types and the schema of each.
    package let contents: [(type: String, schema: JSONValue)]
    package let isRequired: Bool

    package init(_ contents: [(type: String, schema: JSONValue)], isRequired: Bool = true) {
        self.contents = contents
        self.isRequired = isRequired
    }

    /// A JSON body.
    package static func json(_ schema: JSONValue, isRequired: Bool = true) -> RouteBody {
        RouteBody([("application/json", schema)], isRequired: isRequired)
    }
}

/// One of a route's good answers.
package struct RouteAnswer: Sendable {
    package let status: Int
    package let summary: String
    /// Media type and schema; nil: no body.
    package let content: (type: String, schema: JSONValue)?

    package init(
        _ status: Int, _ summary: String, content: (type: String, schema: JSONValue)? = nil
    ) {
        self.status = status
        self.summary = summary
        self.content = content
    }

    /// JSON of this schema.
    package static func json(_ status: Int, _ schema: JSONValue, _ summary: String = "OK")
        -> RouteAnswer
    {
        RouteAnswer(status, summary, content: ("application/json", schema))
    }

    /// Anything else.
    package static func content(_ status: Int, _ type: String, _ summary: String = "OK")
        -> RouteAnswer
    {
        RouteAnswer(status, summary, content: (type, ["type": "string"]))
    }

    /// No body.
    package static func empty(_ status: Int, _ summary: String = "Done") -> RouteAnswer {
        RouteAnswer(status, summary)
    }
}

extension JSONValue {
    /// A reference to one of the dialect's schemas.
    package static func ref(_ name: String) -> JSONValue {
        ["$ref": .string("#/components/schemas/\(name)")]
    }
}

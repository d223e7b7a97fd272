internal import HTTPTypes
internal import JSON

/// The OpenAPI 3.1 description of the bridge, made of nothing but the route tables.
struct OpenAPIDocument: Sendable {
    /// What of a dialect goes into it.
    struct Part: Sendable {
        let name: String
        let routes: [Route]
        let errors: any DialectErrors
        let schemas: [(String, JSONValue)]
    }

    private let parts: [Part]
    private let version: String

    init(dialects: [any Dialect], version: String) {
        parts = dialects.map {
            Part(name: $0.name, routes: $0.routes, errors: $0.errors, schemas: $0.schemas)
        }
        self.version = version
    }

    /// The document with one more part.
    func adding(_ part: Part) -> JSONText {
        JSONText(document(parts + [part]))
    }

    private func document(_ parts: [Part]) -> JSONValue {
        var paths = JSONObject()
        var schemas = JSONObject()
        for part in parts {
            for (name, schema) in part.schemas { schemas[name] = schema }
            schemas[Self.errorName(part)] = part.errors.schema
            for route in part.routes {
                let key = route.path.description
                var item = paths[key]?.objectValue ?? JSONObject()
                item[route.method.rawValue.lowercased()] = Self.operation(route, part)
                paths[key] = .object(item)
            }
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Signalbox", "version": .string(version),
                "description":
                    "Runs workflows and keeps the truth about every run. Four dialects over one engine.",
            ],
            "servers": [["url": "/"]],
            "tags": .array(parts.map { ["name": .string($0.name)] }),
            "paths": .object(paths),
            "components": [
                "schemas": .object(schemas),
                "securitySchemes": [
                    "bearer": ["type": "http", "scheme": "bearer"],
                    "apiKey": ["type": "apiKey", "in": "header", "name": "x-api-key"],
                    "clientAPIKey": ["type": "apiKey", "in": "header", "name": "X-N8N-API-KEY"],
                ],
            ],
        ]
    }

    /// `teams` has `TeamsError`.
    private static func errorName(_ part: Part) -> String {
        let words = part.name.split { !$0.isLetter && !$0.isNumber }
        return words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined() + "Error"
    }

    private static func operation(_ route: Route, _ part: Part) -> JSONValue {
        var operation: JSONObject = [
            "operationId": .string(route.id), "summary": .string(route.summary),
            "tags": [.string(part.name)],
        ]
        if route.access != .open {
            operation["security"] = [["bearer": []], ["apiKey": []], ["clientAPIKey": []]]
        } else {
            operation["security"] = [[:]]
        }
        if !route.parameters.isEmpty {
            operation["parameters"] = .array(route.parameters.map(Self.parameter))
        }
        if let body = route.body {
            operation["requestBody"] = [
                "required": .bool(body.isRequired), "content": content(body.contents),
            ]
        }
        operation["responses"] = .object(responses(route, part))
        return .object(operation)
    }

    private static func parameter(_ parameter: RouteParameter) -> JSONValue {
        var value: JSONObject = [
            "name": .string(parameter.name), "in": .string(parameter.place.rawValue),
            "required": .bool(parameter.isRequired), "schema": parameter.schema,
        ]
        if !parameter.summary.isEmpty { value["description"] = .string(parameter.summary) }
        return .object(value)
    }

    private static func content(_ contents: [(type: String, schema: JSONValue)]) -> JSONValue {
        .object(JSONObject(contents.map { ($0.type, ["schema": $0.schema]) }))
    }

    private static func responses(_ route: Route, _ part: Part) -> JSONObject {
        var responses = JSONObject()
        for answer in route.answers {
            let key = "\(answer.status)"
            var value = responses[key]?.objectValue ?? ["description": .string(answer.summary)]
            if let (type, schema) = answer.content {
                var contents = value["content"]?.objectValue ?? JSONObject()
                contents[type] = ["schema": schema]
                value["content"] = .object(contents)
            }
            responses[key] = .object(value)
        }
        let isTagged = route.method == .get && route.answers.contains { $0.status == 200 }
        if isTagged { responses["304"] = ["description": "It has not changed."] }
        let faults = route.faults.map { ("\($0.status)", $0.summary) } + faults(route)
        for (status, text) in faults where responses[status] == nil {
            responses[status] = [
                "description": .string(text),
                "content": content([("application/json", .ref(errorName(part)))]),
            ]
        }
        return responses
    }

    /// What every route of its kind can be answered with.
    private static func faults(_ route: Route) -> [(String, String)] {
        var faults = [("400", "The request is malformed or its fields are.")]
        if route.access != .open {
            faults += [
                ("401", "No valid token came."), ("403", "The caller's role does not suffice."),
            ]
        }
        if !route.path.captures.isEmpty || route.access != .open {
            faults.append(("404", "There is no such thing, or it is not the caller's."))
            faults.append(("409", "It is not in a state for this."))
        }
        if route.body != nil {
            faults += [
                ("408", "The body came too slowly."), ("413", "The body is too large."),
                ("415", "The body is of another media type."),
            ]
        }
        return faults + [
            ("405", "The path takes other methods."),
            ("429", "Too many requests; see Retry-After."),
            ("500", "The server failed."), ("503", "The server cannot do it now."),
        ]
    }
}

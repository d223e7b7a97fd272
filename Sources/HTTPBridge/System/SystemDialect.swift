internal import HTTPTypes
internal import JSON
internal import NIOCore

/// What the bridge serves of its own: whether it is there, and what it can do.
struct SystemDialect: Dialect {
    private let document: ByteBuffer

    /// - Parameter document: describes the dialects; these calls are added to it.
    init(_ document: OpenAPIDocument) {
        self.document = ByteBuffer(string: document.adding(Self.tagged).text)
    }

    let name = "system"
    let prefixes: [String] = []
    let errors: any DialectErrors = PlainErrors()
    let schemas: [(String, JSONValue)] = []

    var routes: [Route] {
        Self.routes { [document] in document }
    }

    private static var tagged: OpenAPIDocument.Part {
        OpenAPIDocument.Part(
            name: "system", routes: routes { ByteBuffer() }, errors: PlainErrors(), schemas: [])
    }

    private static func routes(_ document: @escaping @Sendable () -> ByteBuffer) -> [Route] {
        [
            Route(
                .get, "/healthz", id: "systemHealth", summary: "Whether the server takes requests.",
                answers: [
                    .json(
                        200,
                        [
                            "type": "object", "required": ["status"],
                            "properties": ["status": ["const": "ok"]],
                        ])
                ],
                access: .open
            ) { _ in .json(["status": "ok"]) },
            Route(
                .get, "/openapi.json", id: "systemOpenAPI",
                summary: "This description, OpenAPI 3.1.",
                answers: [.json(200, ["type": "object"])], access: .open, place: .anyThread
            ) { _ in .bytes(document(), contentType: "application/json") },
            Route(
                .get, "/docs", id: "systemDocs", summary: "This description, for people.",
                answers: [.content(200, "text/html")], access: .open
            ) { _ in
                var answer = Answer.bytes(
                    ByteBuffer(string: DocsPage.html), contentType: "text/html; charset=utf-8")
                answer.headers[.contentSecurityPolicy] = DocsPage.contentSecurityPolicy
                return answer
            },
        ]
    }
}

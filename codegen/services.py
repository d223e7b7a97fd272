"""Handler protocols, registration, method descriptors and client stubs."""

import naming
from messages import prefix
from schema import Comments, Refusal


def write_service(text, schema, file, index):
    """Everything of one service."""
    service = file.service[index]
    comments = Comments(file)
    access = prefix("package" if schema.group.access_of(file.package) == "public"
                    else schema.group.access_of(file.package))
    name = schema.group.prefix.get(file.package, "") + service.name
    full_name = f"{file.package}.{service.name}"
    methods = [
        Method(schema, method, comments.at((6, index, 2, position)))
        for position, method in enumerate(service.method)
    ]
    write_descriptors(text, access, name, full_name, methods)
    text.add()
    comment = comments.at((6, index)) or f"Serves `{full_name}`."
    write_handler(text, access, name, full_name, comment, methods)
    text.add()
    write_registration(text, access, name, full_name, methods)
    text.add()
    write_client(text, access, name, full_name, methods)


class Method:
    """One rpc."""

    def __init__(self, schema, proto, comment):
        self.name = proto.name
        self.swift = naming.swift_escaped(naming.swift_method(proto.name))
        self.request = schema.swift_paths[proto.input_type]
        self.response = schema.swift_paths[proto.output_type]
        self.comment = comment or f"`{proto.name}`."
        self.kind = {
            (False, False): "unary",
            (False, True): "serverStreaming",
            (True, False): "clientStreaming",
            (True, True): "bidirectional",
        }[(proto.client_streaming, proto.server_streaming)]


def write_descriptors(text, access, name, full_name, methods):
    text.doc(f"The methods of `{full_name}`.")
    with text.block(f"{access}enum {name}Methods"):
        for method in methods:
            text.doc(method.comment)
            text.add(f"{access}static let {method.swift} = MethodDescriptor(")
            text.add(f'    service: "{full_name}", method: "{method.name}", kind: .{method.kind})')
        text.add()
        text.doc("All of them, in the order of the .proto file.")
        names = ", ".join(method.swift for method in methods)
        text.add(f"{access}static let all: [MethodDescriptor] = [{names}]")


def write_handler(text, access, name, full_name, comment, methods):
    text.doc(comment)
    if not comment.startswith("Serves"):
        text.doc(f"\nServes `{full_name}`. A thrown `RPCError` becomes the call's status.")
    with text.block(f"{access}protocol {name}Handler: Sendable"):
        for index, method in enumerate(methods):
            if index:
                text.add()
            text.doc(method.comment)
            text.add(handler_signature(method))


def handler_signature(method):
    reader = f"_ requests: MessageReader<{method.request}>"
    writer = f"responses: MessageWriter<{method.response}>"
    context = "context: CallContext"
    return {
        "unary": f"func {method.swift}(\n    _ request: {method.request}, {context}\n"
        f") async throws -> {method.response}",
        "serverStreaming": f"func {method.swift}(\n    _ request: {method.request},"
        f" {writer},\n    {context}\n) async throws",
        "clientStreaming": f"func {method.swift}(\n    {reader}, {context}\n"
        f") async throws -> {method.response}",
        "bidirectional": f"func {method.swift}(\n    {reader},"
        f" {writer},\n    {context}\n) async throws",
    }[method.kind]


def write_registration(text, access, name, full_name, methods):
    label = naming.swift_method(name)
    with text.block("extension Router"):
        text.doc(f"Adds every method of `{full_name}`.")
        with text.block(f"{access}mutating func register({label} handler: some {name}Handler)"):
            for method in methods:
                write_route(text, name, method)


def write_route(text, name, method):
    route = f"register({name}Methods.{method.swift}, .{method.kind} {{ "
    if method.kind == "unary":
        text.add(route + "request, context in")
        text.add(f"    ByteBuffer(encoding: try await handler.{method.swift}(")
        text.add(f"        try {method.request}(decoding: request), context: context))")
    elif method.kind == "serverStreaming":
        text.add(route + "request, responses, context in")
        text.add(f"    try await handler.{method.swift}(")
        text.add(f"        try {method.request}(decoding: request), responses: MessageWriter(responses),")
        text.add("        context: context)")
    elif method.kind == "clientStreaming":
        text.add(route + "requests, context in")
        text.add(f"    ByteBuffer(encoding: try await handler.{method.swift}(")
        text.add("        MessageReader(requests), context: context))")
    else:
        text.add(route + "requests, responses, context in")
        text.add(f"    try await handler.{method.swift}(")
        text.add("        MessageReader(requests), responses: MessageWriter(responses), context: context)")
    text.add("})")


def write_client(text, access, name, full_name, methods):
    text.doc(f"Calls `{full_name}`; unary and server-streaming methods.")
    with text.block(f"{access}struct {name}Client: Sendable"):
        text.add("private let channel: any RPCChannel")
        text.add()
        text.doc("Calls over `channel`.")
        with text.block(f"{access}init(channel: any RPCChannel)"):
            text.add("self.channel = channel")
        for method in methods:
            if method.kind not in ("unary", "serverStreaming"):
                continue
            streaming = method.kind == "serverStreaming"
            response = f"ResponseStream<{method.response}>" if streaming else method.response
            text.add()
            text.doc(method.comment)
            text.doc("- Throws: `RPCError`.")
            with text.block(
                f"{access}func {method.swift}(\n"
                f"    _ request: {method.request}, options: CallOptions = CallOptions()\n"
                f") async throws -> {response}"
            ):
                call = "serverStreaming" if streaming else "unary"
                text.add(f"let response = try await channel.{call}(")
                text.add(f"    {name}Methods.{method.swift}, ByteBuffer(encoding: request), options: options)")
                if streaming:
                    text.add("return ResponseStream(response)")
                else:
                    text.add(f"return try {method.response}(decodingAnswer: response)")

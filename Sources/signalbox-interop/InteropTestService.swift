internal import RPC

/// Serves `grpc.testing.TestService` as grpc/grpc doc/interop-test-descriptions.md asks of a server.
struct InteropTestService: TestServiceHandler {
    private static let initialEcho = "x-grpc-test-echo-initial"
    private static let trailingEcho = "x-grpc-test-echo-trailing-bin"

    func emptyCall(_ request: Empty, context: CallContext) async throws -> Empty {
        echoMetadata(context)
        return Empty()
    }

    func unaryCall(_ request: SimpleRequest, context: CallContext) async throws -> SimpleResponse {
        echoMetadata(context)
        try fail(as: request.responseStatus)
        try checkCompression(
            expectedCount: request.expectCompressed?.value == true ? 1 : 0, context)
        context.response.compressesMessages = request.responseCompressed?.value ?? false
        return SimpleResponse(payload: try payload(request.responseSize))
    }

    func cacheableUnaryCall(
        _ request: SimpleRequest, context: CallContext
    ) async throws -> SimpleResponse {
        context.response.initial.add("cache-control", "max-age=60, public")
        return try await unaryCall(request, context: context)
    }

    func streamingOutputCall(
        _ request: StreamingOutputCallRequest,
        responses: MessageWriter<StreamingOutputCallResponse>, context: CallContext
    ) async throws {
        echoMetadata(context)
        try await answer(request, responses, context)
    }

    func streamingInputCall(
        _ requests: MessageReader<StreamingInputCallRequest>, context: CallContext
    ) async throws -> StreamingInputCallResponse {
        echoMetadata(context)
        var size = 0
        var expectedCount = 0
        for try await request in requests {
            if request.expectCompressed?.value == true { expectedCount += 1 }
            try checkCompression(expectedCount: expectedCount, context)
            size += request.payload?.body.count ?? 0
        }
        return StreamingInputCallResponse(aggregatedPayloadSize: Int32(clamping: size))
    }

    func fullDuplexCall(
        _ requests: MessageReader<StreamingOutputCallRequest>,
        responses: MessageWriter<StreamingOutputCallResponse>, context: CallContext
    ) async throws {
        echoMetadata(context)
        for try await request in requests { try await answer(request, responses, context) }
    }

    func halfDuplexCall(
        _ requests: MessageReader<StreamingOutputCallRequest>,
        responses: MessageWriter<StreamingOutputCallResponse>, context: CallContext
    ) async throws {
        echoMetadata(context)
        var waiting: [StreamingOutputCallRequest] = []
        for try await request in requests {
            guard waiting.count < Self.waitingRequestsMax else {
                throw RPCError(
                    .resourceExhausted,
                    "more than \(Self.waitingRequestsMax) requests before the end of the request")
            }
            waiting.append(request)
        }
        for request in waiting { try await answer(request, responses, context) }
    }

    func unimplementedCall(_ request: Empty, context: CallContext) async throws -> Empty {
        throw RPCError(.unimplemented, "not implemented on purpose")
    }

    private static let waitingRequestsMax = 1000
    private static let payloadBytesMax = 4 << 20

    /// Sends what one streaming request asks for, each after its delay.
    private func answer(
        _ request: StreamingOutputCallRequest,
        _ responses: MessageWriter<StreamingOutputCallResponse>, _ context: CallContext
    ) async throws {
        try fail(as: request.responseStatus)
        // The head is sent once, so it must tell whether any answer will be compressed.
        let compresses = request.responseParameters.contains { $0.compressed?.value == true }
        if compresses { context.response.compressesMessages = true }
        for parameters in request.responseParameters {
            if parameters.intervalUs > 0 {
                try await Task.sleep(for: .microseconds(Int64(parameters.intervalUs)))
            }
            context.response.compressesMessages = parameters.compressed?.value ?? false
            try await responses.write(
                StreamingOutputCallResponse(payload: try payload(parameters.size)))
        }
    }

    private func payload(_ size: Int32) throws(RPCError) -> Payload {
        guard size >= 0, size <= Self.payloadBytesMax else {
            throw RPCError(
                .invalidArgument,
                "payload size is \(size), expected 0 to \(Self.payloadBytesMax)")
        }
        return Payload(body: [UInt8](repeating: 0, count: Int(size)))
    }

    private func fail(as status: EchoStatus?) throws(RPCError) {
        guard let status, status.code != 0 else { return }
        throw RPCError(StatusCode(rawValue: status.code) ?? .unknown, status.message)
    }

    private func echoMetadata(_ context: CallContext) {
        for entry in context.metadata.entries {
            switch (entry.name, entry.value) {
            case (Self.initialEcho, .text(let text)):
                context.response.initial.add(entry.name, text)
            case (Self.trailingEcho, .bytes(let bytes)):
                context.response.trailing.add(entry.name, bytes: bytes)
            default:
                break
            }
        }
    }

    private func checkCompression(
        expectedCount: Int, _ context: CallContext
    ) throws(RPCError) {
        guard context.response.compressedRequestCount < expectedCount else { return }
        throw RPCError(.invalidArgument, "expected a compressed message, one came as it is")
    }
}

extension Router {
    /// Adds the methods of `grpc.testing.TestService`, all but UnimplementedCall: clients check that
    /// it is not there.
    mutating func register(interop service: InteropTestService) {
        var all = Router()
        all.register(testService: service)
        for method in TestServiceMethods.all where method != TestServiceMethods.unimplementedCall {
            if let route = all.route(path: method.path) { register(method, route.handler) }
        }
    }
}

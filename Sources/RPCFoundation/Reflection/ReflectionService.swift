package import RPC

/// Serves `grpc.reflection.v1.ServerReflection` and its v1alpha twin from the descriptors of what
/// the server serves. Questions that have no answer get an error message; the call goes on.
package struct ReflectionService: ServerReflectionHandler, AlphaServerReflectionHandler {
    private let index: DescriptorIndex
    private let services: [String]

    /// Reflection about `services`, whose files `index` holds.
    package init(_ index: DescriptorIndex, services: [String]) {
        self.index = index
        self.services = services.sorted()
    }

    /// Answers each question in turn.
    package func serverReflectionInfo(
        _ requests: MessageReader<ServerReflectionRequest>,
        responses: MessageWriter<ServerReflectionResponse>, context: CallContext
    ) async throws {
        for try await request in requests { try await responses.write(answer(request)) }
    }

    /// The same under the older name.
    package func serverReflectionInfo(
        _ requests: MessageReader<AlphaServerReflectionRequest>,
        responses: MessageWriter<AlphaServerReflectionResponse>, context: CallContext
    ) async throws {
        for try await request in requests {
            var response = AlphaServerReflectionResponse(answer(ServerReflectionRequest(request)))
            response.originalRequest = request
            try await responses.write(response)
        }
    }

    /// The answer to one question.
    package func answer(_ request: ServerReflectionRequest) -> ServerReflectionResponse {
        ServerReflectionResponse(
            validHost: request.host, originalRequest: request, messageResponse: result(of: request))
    }

    private func result(
        of request: ServerReflectionRequest
    ) -> ServerReflectionResponse.MessageResponse {
        switch request.messageRequest {
        case .fileByFilename(let name):
            files(index.files(named: name), or: "file \(name) is not known")
        case .fileContainingSymbol(let symbol):
            files(index.files(declaring: symbol), or: "symbol \(symbol) is not known")
        case .fileContainingExtension(let wanted):
            files(
                index.files(extending: wanted.containingType, number: wanted.extensionNumber),
                or: "extension \(wanted.extensionNumber) of \(wanted.containingType) is not known")
        case .allExtensionNumbersOfType(let type):
            if let numbers = index.extensionNumbers(of: type) {
                .allExtensionNumbersResponse(
                    ExtensionNumberResponse(baseTypeName: type, extensionNumber: numbers))
            } else {
                failure(.notFound, "message type \(type) is not known")
            }
        case .listServices:
            .listServicesResponse(
                ListServiceResponse(service: services.map { ServiceResponse(name: $0) }))
        case nil:
            failure(.invalidArgument, "expected a question, none came")
        }
    }

    private func files(
        _ files: [[UInt8]]?, or message: String
    ) -> ServerReflectionResponse.MessageResponse {
        guard let files else { return failure(.notFound, message) }
        return .fileDescriptorResponse(FileDescriptorResponse(fileDescriptorProto: files))
    }

    private func failure(
        _ code: StatusCode, _ message: String
    ) -> ServerReflectionResponse.MessageResponse {
        .errorResponse(ErrorResponse(errorCode: code.rawValue, errorMessage: message))
    }
}

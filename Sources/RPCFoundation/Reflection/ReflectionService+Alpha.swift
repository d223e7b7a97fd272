// The v1alpha messages have the same fields as those of v1.

extension ServerReflectionRequest {
    /// The question of an older client.
    init(_ request: AlphaServerReflectionRequest) {
        let question: MessageRequest? =
            switch request.messageRequest {
            case .fileByFilename(let name): .fileByFilename(name)
            case .fileContainingSymbol(let symbol): .fileContainingSymbol(symbol)
            case .fileContainingExtension(let wanted):
                .fileContainingExtension(
                    ExtensionRequest(
                        containingType: wanted.containingType,
                        extensionNumber: wanted.extensionNumber))
            case .allExtensionNumbersOfType(let type): .allExtensionNumbersOfType(type)
            case .listServices(let text): .listServices(text)
            case nil: nil
            }
        self.init(host: request.host, messageRequest: question)
    }
}

extension AlphaServerReflectionResponse {
    /// The answer for an older client, without its question.
    init(_ response: ServerReflectionResponse) {
        let answer: MessageResponse? =
            switch response.messageResponse {
            case .fileDescriptorResponse(let files):
                .fileDescriptorResponse(
                    AlphaFileDescriptorResponse(fileDescriptorProto: files.fileDescriptorProto))
            case .allExtensionNumbersResponse(let numbers):
                .allExtensionNumbersResponse(
                    AlphaExtensionNumberResponse(
                        baseTypeName: numbers.baseTypeName,
                        extensionNumber: numbers.extensionNumber))
            case .listServicesResponse(let list):
                .listServicesResponse(
                    AlphaListServiceResponse(
                        service: list.service.map { AlphaServiceResponse(name: $0.name) }))
            case .errorResponse(let error):
                .errorResponse(
                    AlphaErrorResponse(
                        errorCode: error.errorCode, errorMessage: error.errorMessage))
            case nil: nil
            }
        self.init(validHost: response.validHost, messageResponse: answer)
    }
}

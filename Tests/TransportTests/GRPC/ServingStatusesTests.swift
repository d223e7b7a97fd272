import RPC
import RPCFoundation
import Testing

@Suite struct ServingStatusesTests {
    @Test func `known services are served, unknown ones are not known`() {
        let statuses = ServingStatuses(services: ["a.B"])
        #expect(statuses.status(of: "") == .serving)
        #expect(statuses.status(of: "a.B") == .serving)
        #expect(statuses.status(of: "a.C") == nil)
    }

    @Test func `a watcher hears the status now and each change`() async {
        let statuses = ServingStatuses(services: ["a.B"])
        var changes = statuses.watch("a.B").makeAsyncIterator()
        #expect(await changes.next() == .serving)
        statuses.set(.notServing, for: "a.B")
        #expect(await changes.next() == .notServing)
        statuses.set(.serving, for: "other")
        statuses.drain()
        #expect(await changes.next() == .notServing)
    }

    @Test func `a service that appears is heard of by who waited for it`() async {
        let statuses = ServingStatuses(services: [])
        var changes = statuses.watch("late").makeAsyncIterator()
        #expect(await changes.next() == .serviceUnknown)
        statuses.set(.serving, for: "late")
        #expect(await changes.next() == .serving)
    }

    @Test func `a drain is final`() {
        let statuses = ServingStatuses(services: ["a.B"])
        statuses.drain()
        statuses.set(.serving, for: "a.B")
        #expect(statuses.status(of: "a.B") == .notServing)
        #expect(statuses.status(of: "") == .notServing)
    }

    @Test func `a watcher that goes is forgotten`() async {
        let statuses = ServingStatuses(services: [])
        do {
            var changes = statuses.watch("").makeAsyncIterator()
            _ = await changes.next()
            #expect(statuses.watcherCount == 1)
        }
        #expect(statuses.watcherCount == 0)
    }
}

@Suite struct ReflectionServiceTests {
    private let service = ReflectionService(
        DescriptorIndex([foundationFileDescriptorSet]),
        services: ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"])

    private func answer(
        _ question: ServerReflectionRequest.MessageRequest?
    ) -> ServerReflectionResponse.MessageResponse? {
        service.answer(ServerReflectionRequest(host: "h", messageRequest: question)).messageResponse
    }

    private func files(_ question: ServerReflectionRequest.MessageRequest) -> [[UInt8]]? {
        guard case .fileDescriptorResponse(let files) = answer(question) else { return nil }
        return files.fileDescriptorProto
    }

    @Test func `an answer repeats its question`() {
        let question = ServerReflectionRequest(host: "h", messageRequest: .listServices(""))
        let answer = service.answer(question)
        #expect(answer.validHost == "h")
        #expect(answer.originalRequest == question)
    }

    @Test func `services are listed`() {
        #expect(
            answer(.listServices("*"))
                == .listServicesResponse(
                    ListServiceResponse(service: [
                        ServiceResponse(name: "grpc.health.v1.Health"),
                        ServiceResponse(name: "grpc.reflection.v1.ServerReflection"),
                    ])))
    }

    @Test(arguments: [
        "grpc.health.v1.Health", "grpc.health.v1.Health.Watch",
        "grpc.health.v1.HealthCheckResponse", "grpc.health.v1.HealthCheckResponse.status",
        "grpc.health.v1.HealthCheckResponse.ServingStatus",
        "grpc.health.v1.HealthCheckResponse.SERVING",
    ])
    func `a file is found by anything it declares`(symbol: String) throws {
        let found = try #require(files(.fileContainingSymbol(symbol)))
        #expect(found == files(.fileByFilename("grpc/health/v1/health.proto")))
        #expect(found.count == 1)
    }

    @Test(
        arguments: [
            .fileByFilename("no.proto"), .fileContainingSymbol("grpc.health.v1"),
            .fileContainingExtension(ExtensionRequest(containingType: "a.B", extensionNumber: 1)),
            .allExtensionNumbersOfType("a.B"),
        ] as [ServerReflectionRequest.MessageRequest])
    func `what is not known is NOT_FOUND, in the message`(
        question: ServerReflectionRequest.MessageRequest
    ) {
        guard case .errorResponse(let error) = answer(question) else {
            Issue.record("expected an error")
            return
        }
        #expect(error.errorCode == StatusCode.notFound.rawValue)
    }

    @Test func `no question is INVALID_ARGUMENT`() {
        guard case .errorResponse(let error) = answer(nil) else {
            Issue.record("expected an error")
            return
        }
        #expect(error.errorCode == StatusCode.invalidArgument.rawValue)
    }

    @Test func `a message without extensions has none`() {
        let type = "grpc.health.v1.HealthCheckRequest"
        #expect(
            answer(.allExtensionNumbersOfType(type))
                == .allExtensionNumbersResponse(ExtensionNumberResponse(baseTypeName: type)))
    }

    /// A descriptor set with one proto2 file that extends a message of another.
    @Test func `extensions are found by what they extend`() throws {
        func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
            [number << 3 | 2, UInt8(bytes.count)] + bytes
        }
        func text(_ number: UInt8, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }
        let base = text(1, "base.proto") + text(2, "p") + field(4, text(1, "Base"))
        let extending =
            text(1, "more.proto") + text(2, "q") + text(3, "base.proto")
            + field(7, text(1, "ext") + text(2, ".p.Base") + [3 << 3, 100])
        let index = DescriptorIndex([field(1, base) + field(1, extending)])
        #expect(index.extensionNumbers(of: "p.Base") == [100])
        #expect(index.files(extending: "p.Base", number: 100) == [extending, base])
        #expect(index.files(declaring: "q.ext") == [extending, base])
    }

    @Test func `a broken descriptor set is read as far as it goes`() {
        for count in 0..<200 {
            _ = DescriptorIndex([Array(foundationFileDescriptorSet.prefix(count))])
        }
    }
}

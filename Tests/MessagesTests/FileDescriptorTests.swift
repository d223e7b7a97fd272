internal import Foundation
import RPCFoundation
internal import RPC
internal import Services
import Testing

@Suite("The descriptor sets for reflection")
struct FileDescriptorTests {
    /// The names of the files: in a set, field 1 is a file, and in a file field 1 is its name.
    private func fileNames(_ set: [UInt8]) -> [String] {
        var names: [String] = []
        var rest = set[...]
        while rest.popFirst() == 0x0A {
            guard let file = takeBytes(&rest) else { return [] }
            var fields = file
            guard fields.popFirst() == 0x0A, let name = takeBytes(&fields) else { return [] }
            names.append(String(decoding: name, as: UTF8.self))
        }
        return rest.isEmpty ? names : []
    }

    private func takeBytes(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var length = 0
        var shift = 0
        while let byte = bytes.popFirst() {
            length |= Int(byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 { break }
        }
        guard length <= bytes.count else { return nil }
        defer { bytes = bytes.dropFirst(length) }
        return bytes.prefix(length)
    }

    @Test("hold every file of our contract and what it imports, imports first")
    func signalbox() throws {
        let names = fileNames(signalboxFileDescriptorSet)
        let contract = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../proto/signalbox/v1")
        let files = try FileManager.default.contentsOfDirectory(atPath: contract.path)
        let expected = files.map { "signalbox/v1/\($0)" }
        #expect(Set(names.filter { $0.hasPrefix("signalbox/v1/") }) == Set(expected))
        #expect(names.contains("google/protobuf/timestamp.proto"))
        #expect(names.first?.hasPrefix("google/protobuf/") == true)
        #expect(names.count == Set(names).count)
    }

    @Test("hold health and reflection")
    func foundation() {
        #expect(
            Set(fileNames(foundationFileDescriptorSet)) == [
                "grpc/health/v1/health.proto", "grpc/reflection/v1/reflection.proto",
                "grpc/reflection/v1alpha/reflection.proto",
            ])
    }

    @Test("go with method descriptors in the order of the .proto file")
    func methods() {
        #expect(ServerServiceMethods.all.map(\.method).prefix(2) == ["GetInfo", "Authenticate"])
        #expect(ExecutionServiceMethods.watch.path == "/signalbox.v1.ExecutionService/Watch")
        #expect(ExecutionServiceMethods.watch.kind == .serverStreaming)
        #expect(ServerReflectionMethods.serverReflectionInfo.kind == .bidirectional)
        #expect(
            AlphaServerReflectionMethods.serverReflectionInfo.service
                == "grpc.reflection.v1alpha.ServerReflection")
        #expect(HealthMethods.check.kind == .unary)
    }
}

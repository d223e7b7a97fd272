import RPC
import Testing

@Suite struct GRPCRequestHeadTests {
    private func head(_ fields: [(String, String)]) -> (head: GRPCRequestHead, metadata: [String]) {
        var head = GRPCRequestHead()
        var metadata: [String] = []
        for (name, value) in fields {
            let isMetadata = unsafe Array(name.utf8).withUnsafeBytes { name in
                unsafe Array(value.utf8).withUnsafeBytes { value in
                    unsafe head.add(name: name, value: value)
                }
            }
            if isMetadata { metadata.append(name) }
        }
        return (head, metadata)
    }

    private let base = [("te", "trailers"), ("content-type", "application/grpc")]

    @Test func `the fields of every call are read, the others are metadata`() {
        let (head, metadata) = head(
            base + [
                ("grpc-timeout", "5S"), ("grpc-encoding", "gzip"),
                ("grpc-accept-encoding", "identity, deflate, gzip"), ("user-agent", "x"),
                ("authorization", "Bearer y"), ("grpc-message-type", "z"),
            ])
        #expect(head.verdict(isPOST: true) == .call)
        #expect(head.timeout == .seconds(5))
        #expect(head.encoding == .gzip)
        #expect(head.acceptsGzip)
        #expect(metadata == ["user-agent", "authorization"])
    }

    @Test(arguments: ["application/grpc", "application/grpc+proto", "application/grpc;charset=x"])
    func `a gRPC content type may have a suffix`(contentType: String) {
        let (head, _) = head([("te", "trailers"), ("content-type", contentType)])
        #expect(head.verdict(isPOST: true) == .call)
    }

    @Test(arguments: ["application/grpc-web", "application/grpcx", "application/json", ""])
    func `another content type is not gRPC's to answer`(contentType: String) {
        let (head, _) = head([("te", "trailers"), ("content-type", contentType)])
        #expect(head.verdict(isPOST: true) == .notGRPC)
    }

    private func refusal(_ fields: [(String, String)], isPOST: Bool = true) -> (Int, StatusCode)? {
        guard case .refuse(let status, let error) = head(fields).head.verdict(isPOST: isPOST) else {
            return nil
        }
        return (status, error.code)
    }

    @Test func `a request that breaks the protocol is refused`() throws {
        #expect(try #require(refusal(base, isPOST: false)) == (405, .internal))
        #expect(
            try #require(refusal([("content-type", "application/grpc")])) == (400, .internal))
        #expect(try #require(refusal(base + [("grpc-timeout", "1x")])) == (400, .internal))
        #expect(
            try #require(refusal(base + [("grpc-encoding", "snappy")])) == (200, .unimplemented))
    }
}

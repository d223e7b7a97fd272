package import NIOCore

/// `ttrpc.Request`: what a request frame carries (containerd/ttrpc request.proto).
package struct TTRPCRequest: Sendable, Equatable {
    /// For example `signalbox.v1.ExecutionService`.
    package var service: String
    package var method: String
    /// The encoded request message; shares the frame's memory.
    package var payload: ByteBuffer
    /// How long the caller waits, in nanoseconds; 0: without limit.
    package var timeoutNanoseconds: Int64
    package var metadata: Metadata

    package init(
        service: String, method: String, payload: ByteBuffer = ByteBuffer(),
        timeoutNanoseconds: Int64 = 0, metadata: Metadata = [:]
    ) {
        self.service = service
        self.method = method
        self.payload = payload
        self.timeoutNanoseconds = timeoutNanoseconds
        self.metadata = metadata
    }

    /// Reads a request frame's data. Unknown fields are skipped; of a field that may occur once, the
    /// last counts.
    /// - Parameter metadataBytesMax: names and values together.
    /// - Throws: `RPCError` INVALID_ARGUMENT, or RESOURCE_EXHAUSTED for too much metadata.
    package init(decoding data: ByteBuffer, metadataBytesMax: Int = .max) throws(RPCError) {
        var names = TTRPCNames()
        try self.init(decoding: data, metadataBytesMax: metadataBytesMax, names: &names)
    }

    /// The same, with the names that the connection brought before.
    package init(
        decoding data: ByteBuffer, metadataBytesMax: Int, names: inout TTRPCNames
    ) throws(RPCError) {
        self.init(service: "", method: "")
        var metadataBytes = 0
        var reader = ProtobufFieldReader(data)
        do throws(ProtobufFieldReader.Malformed) {
            while let field = try reader.next() {
                switch field {
                case .bytes(1, let text): service = try text.text(&names)
                case .bytes(2, let text): method = try text.text(&names)
                case .bytes(3, let bytes): payload = bytes
                case .number(4, let value): timeoutNanoseconds = Int64(bitPattern: value)
                case .bytes(5, let entry):
                    metadataBytes += entry.readableBytes
                    if metadataBytes <= metadataBytesMax { try addMetadata(entry) }
                default: break
                }
            }
        } catch {
            throw RPCError(.invalidArgument, "the request is not a valid ttrpc.Request message")
        }
        guard metadataBytes <= metadataBytesMax else {
            throw RPCError(
                .resourceExhausted,
                "metadata of \(metadataBytes) bytes exceeds the limit of \(metadataBytesMax)")
        }
    }

    private mutating func addMetadata(
        _ entry: ByteBuffer
    ) throws(ProtobufFieldReader.Malformed) {
        var reader = ProtobufFieldReader(entry)
        var key = ""
        var value = ""
        while let field = try reader.next() {
            switch field {
            case .bytes(1, let text): key = try text.text()
            case .bytes(2, let text): value = try text.text()
            default: break
            }
        }
        metadata.add(key, value)
    }
}

/// `ttrpc.Response`: what a response frame carries.
package struct TTRPCResponse: Sendable, Equatable {
    /// Nil: OK.
    package var error: RPCError?
    /// The encoded response message; shares the frame's memory.
    package var payload: ByteBuffer

    package init(payload: ByteBuffer) {
        self.payload = payload
    }

    package init(error: RPCError) {
        self.error = error
        payload = ByteBuffer()
    }

    /// Reads a response frame's data. Unknown fields are skipped.
    /// - Throws: `RPCError` INTERNAL.
    package init(decoding data: ByteBuffer) throws(RPCError) {
        self.init(payload: ByteBuffer())
        var reader = ProtobufFieldReader(data)
        do throws(ProtobufFieldReader.Malformed) {
            while let field = try reader.next() {
                switch field {
                case .bytes(1, let status): error = try RPCError(googleStatus: status)
                case .bytes(2, let bytes): payload = bytes
                default: break
                }
            }
        } catch {
            throw RPCError(.internal, "the response is not a valid ttrpc.Response message")
        }
    }
}

extension RPCError {
    /// Reads a serialized `google.rpc.Status`; nil if it says OK. A code we do not know is UNKNOWN.
    package init?(googleStatus data: ByteBuffer) throws(ProtobufFieldReader.Malformed) {
        var reader = ProtobufFieldReader(data)
        var number: Int32 = 0
        var message = ""
        var details: [Detail] = []
        while let field = try reader.next() {
            switch field {
            case .number(1, let value): number = Int32(truncatingIfNeeded: value)
            case .bytes(2, let text): message = try text.text()
            case .bytes(3, let any): details.append(try Detail(any: any))
            default: break
            }
        }
        let code = StatusCode(rawValue: number) ?? .unknown
        guard code != .ok else { return nil }
        self.init(code, message, details: details)
    }
}

extension RPCError.Detail {
    /// Reads a serialized `google.protobuf.Any`.
    fileprivate init(any data: ByteBuffer) throws(ProtobufFieldReader.Malformed) {
        self.init(typeURL: "", value: [])
        var reader = ProtobufFieldReader(data)
        while let field = try reader.next() {
            switch field {
            case .bytes(1, let text): typeURL = try text.text()
            case .bytes(2, let bytes): value = Array(bytes.readableBytesView)
            default: break
            }
        }
    }
}

extension ByteBuffer {
    fileprivate func text(
        _ names: inout TTRPCNames
    ) throws(ProtobufFieldReader.Malformed) -> String {
        guard let text = names.text(self) else { throw ProtobufFieldReader.Malformed() }
        return text
    }

    fileprivate func text() throws(ProtobufFieldReader.Malformed) -> String {
        guard let text = validatedText else { throw ProtobufFieldReader.Malformed() }
        return text
    }
}

/// What gRPC reads in a request's header fields.
///
/// Feed it every field that is no pseudo-header, then ask for its `verdict`. Names and values come
/// as raw bytes, so that the fields every call has cost no allocation.
package struct GRPCRequestHead: Sendable {
    /// What the content type says the request is.
    package enum ContentType: Sendable, Equatable {
        /// `application/grpc`, alone or followed by `+` or `;`.
        case grpc
        /// Anything else; not for gRPC to answer.
        case other
        case missing
    }

    package private(set) var contentType = ContentType.missing
    package private(set) var timeout: Duration?
    package private(set) var encoding = GRPCEncoding.identity
    package private(set) var acceptsGzip = false
    private var isTimeoutMalformed = false
    private var hasTrailersTE = false

    /// A head without fields.
    package init() {}

    /// A request that gets an answer other than a call's.
    package enum Verdict: Sendable, Equatable {
        /// A gRPC call.
        case call
        /// Not gRPC: the content type belongs to someone else.
        case notGRPC
        /// Refused with this HTTP status, and this as its gRPC status.
        case refuse(httpStatus: Int, RPCError)
    }

    /// Whether the request is a call, once all its fields were added.
    package func verdict(isPOST: Bool) -> Verdict {
        guard contentType == .grpc else { return .notGRPC }
        guard isPOST else {
            return .refuse(
                httpStatus: 405, RPCError(.internal, "a call is a POST request"))
        }
        guard hasTrailersTE else {
            return .refuse(
                httpStatus: 400,
                RPCError(.internal, "te: trailers is missing; a proxy between may have removed it"))
        }
        guard !isTimeoutMalformed else {
            return .refuse(
                httpStatus: 400,
                RPCError(.internal, "grpc-timeout is malformed, expected 1 to 8 digits and a unit"))
        }
        if case .unknown(let name) = encoding {
            return .refuse(
                httpStatus: 200,
                RPCError(
                    .unimplemented,
                    "grpc-encoding \(name) is not supported, expected one of \(GRPCEncoding.accepted)"
                ))
        }
        return .call
    }

    /// Takes in one field.
    /// - Returns: whether it is metadata for the handler; false for what is part of the protocol.
    package mutating func add(
        name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer
    ) -> Bool {
        switch name.count {
        case 2 where unsafe name.elementsEqual("te".utf8):
            hasTrailersTE = unsafe value.elementsEqual("trailers".utf8)
        case 12 where unsafe name.elementsEqual("content-type".utf8):
            contentType = unsafe Self.contentType(value)
        case 12 where unsafe name.elementsEqual("grpc-timeout".utf8):
            timeout = unsafe GRPCTimeout.parse(value)
            isTimeoutMalformed = timeout == nil
        case 13 where unsafe name.elementsEqual("grpc-encoding".utf8):
            encoding = unsafe GRPCEncoding(name: value)
        case 20 where unsafe name.elementsEqual("grpc-accept-encoding".utf8):
            acceptsGzip = unsafe GRPCEncoding.listsGzip(value)
        case 17 where unsafe name.elementsEqual("grpc-message-type".utf8):
            break
        case 4 where unsafe name.elementsEqual("host".utf8):
            break
        default:
            return true
        }
        return false
    }

    private static func contentType(_ value: UnsafeRawBufferPointer) -> ContentType {
        let prefix = "application/grpc".utf8
        guard unsafe value.starts(with: prefix) else { return .other }
        guard value.count > prefix.count else { return .grpc }
        let next = unsafe value[prefix.count]
        return next == UInt8(ascii: "+") || next == UInt8(ascii: ";") ? .grpc : .other
    }
}

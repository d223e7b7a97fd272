internal import CNGHTTP2
internal import RPC

/// Header fields in the library's form.
///
/// Those of nearly every answer are made once, never freed, and not copied by the library; others
/// are copied when they are submitted.
@safe
final class HTTP2FieldList: Sendable {
    // Sendable because the memory is written in `init` only, and freed in `deinit`.
    nonisolated(unsafe) private let fields: UnsafeMutableBufferPointer<nghttp2_nv>
    nonisolated(unsafe) private let bytes: UnsafeMutableBufferPointer<UInt8>

    /// Fields that live as long as this list.
    /// - Parameter isPermanent: the list is never freed, so that the library need not copy it.
    init(_ list: [GRPCField], isPermanent: Bool = false) {
        let byteCount = list.reduce(0) { $0 + $1.name.utf8.count + $1.value.count }
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: byteCount + 1)
        let fields = UnsafeMutableBufferPointer<nghttp2_nv>.allocate(capacity: list.count)
        let flags =
            isPermanent
            ? UInt8(NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue)
            : UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)
        var offset = 0
        for (index, field) in list.enumerated() {
            let nameStart = offset
            for byte in field.name.utf8 {
                unsafe bytes.initializeElement(at: offset, to: byte)
                offset += 1
            }
            let valueStart = offset
            for byte in field.value {
                unsafe bytes.initializeElement(at: offset, to: byte)
                offset += 1
            }
            unsafe fields.initializeElement(
                at: index,
                to: nghttp2_nv(
                    name: bytes.baseAddress?.advanced(by: nameStart),
                    value: bytes.baseAddress?.advanced(by: valueStart),
                    namelen: field.name.utf8.count, valuelen: field.value.count, flags: flags))
        }
        unsafe self.bytes = bytes
        unsafe self.fields = fields
    }

    deinit {
        unsafe fields.deallocate()
        unsafe bytes.deallocate()
    }

    /// Hands `body` the fields; the pointers are valid only inside.
    func withFields(_ body: (UnsafeBufferPointer<nghttp2_nv>) -> Void) {
        unsafe body(UnsafeBufferPointer(fields))
    }
}

extension HTTP2FieldList {
    private static func head(httpStatus: Int) -> [GRPCField] {
        [
            GRPCField(":status", "\(httpStatus)"), GRPCField("content-type", "application/grpc"),
            GRPCField("grpc-accept-encoding", GRPCEncoding.accepted),
        ]
    }

    private static let plainHead = HTTP2FieldList(head(httpStatus: 200), isPermanent: true)
    private static let plainOK = HTTP2FieldList(
        [GRPCField("grpc-status", "0")], isPermanent: true)

    /// The head of an answer.
    static func grpcHead(_ metadata: Metadata, isCompressed: Bool) -> HTTP2FieldList {
        if metadata.isEmpty, !isCompressed { return plainHead }
        let encoding = isCompressed ? [GRPCField("grpc-encoding", "gzip")] : []
        return HTTP2FieldList(head(httpStatus: 200) + encoding + metadata.grpcFields)
    }

    /// The trailers of an answer.
    static func grpcTrailers(_ error: RPCError?, _ metadata: Metadata) -> HTTP2FieldList {
        if error == nil, metadata.isEmpty { return plainOK }
        return HTTP2FieldList(GRPCTrailers.fields(for: error, metadata: metadata))
    }

    /// An answer that is its trailers: one HEADERS frame with END_STREAM.
    static func grpcTrailersOnly(
        httpStatus: Int = 200, _ error: RPCError?, _ metadata: Metadata
    ) -> HTTP2FieldList {
        HTTP2FieldList(
            head(httpStatus: httpStatus) + GRPCTrailers.fields(for: error, metadata: metadata))
    }
}

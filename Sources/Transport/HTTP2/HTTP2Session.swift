internal import CNGHTTP2
internal import NIOCore

/// Owns one `nghttp2_session` of the server side. Event loop only.
///
/// Its callbacks go to the `HTTP2Connection` that owns it and outlives it.
@safe
final class HTTP2Session {
    private let raw: OpaquePointer

    /// A session that reports to `connection`; nil if there is no memory for one.
    init?(connection: HTTP2Connection) {
        var callbacks: OpaquePointer?
        var option: OpaquePointer?
        guard unsafe nghttp2_session_callbacks_new(&callbacks) == 0,
            unsafe nghttp2_option_new(&option) == 0
        else { return nil }
        defer {
            unsafe nghttp2_session_callbacks_del(callbacks)
            unsafe nghttp2_option_del(option)
        }
        unsafe Self.register(on: callbacks)
        // Windows are opened by hand, as handlers take what came.
        unsafe nghttp2_option_set_no_auto_window_update(option, 1)
        // Closed streams are not remembered for a priority tree.
        unsafe nghttp2_option_set_no_closed_streams(option, 1)
        // 33 a second, the library's own, ends honest clients; the connection has its own bucket.
        unsafe nghttp2_option_set_stream_reset_rate_limit(option, 1 << 30, 1 << 30)
        var session: OpaquePointer?
        // The connection keeps this session, and deletes it before it goes itself.
        let context = unsafe Unmanaged.passUnretained(connection).toOpaque()
        guard unsafe nghttp2_session_server_new2(&session, callbacks, context, option) == 0,
            let session = unsafe session
        else { return nil }
        unsafe raw = session
    }

    deinit {
        unsafe nghttp2_session_del(raw)
    }

    /// Queues the server's preface.
    ///
    /// The library ends a connection whose client opens a stream too many, though clients in the
    /// field do that now and then. So it is told a higher number than the client, and the
    /// connection refuses what lies between: see `advertiseConcurrentStreams`.
    func start(_ limits: HTTP2Limits) {
        func entry(_ id: nghttp2_settings_id, _ value: Int) -> nghttp2_settings_entry {
            nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: UInt32(clamping: value))
        }
        let settings = [
            entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 16 * limits.concurrentCallsMax),
            entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.streamWindowBytes),
            entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.headerListBytesMax),
        ]
        _ = unsafe nghttp2_submit_settings(raw, noFlags, settings, settings.count)
        _ = unsafe nghttp2_session_set_local_window_size(
            raw, noFlags, 0, Int32(clamping: limits.connectionWindowBytes))
    }

    /// Rewrites the number of streams in the serialized SETTINGS frame of `start`, the first bytes
    /// of `preface`: 9 bytes of frame header, then 2 bytes of id and 4 of value for each setting.
    static func advertiseConcurrentStreams(_ count: Int, in preface: inout ByteBuffer) {
        let first = preface.readerIndex + 9
        precondition(
            preface.getInteger(at: first, as: UInt16.self)
                == UInt16(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue),
            "the preface begins with the number of concurrent streams")
        preface.setInteger(UInt32(clamping: count), at: first + 2)
    }

    /// What the library made of received bytes. After all but the first the connection must close.
    enum Reception {
        case taken
        /// More frames that have to be answered than it keeps.
        case flooded
        case broken
    }

    /// Hands received bytes to the library, which calls back.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Reception {
        let bytes = unsafe bytes.assumingMemoryBound(to: UInt8.self)
        let count = unsafe nghttp2_session_mem_recv(raw, bytes.baseAddress, bytes.count)
        if count >= 0 { return .taken }
        return count == Int(NGHTTP2_ERR_FLOODED.rawValue) ? .flooded : .broken
    }

    /// Serializes the next frame and hands its bytes to `append`; false once nothing is left, or
    /// the session failed. DATA frames do not pass here: their callback appends them by itself,
    /// before this returns.
    func sendNext(append: (UnsafeRawBufferPointer) -> Void) -> Bool {
        var bytes: UnsafePointer<UInt8>?
        let count = unsafe nghttp2_session_mem_send(raw, &bytes)
        guard count > 0, let bytes = unsafe bytes else { return false }
        unsafe append(UnsafeRawBufferPointer(start: bytes, count: count))
        return true
    }

    var wantsRead: Bool { unsafe nghttp2_session_want_read(raw) != 0 }
    var wantsWrite: Bool { unsafe nghttp2_session_want_write(raw) != 0 }

    /// Queues a response's HEADERS, and after them the DATA that `stream` gives out.
    func submitResponse(_ fields: HTTP2FieldList, stream: HTTP2Stream) {
        var provider = unsafe nghttp2_data_provider()
        // The connection keeps the stream until the library has closed it.
        unsafe provider.source.ptr = Unmanaged.passUnretained(stream).toOpaque()
        unsafe provider.read_callback = Self.readData
        unsafe fields.withFields { fields in
            _ = unsafe nghttp2_submit_response(
                raw, stream.id, fields.baseAddress, fields.count, &provider)
        }
    }

    /// Queues a response's HEADERS; trailers follow, and no DATA.
    func submitHead(_ fields: HTTP2FieldList, stream id: Int32) {
        unsafe fields.withFields { fields in
            _ = unsafe nghttp2_submit_headers(
                raw, noFlags, id, nil, fields.baseAddress, fields.count, nil)
        }
    }

    /// Queues a response that is one HEADERS frame with END_STREAM.
    func submitResponse(_ fields: HTTP2FieldList, endingStream id: Int32) {
        unsafe fields.withFields { fields in
            _ = unsafe nghttp2_submit_response(raw, id, fields.baseAddress, fields.count, nil)
        }
    }

    /// Queues the HEADERS that end a response after its DATA.
    func submitTrailers(_ fields: HTTP2FieldList, stream id: Int32) {
        unsafe fields.withFields { fields in
            _ = unsafe nghttp2_submit_trailer(raw, id, fields.baseAddress, fields.count)
        }
    }

    /// A stream that had nothing to send has again.
    func resumeData(stream id: Int32) {
        _ = unsafe nghttp2_session_resume_data(raw, id)
    }

    /// Queues a RST_STREAM; what was queued for the stream is dropped.
    func submitReset(stream id: Int32, _ code: HTTP2ErrorCode) {
        _ = unsafe nghttp2_submit_rst_stream(raw, noFlags, id, code.rawValue)
    }

    /// Lets the client send as many bytes again on the connection.
    func consumeConnection(_ byteCount: Int) {
        _ = unsafe nghttp2_session_consume_connection(raw, byteCount)
    }

    /// Lets the client send as many bytes again on a stream.
    func consumeStream(_ id: Int32, _ byteCount: Int) {
        _ = unsafe nghttp2_session_consume_stream(raw, id, byteCount)
    }

    /// Queues a PING with eight bytes that tell its answer from others.
    func submitPing(_ payload: UInt64) {
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: payload >> (56 - 8 * UInt64($0))) }
        _ = unsafe nghttp2_submit_ping(raw, noFlags, bytes)
    }

    /// Queues a GOAWAY that announces the end and still lets every stream in.
    func submitShutdownNotice() {
        _ = unsafe nghttp2_submit_shutdown_notice(raw)
    }

    /// Queues a GOAWAY that names the last stream that was let in.
    func submitGoAway(_ code: HTTP2ErrorCode, _ reason: String = "") {
        let last = unsafe nghttp2_session_get_last_proc_stream_id(raw)
        let reason = Array(reason.utf8)
        _ = unsafe nghttp2_submit_goaway(raw, noFlags, last, code.rawValue, reason, reason.count)
    }

    private var noFlags: UInt8 { UInt8(NGHTTP2_FLAG_NONE.rawValue) }
}

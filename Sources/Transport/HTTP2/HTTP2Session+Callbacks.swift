internal import CNGHTTP2
internal import NIOCore

/// The library's callbacks. Each finds its connection in the user data, where `HTTP2Session.init`
/// put it, and hands on what happened; none keeps a pointer.
extension HTTP2Session {
    private static func connection(_ context: UnsafeMutableRawPointer?) -> HTTP2Connection? {
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<HTTP2Connection>.fromOpaque(context).takeUnretainedValue()
    }

    private static func stream(_ source: UnsafeMutableRawPointer?) -> HTTP2Stream? {
        guard let source = unsafe source else { return nil }
        return unsafe Unmanaged<HTTP2Stream>.fromOpaque(source).takeUnretainedValue()
    }

    static func register(on callbacks: OpaquePointer?) {
        unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) {
            _, frame, context in
            guard let frame = unsafe frame, let connection = unsafe HTTP2Session.connection(context)
            else {
                return 0
            }
            if unsafe frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST {
                unsafe connection.requestBegan(stream: frame.pointee.hd.stream_id)
            } else {
                connection.trailersBegan()
            }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, _, name, nameCount, value, valueCount, _, context in
            unsafe HTTP2Session.connection(context)?.headers.append(
                name: UnsafeRawBufferPointer(start: name, count: nameCount),
                value: UnsafeRawBufferPointer(start: value, count: valueCount))
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) {
            _, frame, context in
            if let frame = unsafe frame, let connection = unsafe HTTP2Session.connection(context) {
                unsafe HTTP2Session.received(frame, on: connection)
            }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
            _, _, id, bytes, count, context in
            unsafe HTTP2Session.connection(context)?.dataReceived(
                stream: id, UnsafeRawBufferPointer(start: bytes, count: count))
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) {
            _, id, _, context in
            unsafe HTTP2Session.connection(context)?.streamClosed(id)
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) {
            session, frame, context in
            if let frame = unsafe frame, let connection = unsafe HTTP2Session.connection(context) {
                unsafe HTTP2Session.sent(frame, of: session, on: connection)
            }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_send_data_callback(callbacks) {
            _, _, header, count, source, context in
            guard let header = unsafe header, let source = unsafe source,
                let connection = unsafe HTTP2Session.connection(context),
                let stream = unsafe HTTP2Session.stream(source.pointee.ptr)
            else { return Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
            unsafe connection.writeData(
                UnsafeRawBufferPointer(start: header, count: 9), count, of: stream)
            return 0
        }
    }

    /// Gives out how much of a stream's queue goes into the next DATA frame; `send_data` moves it.
    static let readData: nghttp2_data_source_read_callback = {
        session, id, _, max, flags, source, _ in
        guard let source = unsafe source, let flags = unsafe flags,
            let stream = unsafe HTTP2Session.stream(source.pointee.ptr)
        else { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
        switch stream.nextData(max: max) {
        case .none:
            return Int(NGHTTP2_ERR_DEFERRED.rawValue)
        case .bytes(let count):
            unsafe flags.pointee |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
            return count
        case .last(let count, nil):
            unsafe flags.pointee |=
                NGHTTP2_DATA_FLAG_NO_COPY.rawValue | NGHTTP2_DATA_FLAG_EOF.rawValue
            return count
        case .last(let count, let trailers?):
            unsafe flags.pointee |=
                NGHTTP2_DATA_FLAG_NO_COPY.rawValue | NGHTTP2_DATA_FLAG_EOF.rawValue
                | NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
            unsafe trailers.withFields { fields in
                _ = unsafe nghttp2_submit_trailer(session, id, fields.baseAddress, fields.count)
            }
            return count
        }
    }

    private static func received(
        _ frame: UnsafePointer<nghttp2_frame>, on connection: HTTP2Connection
    ) {
        connection.isAwaitingPreface = false
        let header = unsafe frame.pointee.hd
        let isEnd = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
        switch UInt32(header.type) {
        case NGHTTP2_HEADERS.rawValue:
            if unsafe frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST {
                connection.requestHeadReceived(stream: header.stream_id, isEnd: isEnd)
            } else {
                connection.isInHeaderBlock = false
                if isEnd { connection.requestEnded(stream: header.stream_id) }
            }
        case NGHTTP2_DATA.rawValue:
            if isEnd {
                connection.requestEnded(stream: header.stream_id)
            } else if header.length == 0 {
                connection.idleFrameReceived()
            }
        case NGHTTP2_RST_STREAM.rawValue:
            connection.resetReceived(stream: header.stream_id)
        case NGHTTP2_PING.rawValue:
            let bytes = unsafe frame.pointee.ping.opaque_data
            let number = unsafe withUnsafeBytes(of: bytes) { bytes in
                unsafe UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
            }
            connection.pingReceived(
                number, isAnswer: header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0)
        case NGHTTP2_SETTINGS.rawValue, NGHTTP2_PRIORITY.rawValue:
            connection.idleFrameReceived()
        default:
            break
        }
    }

    private static func sent(
        _ frame: UnsafePointer<nghttp2_frame>, of session: OpaquePointer?,
        on connection: HTTP2Connection
    ) {
        let header = unsafe frame.pointee.hd
        switch UInt32(header.type) {
        case NGHTTP2_HEADERS.rawValue, NGHTTP2_DATA.rawValue:
            connection.pings.wroteCallFrame()
            if header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0,
                unsafe nghttp2_session_get_stream_remote_close(session, header.stream_id) == 0
            {
                connection.responseEndedEarly(stream: header.stream_id)
            }
        case NGHTTP2_GOAWAY.rawValue:
            if unsafe frame.pointee.goaway.last_stream_id == Int32.max {
                connection.shutdownNoticeSent()
            }
        case NGHTTP2_RST_STREAM.rawValue:
            let code = unsafe frame.pointee.rst_stream.error_code
            if code != NGHTTP2_NO_ERROR.rawValue, code != NGHTTP2_CANCEL.rawValue {
                connection.streamErrorSent()
            }
        default:
            break
        }
    }
}

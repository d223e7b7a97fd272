internal import CCurl

/// One request under way. Belongs to the loop's thread, where libcurl calls its functions.
@safe
final class Transfer {
    let submission: Submission
    let easy: OpaquePointer
    private let headBytesMax: Int
    private var head = ResponseHead()
    private var body: [UInt8] = []
    /// How often the request was about to be written to a connection.
    private var sendings = 0
    /// Why a function below broke it off.
    private var refusal: HTTPClientError?
    private var lists: [UnsafeMutablePointer<curl_slist>] = unsafe []
    /// What libcurl says of a failure.
    private let message: UnsafeMutablePointer<CChar>

    init(
        _ submission: Submission, limits: HTTPClientLimits, trustFile: String?
    ) throws(HTTPClientError) {
        guard let easy = unsafe curl_easy_init() else {
            throw .failed("libcurl has no memory for a request")
        }
        unsafe self.easy = easy
        self.submission = submission
        headBytesMax = limits.headBytesMax
        unsafe message = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        try prepare(limits, trustFile)
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe lists.forEach { unsafe curl_slist_free_all($0) }
        unsafe message.deallocate()
    }

    /// The transfer of a handle.
    static func of(_ easy: OpaquePointer) -> Transfer? {
        unsafe of(CCurl_get_context(easy))
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }

    /// From now on, at least 1.
    static func milliseconds(until deadline: ContinuousClock.Instant) -> Int {
        let (seconds, attoseconds) = ContinuousClock.now.duration(to: deadline).components
        let milliseconds = min(seconds, 1_000_000) * 1_000 + attoseconds / 1_000_000_000_000_000
        return max(1, Int(milliseconds))
    }

    // MARK: Before

    private func prepare(
        _ limits: HTTPClientLimits, _ trustFile: String?
    ) throws(HTTPClientError) {
        guard submission.deadline > .now else { throw .timedOut }
        let request = submission.request
        unsafe check(CCurl_set_error_buffer(easy, message))
        unsafe check(CCurl_set_context(easy, Unmanaged.passUnretained(self).toOpaque()))
        unsafe check(CCurl_set_functions(easy, Self.onHeadLine, Self.onBody, Self.beforeRequest))
        unsafe check(CCurl_use_private_sockets(easy))

        set(CURLOPT_URL, request.url)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NOPROXY, "*")
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
        set(CURLOPT_NOSIGNAL, 1)
        // A resolver that hangs is left alone, and does not hold up the other transfers.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_TIMEOUT_MS, Self.milliseconds(until: submission.deadline))
        set(CURLOPT_CONNECTTIMEOUT_MS, limits.connectSecondsMax * 1_000)
        // What a server sends on a kept connection between two requests, libcurl takes for the answer to
        // the next one, of whomever it is (RFC 9112, section 9.2, has it dropped).
        set(CURLOPT_FRESH_CONNECT, 1)
        set(CURLOPT_FORBID_REUSE, 1)

        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        if let trustFile { set(CURLOPT_CAINFO, trustFile) }
        // With a folder of authorities as well, libcurl would read the file for every connection.
        unsafe check(CCurl_set_text(easy, CURLOPT_CAPATH, nil))

        if let endpoint = submission.endpoint {
            let isIPv6 = endpoint.address.contains(":")
            let address = isIPv6 ? "[\(endpoint.address)]" : endpoint.address
            set(CURLOPT_CONNECT_TO, ["::\(address):\(endpoint.port)"])
        }
        setMethod(request)
        setHeaders(request)
        if let refusal { throw refusal }
    }

    private func setMethod(_ request: HTTPClientRequest) {
        if request.method == "HEAD" { return set(CURLOPT_NOBODY, 1) }
        if request.hasFraming {
            set(CURLOPT_POST, 1)
            let body = request.body ?? []
            unsafe body.withUnsafeBytes { bytes in
                // libcurl takes no null for an empty body.
                if unsafe bytes.isEmpty {
                    unsafe check(CCurl_set_body(easy, "", 0))
                } else {
                    unsafe check(CCurl_set_body(easy, bytes.baseAddress, bytes.count))
                }
            }
        } else {
            set(CURLOPT_HTTPGET, 1)
        }
        set(CURLOPT_CUSTOMREQUEST, request.method)
    }

    private func setHeaders(_ request: HTTPClientRequest) {
        var lines = request.headers.map { header in
            // In libcurl's words, `name:` is "none" and `name;` is an empty one.
            header.value.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 }
                ? "\(header.name);" : "\(header.name): \(header.value)"
        }
        // What libcurl would add of its own.
        for name in ["accept", "expect", "content-type"] where !request.has(name) {
            lines.append("\(name):")
        }
        set(CURLOPT_HTTPHEADER, lines)
    }

    private func set(_ option: CURLoption, _ value: Int) {
        unsafe check(CCurl_set_long(easy, option, value))
    }

    private func set(_ option: CURLoption, _ value: String) {
        unsafe check(CCurl_set_text(easy, option, value))
    }

    private func set(_ option: CURLoption, _ lines: [String]) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = unsafe curl_slist_append(list, line) else {
                refusal = .failed("libcurl has no memory for a request")
                break
            }
            unsafe list = longer
        }
        guard let list = unsafe list else { return }
        unsafe lists.append(list)
        unsafe check(CCurl_set_list(easy, option, list))
    }

    /// A request of which libcurl did not take all is not sent.
    private func check(_ code: CURLcode) {
        guard code != CURLE_OK, refusal == nil else { return }
        refusal = .failed("libcurl does not take the request: \(Self.text(code))")
    }

    // MARK: Meanwhile

    private static let onHeadLine: curl_write_callback = { bytes, size, count, context in
        guard let bytes = unsafe bytes, let transfer = unsafe of(context) else { return 0 }
        let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
        return unsafe transfer.takeHeadLine(line) ? size * count : 0
    }

    private static let onBody: curl_write_callback = { bytes, size, count, context in
        guard let bytes = unsafe bytes, let transfer = unsafe of(context) else { return 0 }
        let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
        return unsafe transfer.takeBody(piece) ? size * count : 0
    }

    private static let beforeRequest: curl_prereq_callback = { context, _, _, _, _ in
        guard let transfer = unsafe of(context) else { return CURL_PREREQFUNC_ABORT }
        return transfer.isReadyToSend() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
    }

    private func takeHeadLine(_ line: UnsafeRawBufferPointer) -> Bool {
        guard head.bytes + line.count <= headBytesMax else {
            refusal = .headTooLarge(limit: headBytesMax)
            return false
        }
        unsafe head.take(line)
        return true
    }

    private func takeBody(_ piece: UnsafeRawBufferPointer) -> Bool {
        let limit = submission.request.responseBytesMax
        guard body.count + piece.count <= limit else {
            refusal = .tooLarge(limit: limit)
            return false
        }
        unsafe body.append(contentsOf: piece)
        return true
    }

    /// libcurl sends a request again where it thinks that the first was not looked at; never here.
    private func isReadyToSend() -> Bool {
        sendings += 1
        if sendings == 1 { return true }
        refusal = .failed("the connection was closed before an answer came")
        return false
    }

    // MARK: After

    /// What became of it, once libcurl says that it ended.
    func result(_ code: CURLcode) -> Result<HTTPClientResponse, HTTPClientError> {
        if code == CURLE_OK {
            // libcurl takes a head that ends with the connection for a whole one.
            guard head.isComplete else {
                return .failure(.failed("the connection was closed within the answer's head"))
            }
            return .success(
                HTTPClientResponse(status: head.status, headers: head.headers, body: body))
        }
        if let refusal { return .failure(refusal) }
        let reason = unsafe message.pointee == 0 ? Self.text(code) : String(cString: message)
        switch code {
        case CURLE_OPERATION_TIMEDOUT:
            return .failure(sendings == 0 ? .connectTimedOut : .timedOut)
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST:
            return .failure(sendings == 0 ? .unconnected(reason) : .failed(reason))
        default:
            return .failure(.failed(reason))
        }
    }

    private static func text(_ code: CURLcode) -> String {
        guard let text = unsafe curl_easy_strerror(code) else { return "\(code.rawValue)" }
        return unsafe String(cString: text)
    }
}

internal import HTTPTypes

/// One request and its response as a value: bytes and heads go in, and what to do comes out.
///
/// ```
/// request:   open ──end──▶ complete          (too large, too slow, malformed: ▶ failed)
/// response:  none ──head──▶ open ──finish──▶ ended       abort, cancel: ▶ ended
/// ```
struct HTTPExchangeState {
    /// What to do with bytes of the body.
    enum OnBody: Equatable {
        case keep
        /// Nobody wants them any more.
        case drop
        case fail(HTTPBodyError)
    }

    /// What to do with what a handler sends.
    enum OnSend: Equatable {
        case send
        /// The response has no body: HEAD, 204, 304.
        case swallow
        /// The exchange was given up.
        case refuse
        /// It breaks the rules.
        case misuse(String)
    }

    /// What to do when the handler ends the response.
    enum OnFinish: Equatable {
        case finish
        case ignore
        /// It is shorter than its `content-length`.
        case abort
    }

    private enum Response {
        case none
        /// `left`: bytes of its `content-length` that were not sent; nil: it has none.
        case open(left: Int?, hasBody: Bool)
        case ended
    }

    private let isHead: Bool
    private let bodyBytesMax: Int
    private var response = Response.none
    private var receivedByteCount = 0
    private(set) var isBodyComplete = false
    private(set) var bodyFailure: HTTPBodyError?
    private(set) var isReleased = false

    /// A request that was just received.
    /// - Parameter declaredByteCount: its `content-length`.
    init(isHead: Bool, declaredByteCount: Int?, bodyBytesMax: Int) {
        self.isHead = isHead
        self.bodyBytesMax = bodyBytesMax
        if let declaredByteCount, declaredByteCount > bodyBytesMax {
            bodyFailure = .tooLarge(limit: bodyBytesMax)
        }
    }

    var hasSentHead: Bool { if case .none = response { false } else { true } }
    var hasEnded: Bool { if case .ended = response { true } else { false } }

    /// Bytes of the body came.
    mutating func received(_ byteCount: Int) -> OnBody {
        guard bodyFailure == nil, !hasEnded, !isReleased else { return .drop }
        receivedByteCount += byteCount
        guard receivedByteCount <= bodyBytesMax else {
            bodyFailure = .tooLarge(limit: bodyBytesMax)
            return .fail(.tooLarge(limit: bodyBytesMax))
        }
        return .keep
    }

    /// The request is complete.
    mutating func receivedEnd() {
        isBodyComplete = true
    }

    /// The body cannot be read on; false: that is known, or of no interest.
    mutating func failBody(_ error: HTTPBodyError) -> Bool {
        guard bodyFailure == nil, !isBodyComplete else { return false }
        bodyFailure = error
        return true
    }

    /// The handler sends the response's head.
    mutating func sendHead(_ head: HTTPResponse) -> OnSend {
        switch response {
        case .ended: return .refuse
        case .open: return .misuse("a response has one head")
        case .none: break
        }
        guard head.status.kind != .informational else {
            return .misuse("expected a final status, got \(head.status.code)")
        }
        let hasBody = !isHead && head.status != .noContent && head.status != .notModified
        response = .open(
            left: head.headerFields[.contentLength].flatMap { Int($0) }, hasBody: hasBody)
        return .send
    }

    /// The handler sends bytes of the body.
    mutating func send(_ byteCount: Int) -> OnSend {
        switch response {
        case .none: return .misuse("a head goes before the body")
        case .ended: return .refuse
        case .open(_, hasBody: false): return .swallow
        case .open(let left?, _):
            guard byteCount <= left else {
                return .misuse("the body is longer than its content-length")
            }
            response = .open(left: left - byteCount, hasBody: true)
        case .open(nil, _): break
        }
        return .send
    }

    /// The handler ends the response.
    mutating func finish() -> OnFinish {
        switch response {
        case .none, .ended: return .ignore
        case .open(let left, let hasBody):
            response = .ended
            return hasBody && (left ?? 0) > 0 ? .abort : .finish
        }
    }

    /// The response ends here, however far it came; false: it had ended.
    mutating func abort() -> Bool {
        if hasEnded { return false }
        response = .ended
        return true
    }

    /// The handler's task is over.
    mutating func release() {
        isReleased = true
    }
}

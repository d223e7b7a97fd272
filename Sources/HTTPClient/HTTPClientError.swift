/// Why there is no answer.
package enum HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The request is not one that can be sent; nothing was.
    case invalid(String)
    /// There was no connection, so that nothing was sent.
    case unconnected(String)
    /// There was no connection in the time there was for one, so that nothing was sent.
    case connectTimedOut
    /// The deadline passed. The request may have been sent.
    case timedOut
    /// The task that asked was cancelled. The request may have been sent.
    case cancelled
    /// The answer's body exceeds this limit, in bytes.
    case tooLarge(limit: Int)
    /// The answer's head exceeds this limit, in bytes.
    case headTooLarge(limit: Int)
    /// As many requests as may, wait already; nothing was sent.
    case overloaded(limit: Int)
    /// The client was shut down. The request may have been sent.
    case shutDown
    /// Anything else: TLS, a broken connection, an answer that is no HTTP. The request may have been sent.
    case failed(String)

    /// Whether the same request may be tried at another address of its host.
    package var isUnconnected: Bool {
        switch self {
        case .unconnected, .connectTimedOut: true
        default: false
        }
    }

    package var description: String {
        switch self {
        case .invalid(let reason), .unconnected(let reason), .failed(let reason): reason
        case .connectTimedOut: "no connection in time"
        case .timedOut: "no answer in time"
        case .cancelled: "cancelled"
        case .tooLarge(let limit): "the answer's body exceeds the limit of \(limit) bytes"
        case .headTooLarge(let limit): "the answer's head exceeds the limit of \(limit) bytes"
        case .overloaded(let limit): "\(limit) requests wait already, which is the limit"
        case .shutDown: "the client is shut down"
        }
    }
}

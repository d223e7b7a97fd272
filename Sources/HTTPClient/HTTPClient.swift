internal import Foundation
internal import Synchronization

/// Sends HTTP requests, through libcurl and on one thread of its own, which starts with the first
/// request and sleeps while there is nothing to do.
///
/// HTTP/1.1, and HTTP/2 over TLS where the server offers it. Certificates are verified. Connections
/// are for one request each. Redirects are not followed, cookies not kept,
/// bodies not decompressed; neither proxies nor `.netrc` of the environment count.
package final class HTTPClient: Sendable {
    private let loop: TransferLoop
    private let lastID = Atomic<Int>(0)

    /// - Parameter trustFile: PEM certificates of whom to trust; nil: the file that `SSL_CERT_FILE`
    ///   names in the environment, else the system's authorities.
    package init(limits: HTTPClientLimits = HTTPClientLimits(), trustFile: String? = nil) {
        loop = TransferLoop(
            limits: limits,
            trustFile: trustFile ?? Self.systemTrustFile)
    }

    /// - Parameter spawn: starts the thread.
    init(spawn: @escaping TransferLoop.Spawn) {
        loop = TransferLoop(limits: HTTPClientLimits(), trustFile: nil, spawn: spawn)
    }

    private static var systemTrustFile: String? {
        ProcessInfo.processInfo.environment["SSL_CERT_FILE"].flatMap { $0.isEmpty ? nil : $0 }
    }

    deinit {
        loop.stop()
    }

    /// Sends a request and reads the answer, whatever its status.
    ///
    /// It is sent at most once.
    /// - Parameter endpoint: where to connect to; the name in the URL remains the one that the
    ///   server is asked for and must show a certificate for. nil: where the system's resolver says.
    package func send(
        _ request: HTTPClientRequest, at endpoint: HTTPClientRequest.Endpoint? = nil,
        until deadline: ContinuousClock.Instant
    ) async throws(HTTPClientError) -> HTTPClientResponse {
        try request.check()
        let host = request.host
        let id = lastID.wrappingAdd(1, ordering: .relaxed).newValue
        let result: Result<HTTPClientResponse, HTTPClientError> =
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    loop.submit(
                        Submission(
                            id: id, host: host, request: request, endpoint: endpoint,
                            deadline: deadline,
                            continuation: continuation))
                    // A cancellation that came before the submission found nothing.
                    if Task.isCancelled { loop.cancel(id, of: host) }
                }
            } onCancel: {
                loop.cancel(id, of: host)
            }
        return try result.get()
    }

    /// Fails what is under way and what comes later with `shutDown`, closes the connections, and
    /// returns when the thread has ended.
    package func shutDown() async { await loop.shutDown() }
}

internal import Foundation
internal import HTTPClient
internal import JSON
internal import Synchronization

/// Sends the requests of `http` nodes.
///
/// Names are resolved here, the addresses are checked, and the connection is made to one of those very
/// addresses, so that a name cannot change between the check and the connection; where one cannot be
/// connected to, the next is tried. The same for each redirect.
final class HTTPBody: Sendable {
    private let rules: AddressRules
    private let timeout: Duration
    private let client = HTTPClient()
    private let wasShutDown = Atomic(false)
    private let resolve: @Sendable (String) async throws -> [String]

    /// - Parameter resolve: gives the addresses of a name, the best first.
    init(
        configuration: EngineConfiguration,
        resolve: @escaping @Sendable (String) async throws -> [String] = HostAddresses.of
    ) {
        self.resolve = resolve
        rules = AddressRules(allowed: configuration.httpAllow)
        timeout = configuration.httpTimeout
    }

    /// Breaks off what is under way and closes the connections; later requests fail.
    func shutDown() async {
        wasShutDown.store(true, ordering: .sequentiallyConsistent)
        await client.shutDown()
    }

    /// Whether a failure may be of our making, and says nothing about the request.
    var isShutDown: Bool { wasShutDown.load(ordering: .sequentiallyConsistent) }

    /// Sends a request and gives `{status, headers, body}`, or why there is none.
    func send(_ plan: HTTPPlan, token: String, traceparent: String) async
        -> Result<String, NodeFailure>
    {
        do throws(NodeFailure) {
            return .success(try await follow(plan, token: token, traceparent: traceparent))
        } catch {
            return .failure(error)
        }
    }

    private func follow(_ plan: HTTPPlan, token: String, traceparent: String)
        async throws(NodeFailure) -> String
    {
        var plan = plan
        var hops = 0
        let deadline = ContinuousClock.now.advanced(by: timeout)
        while true {
            let target = try Target(plan.url)
            let answer = try await exchange(
                plan, target, token: token, traceparent: traceparent, deadline: deadline)
            guard let location = answer.redirect(from: target.url) else {
                return try Self.output(answer)
            }
            hops += 1
            guard hops <= plan.redirectsMax else {
                if plan.redirectsMax == 0 { return try Self.output(answer) }
                throw NodeFailure(
                    "HTTP_TOO_MANY_REDIRECTS",
                    "the request was redirected more than \(plan.redirectsMax) times")
            }
            if let next = try? Target(location), !next.isSameOrigin(as: target) {
                plan.headers.removeAll {
                    $0.holdsSecret || ["authorization", "cookie"].contains($0.name.lowercased())
                }
                plan.basic = nil
            }
            plan.url = location
            if answer.status == 303 || (answer.status < 303 && plan.method == "POST") {
                plan.method = plan.method == "HEAD" ? "HEAD" : "GET"
                plan.body = nil
                plan.contentType = nil
            }
            if plan.bodyHoldsSecret, plan.body != nil,
                try !Target(location).isSameOrigin(as: target)
            {
                throw NodeFailure(
                    "HTTP_SECRET_REDIRECTED",
                    "the request was redirected to another origin, which its body's secret may not follow"
                )
            }
        }
    }

    private func exchange(
        _ plan: HTTPPlan, _ target: Target, token: String, traceparent: String,
        deadline: ContinuousClock.Instant
    ) async throws(NodeFailure) -> HTTPAnswer {
        let addresses = try await allowedAddresses(target)
        let request = Self.request(plan, target, token: token, traceparent: traceparent)
        var failure = NodeFailure("HTTP_UNREACHABLE", "'\(target.host)' has no address")
        for address in addresses {
            do throws(HTTPClientError) {
                let response = try await client.send(
                    request, at: .init(address: address, port: target.port), until: deadline)
                return HTTPAnswer(
                    status: response.status, headers: response.headers, body: response.body)
            } catch {
                failure = Self.failure(error, target, plan)
                // A request that may have been sent is not sent again.
                guard error.isUnconnected else { break }
            }
        }
        throw failure
    }

    private static func request(
        _ plan: HTTPPlan, _ target: Target, token: String, traceparent: String
    ) -> HTTPClientRequest {
        var request = HTTPClientRequest(
            method: plan.method, url: target.url.absoluteString,
            responseBytesMax: plan.responseBytesMax)
        request.headers = plan.headers.map { .init($0.name, $0.value) }
        if let basic = plan.basic {
            let credentials = Data("\(basic.username):\(basic.password)".utf8)
            request.replaceHeader("authorization", "Basic \(credentials.base64EncodedString())")
        }
        request.replaceHeader("idempotency-key", token)
        if !traceparent.isEmpty { request.addHeaderIfMissing("traceparent", traceparent) }
        request.addHeaderIfMissing("user-agent", "signalbox")
        if let body = plan.body {
            request.body = Array(body.utf8)
            if let type = plan.contentType { request.addHeaderIfMissing("content-type", type) }
        }
        return request
    }

    /// The addresses of a target that may be connected to, in the order they are tried.
    private func allowedAddresses(_ target: Target) async throws(NodeFailure) -> [String] {
        let found: [String]
        do {
            found = try await resolve(target.host)
        } catch {
            throw NodeFailure("HTTP_UNREACHABLE", "the name '\(target.host)' cannot be resolved")
        }
        guard let first = found.first else {
            throw NodeFailure("HTTP_UNREACHABLE", "the name '\(target.host)' has no IP address")
        }
        let allowed = found.filter { address in
            AddressRules.isPublic(address)
                || rules.isAllowed(host: target.host, address: address, port: target.port)
        }
        guard !allowed.isEmpty else {
            throw NodeFailure(
                "HTTP_FORBIDDEN_ADDRESS",
                "'\(target.host)' is \(first), which is not a public address; the operator can allow "
                    + "\(target.host):\(target.port)")
        }
        return allowed
    }

    private static func failure(_ error: HTTPClientError, _ target: Target, _ plan: HTTPPlan)
        -> NodeFailure
    {
        switch error {
        case .tooLarge(let limit):
            NodeFailure(
                "HTTP_RESPONSE_TOO_LARGE", "the response exceeds the limit of \(limit) bytes")
        case .timedOut, .connectTimedOut:
            NodeFailure("HTTP_TIMED_OUT", "'\(target.host)' did not answer in time")
        case .cancelled:
            NodeFailure("CANCELLED", "the request was cancelled")
        case .invalid, .unconnected, .headTooLarge, .overloaded, .shutDown, .failed:
            NodeFailure(
                "HTTP_UNREACHABLE", "no answer from \(target.host):\(target.port): \(error)")
        }
    }

    private static func output(_ answer: HTTPAnswer) throws(NodeFailure) -> String {
        let json = answer.json
        guard (200..<300).contains(answer.status) else {
            throw NodeFailure(
                "HTTP_STATUS", "expected a status from 200 to 299, got \(answer.status)",
                detailsJSON: json)
        }
        return json
    }

    /// Where a URL leads.
    struct Target: Sendable {
        let url: URL
        let host: String
        let port: Int

        init(_ text: String) throws(NodeFailure) {
            guard HTTPNode.isURL(text), let url = URL(string: text), var host = url.host() else {
                throw NodeFailure("HTTP_BAD_URL", "expected \(HTTPNode.urlRule), got '\(text)'")
            }
            if host.hasPrefix("["), host.hasSuffix("]") {
                host = String(host.dropFirst().dropLast())
            }
            self.url = url
            self.host = host
            port = url.port ?? (url.scheme?.lowercased() == "https" ? 443 : 80)
        }

        func isSameOrigin(as other: Target) -> Bool {
            url.scheme?.lowercased() == other.url.scheme?.lowercased()
                && host.lowercased() == other.host.lowercased() && port == other.port
        }
    }
}

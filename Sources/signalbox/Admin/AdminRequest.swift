/// What the admin listener makes of a request's head: a decision, without any I/O.
enum AdminRequest: Equatable {
    case metrics
    case health
    case readiness
    case refused(status: Int, message: String)

    /// - Parameter requiresLoopbackHost: on a loopback listener a page of a foreign name must not
    ///   reach us through the browser of this machine (DNS rebinding), nor may a page of a foreign
    ///   origin make it ask.
    init(
        method: String, uri: String, hosts: [String], origins: [String] = [],
        requiresLoopbackHost: Bool
    ) {
        guard hosts.count == 1, let host = hosts.first else {
            self = .refused(status: 400, message: "expected one Host header, got \(hosts.count)")
            return
        }
        guard !requiresLoopbackHost || Self.isLoopback(host) else {
            self = .refused(status: 403, message: "expected a loopback Host")
            return
        }
        guard !requiresLoopbackHost || origins.allSatisfy(Self.isLoopbackOrigin) else {
            self = .refused(status: 403, message: "expected no foreign Origin")
            return
        }
        guard method == "GET" || method == "HEAD" else {
            self = .refused(status: 405, message: "expected GET or HEAD")
            return
        }
        switch uri.prefix(while: { $0 != "?" }) {
        case "/metrics": self = .metrics
        case "/healthz": self = .health
        case "/readyz": self = .readiness
        default: self = .refused(status: 404, message: "there are /metrics, /healthz and /readyz")
        }
    }

    private static func isLoopbackOrigin(_ origin: String) -> Bool {
        ["http://", "https://"].contains { scheme in
            origin.hasPrefix(scheme) && isLoopback(String(origin.dropFirst(scheme.count)))
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        let name: Substring
        if host.first == "[", let end = host.firstIndex(of: "]") {
            name = host[host.index(after: host.startIndex)..<end]
            let rest = host[host.index(after: end)...]
            guard rest.isEmpty || isPort(rest) else { return false }
        } else {
            let parts = host.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2, let first = parts.first else { return false }
            guard parts.count == 1 || isPort(":" + parts[1]) else { return false }
            name = first
        }
        if name == "localhost" || name == "::1" { return true }
        let numbers = name.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127"
            && numbers.allSatisfy { UInt8($0) != nil }
    }

    private static func isPort(_ text: some StringProtocol) -> Bool {
        text.first == ":" && UInt16(text.dropFirst()) != nil
    }
}

internal import ArgumentParser

/// `HOST:PORT`, an IPv6 address in brackets.
struct HostAndPort: Sendable, Equatable, CustomStringConvertible {
    let host: String
    let port: Int

    /// - Throws: `ValidationError` that names `flag`.
    init(_ text: String, flag: String) throws {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else { throw ValidationError("\(flag): expected HOST:PORT, got '\(text)'") }
        var host = text[..<colon]
        if host.first == "[", host.last == "]" {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw ValidationError("\(flag): expected an IPv6 address in brackets, got '\(text)'")
        }
        guard !host.isEmpty else { throw ValidationError("\(flag): expected a host in '\(text)'") }
        self.host = String(host)
        self.port = Int(port)
    }

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether only this machine can reach it.
    var isLoopback: Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }
}

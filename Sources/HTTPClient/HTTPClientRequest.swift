/// One request, with its body.
package struct HTTPClientRequest: Sendable, Equatable {
    /// One header line.
    package struct Header: Sendable, Equatable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Where a connection is made, whatever the name in the URL leads to.
    package struct Endpoint: Sendable, Equatable {
        /// An IPv4 or IPv6 address, without brackets.
        package var address: String
        package var port: Int

        package init(address: String, port: Int) {
            self.address = address
            self.port = port
        }
    }

    /// As it is sent, for example `GET`.
    package var method: String
    /// Of the scheme `http` or `https`, without credentials, percent-encoded.
    package var url: String
    /// All that are sent beside `host` and what frames the body.
    package var headers: [Header]
    /// nil: none.
    package var body: [UInt8]?
    /// Bytes that the answer's body may have.
    package var responseBytesMax: Int

    package init(
        method: String = "GET", url: String, headers: [Header] = [], body: [UInt8]? = nil,
        responseBytesMax: Int
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.responseBytesMax = responseBytesMax
    }

    /// Whether a `content-length` is sent: always with a body, and without one where the method
    /// would lead a server to expect one (RFC 9110, section 8.6).
    var hasFraming: Bool {
        if let body, !body.isEmpty { return true }
        return !["GET", "HEAD", "DELETE", "TRACE"].contains(method)
    }

    /// The name and port in the URL, as they stand there but in lower case.
    var host: String {
        guard let start = url.firstRange(of: "://")?.upperBound else { return "" }
        return url[start...].prefix { !"/?#".contains($0) }.lowercased()
    }

    /// Whether it has a header of this name, in lower case.
    func has(_ name: String) -> Bool { headers.contains { $0.name.lowercased() == name } }

    /// Adds a header instead of those of its name, which is in lower case.
    package mutating func replaceHeader(_ name: String, _ value: String) {
        headers.removeAll { $0.name.lowercased() == name }
        headers.append(Header(name, value))
    }

    /// Adds a header unless there is one of its name, which is in lower case.
    package mutating func addHeaderIfMissing(_ name: String, _ value: String) {
        if !has(name) { headers.append(Header(name, value)) }
    }

    /// Refuses what would make another request, or two, of it.
    /// - Throws: `HTTPClientError.invalid`.
    func check() throws(HTTPClientError) {
        guard Self.isToken(method), method != "CONNECT" else {
            throw .invalid("'\(Self.printable(method))' is no method that can be sent")
        }
        guard method != "HEAD" || (body ?? []).isEmpty else {
            throw .invalid("a HEAD request has no body")
        }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .invalid("expected a percent-encoded URL, got '\(Self.printable(url))'")
        }
        for header in headers {
            let name = Self.printable(header.name)
            guard Self.isToken(header.name) else {
                throw .invalid("'\(name)' is no header's name")
            }
            guard
                !["content-length", "transfer-encoding", "expect"].contains(
                    header.name.lowercased())
            else {
                throw .invalid("the header '\(name)' is the client's own")
            }
            guard header.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw .invalid("the header '\(name)' holds what HTTP headers may not")
            }
        }
    }

    /// RFC 9110, section 5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || (0x30...0x39).contains(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }

    /// For messages: a text of others without line breaks, cut.
    private static func printable(_ text: String) -> String {
        String(
            decoding: text.utf8.prefix(200).map {
                $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: "?") : $0
            },
            as: UTF8.self)
    }
}

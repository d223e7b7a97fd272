internal import Compression
internal import Cryptography
internal import HTTPTypes
internal import NIOCore

extension Answer {
    /// A body smaller than this gains nothing from gzip.
    private static let gzipBytesMin = 1 << 10

    /// Adds what the request's header fields ask for: an entity tag and 304 for what may be read,
    /// and gzip.
    func finished(for method: HTTPRequest.Method, _ fields: HTTPFields) -> Answer {
        var answer = self
        answer.tag(method, fields)
        answer.compress(fields)
        return answer
    }

    private mutating func tag(_ method: HTTPRequest.Method, _ fields: HTTPFields) {
        guard case .bytes(let bytes) = body, status == .ok, method == .get || method == .head,
            headers[.eTag] == nil, headers[.cacheControl] != "no-store"
        else { return }
        // Weak: the same for the compressed form.
        let digest = Digest.sha256.hash(bytes.readableBytesView).prefix(12)
        let tag = "W/\"" + digest.map { Self.hex($0) }.joined() + "\""
        headers[.eTag] = tag
        if headers[.cacheControl] == nil { headers[.cacheControl] = "private, no-cache" }
        guard let wanted = fields[.ifNoneMatch], Self.matches(wanted, tag) else { return }
        status = .notModified
        headers[.contentType] = nil
        body = .none
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return byte < 16 ? "0" + digits : digits
    }

    /// The weak comparison (RFC 9110, section 8.8.3.2).
    static func matches(_ list: String, _ tag: String) -> Bool {
        func opaque(_ tag: some StringProtocol) -> String {
            String(tag.hasPrefix("W/") ? tag.dropFirst(2) : tag[...])
        }
        return list.split(separator: ",").contains { part in
            let part = part.trimming { $0 == " " || $0 == "\t" }
            return part == "*" || opaque(part) == opaque(tag)
        }
    }

    private mutating func compress(_ fields: HTTPFields) {
        guard headers[.contentEncoding] == nil else { return }
        switch body {
        case .none, .events, .webSocket:
            // Events must not wait in a compressor.
            return
        case .bytes(let bytes):
            guard bytes.readableBytes >= Self.gzipBytesMin else { return }
            addVary("accept-encoding")
            guard Self.acceptsGzip(fields),
                let packed = try? Gzip.compress(Array(bytes.readableBytesView), level: 1)
            else { return }
            body = .bytes(ByteBuffer(bytes: packed))
        case .stream:
            addVary("accept-encoding")
            guard Self.acceptsGzip(fields) else { return }
        }
        headers[.contentEncoding] = "gzip"
    }

    /// Names a field that the answer depends on.
    mutating func addVary(_ name: String) {
        headers.addVary(name)
    }

    /// Whether `accept-encoding` lists gzip with a quality above zero (RFC 9110, section 12.5.3).
    static func acceptsGzip(_ fields: HTTPFields) -> Bool {
        guard let value = fields[.acceptEncoding] else { return false }
        return value.split(separator: ",").contains { item in
            let parts = item.split(separator: ";").map { $0.trimming { $0 == " " }.lowercased() }
            guard let name = parts.first, name == "gzip" || name == "*" else { return false }
            return !parts.dropFirst().contains { part in
                part.hasPrefix("q=") && (Double(part.dropFirst(2)) ?? 0) == 0
            }
        }
    }
}

extension HTTPFields {
    /// Names a field that the answer depends on.
    mutating func addVary(_ name: String) {
        guard let value = self[.vary] else { return self[.vary] = name }
        let names = value.split(separator: ",").map { $0.trimming { $0 == " " }.lowercased() }
        if !names.contains(name) { self[.vary] = "\(value), \(name)" }
    }
}

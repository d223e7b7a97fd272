internal import HTTPTypes

extension HeaderBlock {
    /// The request that these fields are; nil if they are none. The library has checked that the
    /// pseudo-header fields are there, once each, and before all others (RFC 9113, section 8.3).
    var httpRequest: HTTPRequest? {
        var method: HTTPRequest.Method?
        var scheme: String?
        var authority: String?
        var path: String?
        var host: String?
        var fields = HTTPFields()
        var isValid = true
        unsafe forEach { name, value in
            let text = unsafe String(decoding: value, as: UTF8.self)
            guard unsafe name.first == UInt8(ascii: ":") else {
                guard
                    let name = unsafe HTTPField.Name(
                        parsed: String(decoding: name, as: UTF8.self)),
                    HTTPField.isValidValue(text)
                else { return isValid = false }
                guard name.canonicalName != "host" else { return host = text }
                return fields.append(HTTPField(name: name, value: text))
            }
            switch unsafe String(decoding: name, as: UTF8.self) {
            case ":method": method = HTTPRequest.Method(text)
            case ":scheme": scheme = text
            case ":authority": authority = text
            case ":path": path = text
            default: isValid = false
            }
        }
        guard isValid, let method, let path,
            path.first == "/" || (path == "*" && method == .options),
            path.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return HTTPRequest(
            method: method, scheme: scheme, authority: authority ?? host, path: path,
            headerFields: fields)
    }
}

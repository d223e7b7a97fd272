internal import Foundation
internal import JSON

/// A response, read whole.
struct HTTPAnswer: Sendable {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    private func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }

    /// Where it redirects to, if it does.
    func redirect(from url: URL) -> String? {
        guard [301, 302, 303, 307, 308].contains(status), let location = header("location") else {
            return nil
        }
        return URL(string: location, relativeTo: url)?.absoluteString
    }

    /// `{status, headers, body}`: a JSON body as it is, any other as a string, none as null.
    var json: String {
        var joined: [(String, String)] = []
        for (name, value) in headers {
            let name = name.lowercased()
            if let index = joined.firstIndex(where: { $0.0 == name }) {
                joined[index].1 += ", " + value
            } else {
                joined.append((name, value))
            }
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("status")
        writer.integer(status)
        writer.key("headers")
        writer.beginObject()
        for (name, value) in joined {
            writer.key(name)
            writer.string(value)
        }
        writer.endObject()
        writer.key("body")
        if body.isEmpty {
            writer.null()
        } else if header("content-type")?.lowercased().contains("json") ?? false,
            let text = try? JSONText(validating: body)
        {
            writer.raw(text)
        } else {
            writer.string(String(decoding: body, as: UTF8.self))
        }
        writer.endObject()
        return writer.finish().text
    }
}

internal import Foundation
internal import JSON

/// Takes the values of secrets out of whatever came back: as they are, and as URLs, JSON strings and
/// base64 write them. Linear in the text for each value.
struct SecretMask: Sendable {
    static let shown = "***"

    /// Every form of every value, the longest first.
    private let forms: [[UInt8]]

    init(_ values: [String]) {
        var forms: Set<[UInt8]> = []
        for value in values where !value.isEmpty {
            forms.insert(Array(value.utf8))
            forms.insert(Array(PercentEncoding.component(value).utf8))
            forms.insert(Array(JSONText(.string(value)).text.utf8.dropFirst().dropLast()))
            forms.insert(Array(Data(value.utf8).base64EncodedString().utf8))
        }
        self.forms = forms.sorted { $0.count > $1.count }
    }

    func masked(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var start = 0
        var position = 0
        while position < bytes.count {
            let rest = bytes[position...]
            if let form = forms.first(where: { rest.starts(with: $0) }) {
                result += bytes[start..<position]
                result += Self.shown.utf8
                position += form.count
                start = position
            } else {
                position += 1
            }
        }
        guard start > 0 else { return text }
        result += bytes[start...]
        return String(decoding: result, as: UTF8.self)
    }

    /// A JSON document with every string masked; a number that holds a value becomes a string.
    func masked(json text: String) -> String {
        guard let value = try? JSONValue(JSONText(trusted: text)) else { return masked(text) }
        return JSONText(masked(value)).text
    }

    private func masked(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text):
            return .string(masked(text))
        case .number(let number):
            let text = masked(number.text)
            return text == number.text ? value : .string(text)
        case .array(let elements):
            return .array(elements.map(masked))
        case .object(let object):
            var result = JSONObject()
            for member in object.members { result[masked(member.key)] = masked(member.value) }
            return .object(result)
        case .null, .bool:
            return value
        }
    }

    func masked(_ failure: NodeFailure) -> NodeFailure {
        NodeFailure(
            failure.code, masked(failure.message),
            detailsJSON: failure.detailsJSON.isEmpty ? "" : masked(json: failure.detailsJSON))
    }
}

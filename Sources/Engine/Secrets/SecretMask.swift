internal import JSON

/// Takes the values of secrets out of whatever came back, in every form that `SecretForm` knows.
struct SecretMask: Sendable {
    static let shown = "***"

    /// Of every value, by what it may begin with.
    private let forms: [UInt8: [SecretForm]]
    private let formCount: Int

    init(_ values: [String]) {
        var forms: [UInt8: [SecretForm]] = [:]
        for value in Set(values) where !value.isEmpty {
            for form in SecretForm.all(of: value) {
                for byte in Set(form.beginnings) { forms[byte, default: []].append(form) }
            }
        }
        self.forms = forms
        formCount = Set(values).count
    }

    /// A text that repeats what a value repeats would be compared without end: of such a one nothing is
    /// shown.
    func masked(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var comparisonsLeft = (16 + 8 * formCount) * bytes.count + 4_096
        var result: [UInt8] = []
        // Up to where everything is in `result`.
        var start = 0
        var position = 0
        while position < bytes.count {
            let place = place(in: bytes, at: position, &comparisonsLeft)
            guard comparisonsLeft > 0 else { return Self.shown }
            guard let place else {
                position += 1
                continue
            }
            if place.lowerBound > start { result += bytes[start..<place.lowerBound] }
            result += Self.shown.utf8
            start = place.upperBound
            position = start
        }
        guard start > 0 else { return text }
        result += bytes[start...]
        return String(decoding: result, as: UTF8.self)
    }

    /// The place of a value that reaches furthest.
    private func place(
        in bytes: [UInt8], at index: Int, _ comparisonsLeft: inout Int
    ) -> Range<Int>? {
        guard let forms = forms[bytes[index]] else { return nil }
        var found: Range<Int>?
        for form in forms {
            guard let place = form.place(in: bytes, at: index, &comparisonsLeft) else { continue }
            if found.map({ $0.upperBound < place.upperBound }) ?? true { found = place }
        }
        return found
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

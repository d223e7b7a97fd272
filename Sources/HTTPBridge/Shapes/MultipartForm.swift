internal import HTTPTypes
package import NIOCore

/// A `multipart/form-data` body (RFC 7578) that was received whole.
package struct MultipartForm: Sendable, Equatable {
    /// One part.
    package struct Part: Sendable, Equatable {
        package let name: String
        /// nil: it is no file.
        package let fileName: String?
        package let content: ByteBuffer

        /// The content as text; nil where it is no UTF-8.
        package var text: String? {
            String(validating: content.readableBytesView, as: UTF8.self)
        }
    }

    /// Parts of one form.
    private static let partsMax = 4_096
    /// Bytes of one part's header fields.
    private static let headBytesMax = 8 << 10

    package let parts: [Part]

    /// Reads a body.
    /// - Parameter contentType: with the boundary.
    /// - Throws: `Fault` 400.
    package init(_ body: ByteBuffer, contentType: String) throws(Fault) {
        guard let boundary = Self.parameter("boundary", of: contentType),
            (1...70).contains(boundary.utf8.count)
        else { throw Self.malformed("a boundary of 1 to 70 characters") }
        let bytes = Array(body.readableBytesView)
        let delimiter = Array("--\(boundary)".utf8)
        guard var position = Self.find(delimiter, in: bytes, from: 0) else {
            throw Self.malformed("the boundary that its content-type names")
        }
        var parts: [Part] = []
        while true {
            position += delimiter.count
            if bytes[position...].starts(with: Array("--".utf8)) { break }
            guard let start = Self.find(Self.lineEnd, in: bytes, from: position),
                let end = Self.find(Self.lineEnd + delimiter, in: bytes, from: start),
                end >= start + Self.lineEnd.count
            else { throw Self.malformed("a closing boundary") }
            guard parts.count < Self.partsMax else {
                throw Self.malformed("at most \(Self.partsMax) parts")
            }
            parts.append(try Self.part(bytes[(start + 2)..<end]))
            position = end + 2
        }
        self.parts = parts
    }

    /// The text of the field `name`; nil where there is none.
    package func text(_ name: String) -> String? {
        parts.first { $0.name == name && $0.fileName == nil }?.text
    }

    /// The files, in order.
    package var files: [Part] { parts.filter { $0.fileName != nil } }

    private static let lineEnd = Array("\r\n".utf8)

    private static func part(_ bytes: ArraySlice<UInt8>) throws(Fault) -> Part {
        let whole = Array(bytes)
        let emptyLine = lineEnd + lineEnd
        guard let end = find(emptyLine, in: whole, from: 0), end <= headBytesMax,
            let head = String(validating: whole[..<end], as: UTF8.self)
        else { throw malformed("header fields and an empty line in each part") }
        var disposition: String?
        for line in head.split(separator: "\r\n") {
            let field = line.split(separator: ":", maxSplits: 1)
            guard field.count == 2 else { continue }
            if field[0].lowercased() == "content-disposition" { disposition = String(field[1]) }
        }
        guard let disposition, let name = parameter("name", of: disposition) else {
            throw malformed("a content-disposition with a name in each part")
        }
        return Part(
            name: name, fileName: parameter("filename", of: disposition),
            content: ByteBuffer(bytes: whole[(end + emptyLine.count)...]))
    }

    /// A parameter of a header field's value, quoted or not.
    private static func parameter(_ name: String, of value: String) -> String? {
        var rest = value[...]
        while let mark = rest.firstIndex(of: ";") {
            rest = rest[rest.index(after: mark)...]
            let trimmed = rest.drop { $0 == " " || $0 == "\t" }
            guard trimmed.lowercased().hasPrefix(name + "=") else { continue }
            let text = trimmed.dropFirst(name.count + 1)
            guard text.first == "\"" else {
                return text.prefix { $0 != ";" }.trimming { $0 == " " }.description
            }
            var unquoted = ""
            var isEscaped = false
            for character in text.dropFirst() {
                if isEscaped {
                    unquoted.append(character)
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    return unquoted
                } else {
                    unquoted.append(character)
                }
            }
            return nil
        }
        return nil
    }

    private static func find(_ pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard let first = pattern.first, bytes.count >= pattern.count else { return nil }
        var position = start
        while position <= bytes.count - pattern.count {
            if bytes[position] == first,
                bytes[position..<(position + pattern.count)].elementsEqual(pattern)
            {
                return position
            }
            position += 1
        }
        return nil
    }

    private static func malformed(_ expected: String) -> Fault {
        Fault(
            .badRequest, code: "MALFORMED_FORM", "expected \(expected) in the multipart form")
    }
}

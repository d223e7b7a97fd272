package import JSON
package import ProtobufRuntime

/// Members of an object in one line each; what there is not is `null`.
extension JSONWriter {
    package mutating func member(_ name: String, _ text: String?) {
        key(name)
        if let text { string(text) } else { null() }
    }

    package mutating func member(_ name: String, _ number: (some BinaryInteger)?) {
        key(name)
        if let number { integer(number) } else { null() }
    }

    package mutating func member(_ name: String, _ flag: Bool) {
        key(name)
        bool(flag)
    }

    /// An instant as text, see `InstantShape.text`.
    package mutating func member(_ name: String, instant: Timestamp?) {
        member(name, instant.map { InstantShape.text($0) })
    }

    /// An instant in milliseconds since 1970.
    package mutating func member(_ name: String, milliseconds instant: Timestamp?) {
        member(name, instant?.millisecondsSinceEpoch)
    }

    /// A document that we stored, spliced as it is; an empty text means there is none.
    package mutating func member(_ name: String, document: String) {
        key(name)
        if document.isEmpty { null() } else { raw(JSONText(trusted: document)) }
    }

    package mutating func member(_ name: String, _ write: (inout JSONWriter) -> Void) {
        key(name)
        write(&self)
    }

    /// An object.
    package mutating func object(_ write: (inout JSONWriter) -> Void) {
        beginObject()
        write(&self)
        endObject()
    }

    /// An array of what `write` writes of each element.
    package mutating func array<Element>(
        _ elements: some Sequence<Element>, _ write: (inout JSONWriter, Element) -> Void
    ) {
        beginArray()
        for element in elements { write(&self, element) }
        endArray()
    }
}

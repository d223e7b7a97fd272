/// Finds the .proto files behind names: what server reflection answers from.
///
/// Made once at start from the descriptor sets that the generator leaves; then only read.
package struct DescriptorIndex: Sendable {
    /// One `google.protobuf.FileDescriptorProto`.
    private struct File {
        let bytes: [UInt8]
        var imports: [String] = []
    }

    /// An extension by what it extends and its number.
    private struct ExtensionKey: Hashable {
        let type: String
        let number: Int32
    }

    private var files: [String: File] = [:]
    private var fileBySymbol: [String: String] = [:]
    private var fileByExtension: [ExtensionKey: String] = [:]
    private var types: Set<String> = []

    /// An index of all files in serialized `google.protobuf.FileDescriptorSet`s.
    package init(_ sets: [[UInt8]]) {
        for set in sets {
            var reader = DescriptorReader(set[...])
            while let field = reader.next() {
                if field.number == 1, case .bytes(let file) = field.value { addFile(file) }
            }
        }
    }

    /// A file and everything it imports, itself first; nil if it is not known.
    package func files(named name: String) -> [[UInt8]]? {
        guard files[name] != nil else { return nil }
        var found: [[UInt8]] = []
        var seen: Set<String> = [name]
        var queue = [name]
        while let next = queue.first {
            queue.removeFirst()
            guard let file = files[next] else { continue }
            found.append(file.bytes)
            for name in file.imports where seen.insert(name).inserted { queue.append(name) }
        }
        return found
    }

    /// The files behind a service, method, message, enum, enum value, field or extension.
    package func files(declaring symbol: String) -> [[UInt8]]? {
        fileBySymbol[symbol].flatMap { files(named: $0) }
    }

    /// The files behind an extension of `type`.
    package func files(extending type: String, number: Int32) -> [[UInt8]]? {
        fileByExtension[ExtensionKey(type: type, number: number)].flatMap { files(named: $0) }
    }

    /// The numbers of all extensions of `type`, in order; nil if there is no such message.
    package func extensionNumbers(of type: String) -> [Int32]? {
        guard types.contains(type) else { return nil }
        return fileByExtension.keys.filter { $0.type == type }.map(\.number).sorted()
    }

    // The numbers below are those of google/protobuf/descriptor.proto.

    private mutating func addFile(_ bytes: ArraySlice<UInt8>) {
        var name = ""
        var package = ""
        var file = File(bytes: Array(bytes))
        var reader = DescriptorReader(bytes)
        while let field = reader.next() {
            switch field.number {
            case 1: name = field.value.text ?? ""
            case 2: package = field.value.text ?? ""
            case 3: field.value.text.map { file.imports.append($0) }
            default: break
            }
        }
        guard files[name] == nil else { return }
        files[name] = file
        reader = DescriptorReader(bytes)
        while let field = reader.next() {
            guard case .bytes(let declaration) = field.value else { continue }
            switch field.number {
            case 4: addMessage(declaration, in: package, file: name)
            case 5: addEnum(declaration, in: package, file: name)
            case 6: addService(declaration, in: package, file: name)
            case 7: addExtension(declaration, in: package, file: name)
            default: break
            }
        }
    }

    private mutating func addMessage(_ bytes: ArraySlice<UInt8>, in scope: String, file: String) {
        let name = add(bytes, in: scope, file: file)
        types.insert(name)
        var reader = DescriptorReader(bytes)
        while let field = reader.next() {
            guard case .bytes(let declaration) = field.value else { continue }
            switch field.number {
            case 2, 8: add(declaration, in: name, file: file)
            case 3: addMessage(declaration, in: name, file: file)
            case 4: addEnum(declaration, in: name, file: file)
            case 6: addExtension(declaration, in: name, file: file)
            default: break
            }
        }
    }

    private mutating func addEnum(_ bytes: ArraySlice<UInt8>, in scope: String, file: String) {
        add(bytes, in: scope, file: file)
        var reader = DescriptorReader(bytes)
        while let field = reader.next() {
            guard field.number == 2, case .bytes(let value) = field.value else { continue }
            // An enum's values are its siblings.
            add(value, in: scope, file: file)
        }
    }

    private mutating func addService(_ bytes: ArraySlice<UInt8>, in scope: String, file: String) {
        let name = add(bytes, in: scope, file: file)
        var reader = DescriptorReader(bytes)
        while let field = reader.next() {
            if field.number == 2, case .bytes(let method) = field.value {
                add(method, in: name, file: file)
            }
        }
    }

    private mutating func addExtension(_ bytes: ArraySlice<UInt8>, in scope: String, file: String) {
        add(bytes, in: scope, file: file)
        var type = ""
        var number: Int32 = 0
        var reader = DescriptorReader(bytes)
        while let field = reader.next() {
            switch (field.number, field.value) {
            case (2, let value): type = value.text ?? ""
            case (3, .varint(let value)): number = Int32(truncatingIfNeeded: value)
            default: break
            }
        }
        // Type names are absolute in what protoc writes: a dot comes first.
        if type.first == "." { type.removeFirst() }
        fileByExtension[ExtensionKey(type: type, number: number)] = file
    }

    /// Adds one declaration's name, which is field 1 of every kind of descriptor.
    @discardableResult
    private mutating func add(
        _ bytes: ArraySlice<UInt8>, in scope: String, file: String
    ) -> String {
        var reader = DescriptorReader(bytes)
        var name = ""
        while let field = reader.next() {
            if field.number == 1 { name = field.value.text ?? "" }
        }
        let fullName = scope.isEmpty ? name : "\(scope).\(name)"
        fileBySymbol[fullName] = file
        return fullName
    }
}

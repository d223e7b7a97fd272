"""Swift values from and to protoc-c's structs."""

from messages import prefix
from naming import c_accessor, c_function, c_type
from schema import OneofInfo


def write_message(text, message):
    """Decoding and encoding of one message.

    The generated code calls nothing generic of ProtobufRuntime: across modules it would not be
    specialized, and then looking up types costs more than protobuf-c itself.
    """
    access = prefix(message.access)
    with text.block(f"extension {message.swift_path}"):
        text.doc("Decodes the protobuf wire form.")
        with text.block(
            f"{access}init(protobufBytes bytes: UnsafeRawBufferPointer) throws(ProtobufDecodingError)"
        ):
            text.add("var arena = ProtobufArena(decoding: bytes.count)")
            text.add("defer { arena.free() }")
            text.add("let tree = try unsafe arena.unpack(")
            text.add(f"    bytes, {c_accessor(message.full_name)}(), Self.protobufName)")
            text.add(f"try unsafe self.init(c: tree.assumingMemoryBound(to: {message.c_type}.self))")
        text.add()
        text.doc("Hands `body` the protobuf wire form; the buffer is valid only inside.")
        with text.block(
            f"{access}func withProtobufBytes<Result>(\n"
            "    _ body: (UnsafeRawBufferPointer) throws -> Result\n"
            ") rethrows -> Result"
        ):
            text.add("var arena = ProtobufArena()")
            text.add("defer { arena.free() }")
            text.add("let tree = unsafe c(in: &arena)")
            text.add("return try unsafe body(arena.pack(tree))")
        text.add()
        write_decoder(text, message)
        text.add()
        write_encoder(text, message)


def write_decoder(text, message):
    text.doc("Copies a tree that protobuf-c made.")
    with text.block(f"init(c: UnsafePointer<{message.c_type}>) throws(ProtobufDecodingError)"):
        text.add("self.init()")
        for member in message.members():
            if isinstance(member, OneofInfo):
                decode_oneof(text, member)
            elif member.is_map:
                decode_map(text, member)
            elif member.repeated:
                decode_repeated(text, member)
            elif member.kind == "message":
                text.add(f"if let value = unsafe c.pointee.{member.c_name} {{")
                text.add(f"    self.{member.swift_name} = try unsafe {member.element}(c: value)")
                text.add("}")
            else:
                value = decoded(member, f"c.pointee.{member.c_name}")
                text.add(f"self.{member.swift_name} = {value}")


def decoded(field, source):
    """The Swift value of a C value that is not a message."""
    if field.kind == "string":
        return f'try unsafe ProtobufField.string({source}, Self.protobufName, "{field.proto.name}")'
    if field.kind == "bytes":
        return f"unsafe ProtobufField.bytes({source})"
    if field.kind == "bool":
        return f"unsafe {source} != 0"
    if field.kind == "enum":
        return f"unsafe {field.element}(rawValue: Int32(truncatingIfNeeded: {source}.rawValue))"
    return f"unsafe {source}"


def decode_repeated(text, field):
    name, target = field.c_name, f"self.{field.swift_name}"
    with text.block(f"if let elements = unsafe c.pointee.{name}"):
        text.add(f"let count = unsafe c.pointee.n_{name}")
        if field.kind == "scalar":
            text.add(f"{target} = unsafe Array(UnsafeBufferPointer(start: elements, count: count))")
            return
        text.add(f"{target}.reserveCapacity(count)")
        with text.block("for index in 0..<count"):
            if field.kind == "message":
                text.add("guard let element = unsafe elements[index] else { continue }")
                text.add(f"{target}.append(try unsafe {field.element}(c: element))")
            else:
                text.add(f"{target}.append({decoded(field, 'elements[index]')})")


def decode_map(text, field):
    text.add(f"for index in unsafe 0..<c.pointee.n_{field.c_name} {{")
    text.add(f"    guard let entry = unsafe c.pointee.{field.c_name}[index] else {{ continue }}")
    key = decoded(field.map_key, "entry.pointee.key")
    if field.map_value.kind == "message":
        element = field.map_value.element
        text.add(f"    let key = {key}")
        text.add("    if let value = unsafe entry.pointee.value {")
        text.add(f"        self.{field.swift_name}[key] = try unsafe {element}(c: value)")
        text.add("    } else {")
        text.add(f"        self.{field.swift_name}[key] = {element}()")
        text.add("    }")
    else:
        text.add(f"    let key = {key}")
        value = decoded(field.map_value, "entry.pointee.value")
        text.add(f"    self.{field.swift_name}[key] = {value}")
    text.add("}")


def decode_oneof(text, oneof):
    # The union is untagged: only the case says which member may be read.
    text.add(f"switch unsafe c.pointee.{oneof.name.lower()}_case.rawValue {{")
    for field in oneof.fields:
        text.add(f"case {field.proto.number}:")
        if field.kind == "message":
            text.add(f"    if let value = unsafe c.pointee.{field.c_name} {{")
            text.add(
                f"        self.{oneof.swift_name} = .{field.swift_name}(try unsafe {field.element}(c: value))"
            )
            text.add("    }")
        else:
            value = decoded(field, f"c.pointee.{field.c_name}")
            text.add(f"    self.{oneof.swift_name} = .{field.swift_name}({value})")
    text.add("default: break")
    text.add("}")


def write_encoder(text, message):
    text.doc("Builds the tree that protobuf-c packs; it lives as long as the arena.")
    with text.block(
        f"func c(in arena: inout ProtobufArena) -> UnsafeMutablePointer<{message.c_type}>"
    ):
        allocate(text, "c", message.c_type, message.c_function)
        for member in message.members():
            if isinstance(member, OneofInfo):
                encode_oneof(text, member)
            elif member.is_map:
                encode_map(text, member)
            elif member.repeated:
                encode_repeated(text, member)
            elif member.kind == "message":
                text.add(f"if let value = self.{member.swift_name} {{")
                text.add(f"    unsafe c.pointee.{member.c_name} = unsafe value.c(in: &arena)")
                text.add("}")
            else:
                encode_value(text, member, f"c.pointee.{member.c_name}", f"self.{member.swift_name}")
        text.add("return unsafe c")


def encode_value(text, field, target, source):
    """Assigns a value that is not a message to a C member."""
    if field.kind in ("string", "bytes"):
        value = f"unsafe arena.copy({source})"
    elif field.kind == "bool":
        value = f"{source} ? 1 : 0"
    elif field.kind == "enum":
        value = f".init(rawValue: .init(truncatingIfNeeded: {source}.rawValue))"
    else:
        value = source
    text.add(f"unsafe {target} = {value}")


def encode_repeated(text, field):
    name, source = field.c_name, f"self.{field.swift_name}"
    begin_elements(text, name, source, c_element(field))
    if field.kind == "message":
        text.add("unsafe next.initialize(to: element.c(in: &arena))")
    else:
        encode_value(text, field, "next.pointee", "element")
    end_elements(text, name)


def begin_elements(text, name, source, element_type):
    """Opens a loop over `source` with `next` at the place of `element`."""
    text.add(f"if !{source}.isEmpty {{")
    text.depth += 1
    text.add(f"let count = {source}.count")
    text.add("let elements = unsafe arena.allocate(")
    text.add(f"    byteCount: count * MemoryLayout<{element_type}>.stride")
    text.add(f").bindMemory(to: {element_type}.self, capacity: count)")
    text.add("var next = unsafe elements")
    text.add(f"for element in {source} {{")
    text.depth += 1


def end_elements(text, name):
    text.add("unsafe next += 1")
    text.depth -= 1
    text.add("}")
    text.add(f"unsafe c.pointee.n_{name} = count")
    text.add(f"unsafe c.pointee.{name} = unsafe elements")
    text.depth -= 1
    text.add("}")


def c_element(field):
    """The C type, as Swift imports it, of one element of a repeated field."""
    if field.kind == "message":
        return f"UnsafeMutablePointer<{c_type(field.proto.type_name[1:])}>?"
    if field.kind in ("string", "bytes"):
        return "ProtobufCBinaryData"
    if field.kind == "enum":
        return c_type(field.proto.type_name[1:])
    return "protobuf_c_boolean" if field.kind == "bool" else field.element


def encode_map(text, field):
    # Sorted, so that equal messages have equal bytes.
    source = f"self.{field.swift_name}.sorted(by: {{ $0.key < $1.key }})"
    entry_type = field.entry_c_type
    text.add("do {")
    text.depth += 1
    text.add(f"let sorted = {source}")
    begin_elements(text, field.c_name, "sorted", f"UnsafeMutablePointer<{entry_type}>?")
    allocate(text, "entry", entry_type, c_function(field.proto.type_name[1:]))
    encode_value(text, field.map_key, "entry.pointee.key", "element.key")
    if field.map_value.kind == "message":
        text.add("unsafe entry.pointee.value = unsafe element.value.c(in: &arena)")
    else:
        encode_value(text, field.map_value, "entry.pointee.value", "element.value")
    text.add("unsafe next.initialize(to: entry)")
    end_elements(text, field.c_name)
    text.depth -= 1
    text.add("}")


def allocate(text, name, struct, function):
    """An initialized C struct in the arena."""
    text.add(f"let {name} = unsafe arena.allocate(byteCount: MemoryLayout<{struct}>.stride)")
    text.add(f"    .bindMemory(to: {struct}.self, capacity: 1)")
    text.add(f"unsafe {function}__init({name})")


def encode_oneof(text, oneof):
    text.add(f"switch self.{oneof.swift_name} {{")
    for field in oneof.fields:
        text.add(f"case .{field.swift_name}(let value)?:")
        case = f"c.pointee.{oneof.name.lower()}_case"
        text.add(f"    unsafe {case} = .init(rawValue: {field.proto.number})")
        text.depth += 1
        if field.kind == "message":
            text.add(f"unsafe c.pointee.{field.c_name} = unsafe value.c(in: &arena)")
        else:
            encode_value(text, field, f"c.pointee.{field.c_name}", "value")
        text.depth -= 1
    text.add("case nil: break")
    text.add("}")

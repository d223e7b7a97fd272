"""Swift values from and to protoc-c's structs."""

from messages import prefix
from naming import c_accessor, c_function
from schema import OneofInfo


def write_message(text, message):
    """Decoding and encoding of one message."""
    access = prefix(message.access)
    with text.block(f"extension {message.swift_path}"):
        text.doc("Decodes the protobuf wire form.")
        with text.block(
            f"{access}init(protobufBytes bytes: UnsafeRawBufferPointer) throws(ProtobufDecodingError)"
        ):
            text.add("self = try unsafe ProtobufArena.decode(")
            text.add(f"    bytes, {c_accessor(message.full_name)}(), Self.protobufName")
            text.add(") { (tree: UnsafeRawPointer) throws(ProtobufDecodingError) in")
            text.add(f"    try unsafe Self(c: tree.assumingMemoryBound(to: {message.c_type}.self))")
            text.add("}")
        text.add()
        text.doc("Hands `body` the protobuf wire form; the buffer is valid only inside.")
        with text.block(
            f"{access}func withProtobufBytes<Result>(\n"
            "    _ body: (UnsafeRawBufferPointer) throws -> Result\n"
            ") rethrows -> Result"
        ):
            text.add("try unsafe ProtobufArena.encode({ arena in")
            text.add("    unsafe UnsafeMutableRawPointer(c(in: &arena))")
            text.add("}, body)")
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
    source = f"c.pointee.{field.c_name}, c.pointee.n_{field.c_name}"
    target = f"self.{field.swift_name}"
    if field.kind == "scalar":
        text.add(f"{target} = unsafe ProtobufField.scalars({source})")
        return
    if field.kind == "message":
        text.add(f"{target} = try unsafe ProtobufField.messages({source}) {{")
        text.add("    (element) throws(ProtobufDecodingError) in")
        text.add(f"    try unsafe {field.element}(c: element)")
    else:
        text.add(f"{target} = try unsafe ProtobufField.elements({source}) {{")
        text.add("    (element) throws(ProtobufDecodingError) in")
        # An enum or a bool in a parameter is a safe value; a string or bytes holds a pointer.
        value = decoded(field, "element")
        safe = field.kind in ("enum", "bool")
        text.add("    " + (value.removeprefix("unsafe ") if safe else value))
    text.add("}")


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
        text.add(f"let c = unsafe arena.allocate({message.c_type}.self)")
        text.add(f"unsafe {message.c_function}__init(c)")
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
    source = f"self.{field.swift_name}"
    text.add(f"unsafe c.pointee.n_{field.c_name} = {source}.count")
    target = f"unsafe c.pointee.{field.c_name}"
    if field.kind == "scalar":
        text.add(f"{target} = unsafe arena.scalars({source})")
        return
    if field.kind == "message":
        convert = "element, arena in unsafe element.c(in: &arena)"
    elif field.kind in ("string", "bytes"):
        convert = "element, arena in unsafe arena.copy(element)"
    elif field.kind == "bool":
        convert = "element, _ in element ? 1 : 0"
    else:
        convert = "element, _ in .init(rawValue: .init(truncatingIfNeeded: element.rawValue))"
    text.add(f"{target} = unsafe arena.array({source}) {{ {convert} }}")


def encode_map(text, field):
    # Sorted, so that equal messages have equal bytes.
    name = field.c_name
    text.add(f"unsafe c.pointee.n_{name} = self.{field.swift_name}.count")
    text.add(
        f"unsafe c.pointee.{name} = unsafe arena.array(self.{field.swift_name}.sorted {{ $0.key < $1.key }}) {{"
    )
    text.depth += 1
    text.add("(element, arena) in")
    text.add(f"let entry = unsafe arena.allocate({field.entry_c_type}.self)")
    text.add(f"unsafe {c_function(field.proto.type_name[1:])}__init(entry)")
    encode_value(text, field.map_key, "entry.pointee.key", "element.key")
    if field.map_value.kind == "message":
        text.add("unsafe entry.pointee.value = unsafe element.value.c(in: &arena)")
    else:
        encode_value(text, field.map_value, "entry.pointee.value", "element.value")
    text.add("return unsafe entry")
    text.depth -= 1
    text.add("}")


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

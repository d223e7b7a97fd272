"""proto3 JSON of messages."""

from messages import prefix
from schema import OneofInfo


def write_message(text, message):
    """Reading and writing JSON of one message."""
    access = prefix(message.access)
    witness = "" if message.access == "internal" else "package "
    with text.block(f"extension {message.swift_path}: ProtobufJSONMessage"):
        text.doc("Decodes proto3 JSON.")
        with text.block(f"{access}init(protobufJSON text: String) throws(ProtobufDecodingError)"):
            text.add("self = try ProtobufJSONReader.read(text)")
        text.add()
        text.doc("The proto3 JSON form, fields at their default left out.")
        text.add(f"{access}var protobufJSON: String {{ ProtobufJSONWriter.write(self) }}")
        text.add()
        write_reader(text, witness, message)
        text.add()
        write_writer(text, witness, message)


def write_reader(text, witness, message):
    text.doc("Reads one JSON object.")
    with text.block(
        f"{witness}init(json reader: inout ProtobufJSONReader) throws(ProtobufDecodingError)"
    ):
        text.add("self.init()")
        text.add("var object = try reader.beginObject(Self.protobufName)")
        with text.block("while let name = try reader.nextName(in: &object)"):
            text.add("switch name {")
            for index, field in enumerate(message.fields):
                names = ", ".join(f'"{name}"' for name in field.json_names)
                text.add(f"case {names}:")
                text.add(f"    if try reader.hasValue({index}, in: &object) {{")
                text.depth += 2
                read_field(text, message, field)
                text.depth -= 2
                text.add("    }")
            text.add("default: throw reader.unknownField(name, in: object)")
            text.add("}")


def read_field(text, message, field):
    if field.oneof is not None:
        oneof = message.oneofs[field.oneof]
        text.add(f"try reader.refuse(self.{oneof.swift_name} != nil, second: \"{oneof.name}\", in: object)")
        text.add(f"self.{oneof.swift_name} = .{field.swift_name}(try reader.value())")
    elif field.is_map:
        text.add(f"self.{field.swift_name} = try reader.map()")
    elif field.repeated:
        text.add(f"self.{field.swift_name} = try reader.array()")
    else:
        text.add(f"self.{field.swift_name} = try reader.value()")


def write_writer(text, witness, message):
    text.doc("Writes one JSON object.")
    with text.block(f"{witness}func write(json writer: inout ProtobufJSONWriter)"):
        text.add("writer.beginObject()")
        for member in message.members():
            if isinstance(member, OneofInfo):
                text.add(f"switch self.{member.swift_name} {{")
                for field in member.fields:
                    text.add(
                        f'case .{field.swift_name}(let value)?: writer.always("{field.json_names[0]}", value)'
                    )
                text.add("case nil: break")
                text.add("}")
            else:
                text.add(f'writer.{writer_of(member)}("{member.json_names[0]}", self.{member.swift_name})')
        text.add("writer.endObject()")


def writer_of(field):
    """The writer's method for a field."""
    if field.is_map:
        return "map"
    if field.repeated:
        return "array"
    return "present" if field.kind == "message" else "field"

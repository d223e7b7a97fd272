"""The schema as the generators read it: descriptors with their Swift and C names and comments."""

from dataclasses import dataclass

from google.protobuf import descriptor_pb2

import groups
import naming

Field = descriptor_pb2.FieldDescriptorProto

# Messages whose Swift side is written by hand in ProtobufRuntime.
WELL_KNOWN = {
    "google.protobuf.Timestamp": "Timestamp",
    "google.protobuf.Duration": "ProtobufDuration",
    "google.protobuf.Any": "ProtobufAny",
}

SCALARS = {
    Field.TYPE_DOUBLE: ("Double", "0"),
    Field.TYPE_FLOAT: ("Float", "0"),
    Field.TYPE_INT64: ("Int64", "0"),
    Field.TYPE_SINT64: ("Int64", "0"),
    Field.TYPE_SFIXED64: ("Int64", "0"),
    Field.TYPE_UINT64: ("UInt64", "0"),
    Field.TYPE_FIXED64: ("UInt64", "0"),
    Field.TYPE_INT32: ("Int32", "0"),
    Field.TYPE_SINT32: ("Int32", "0"),
    Field.TYPE_SFIXED32: ("Int32", "0"),
    Field.TYPE_UINT32: ("UInt32", "0"),
    Field.TYPE_FIXED32: ("UInt32", "0"),
    Field.TYPE_BOOL: ("Bool", "false"),
    Field.TYPE_STRING: ("String", '""'),
    Field.TYPE_BYTES: ("[UInt8]", "[]"),
}


# Names that a generated struct has already.
TAKEN_MEMBERS = {"self", "init", "protobufName", "protobufJSON", "withProtobufBytes", "c", "write"}


class Refusal(Exception):
    """A construct of protobuf that we do not generate code for."""


@dataclass
class FieldInfo:
    """One field."""

    proto: descriptor_pb2.FieldDescriptorProto
    comment: str
    swift_name: str
    c_name: str
    # The Swift type of one value, without [] or ?.
    element: str
    # "scalar", "string", "bytes", "bool", "enum" or "message".
    kind: str
    repeated: bool
    # For map<K, V>: the fields `key` and `value` and the C type of the entry.
    map_key: "FieldInfo | None" = None
    map_value: "FieldInfo | None" = None
    entry_c_type: str = ""
    # The index of the oneof it belongs to, or None.
    oneof: int | None = None

    @property
    def is_map(self):
        return self.map_key is not None

    @property
    def swift_type(self):
        if self.is_map:
            return f"[{self.map_key.element}: {self.map_value.element}]"
        if self.repeated:
            return f"[{self.element}]"
        return self.element + ("?" if self.kind == "message" else "")

    @property
    def swift_default(self):
        if self.is_map:
            return "[:]"
        if self.repeated:
            return "[]"
        if self.kind == "message":
            return "nil"
        if self.kind == "enum":
            return self.element + "()"
        return SCALARS[self.proto.type][1]

    @property
    def json_names(self):
        """The names JSON may use, the preferred one first."""
        names = [naming.json_name(self.proto)]
        if self.proto.name not in names:
            names.append(self.proto.name)
        return names


@dataclass
class OneofInfo:
    """One oneof."""

    name: str
    swift_name: str
    swift_type: str
    comment: str
    fields: list


@dataclass
class MessageInfo:
    """One message and what is nested in it."""

    full_name: str
    # `Execution`, or `BadRequest.FieldViolation`.
    swift_path: str
    swift_name: str
    c_type: str
    c_function: str
    comment: str
    access: str
    fields: list
    oneofs: list
    enums: list
    messages: list

    def members(self):
        """Stored properties in field order: fields, and each oneof at its first field's place."""
        seen = set()
        for field in self.fields:
            if field.oneof is None:
                yield field
            elif field.oneof not in seen:
                seen.add(field.oneof)
                yield self.oneofs[field.oneof]

    def all(self):
        """It and every message nested in it."""
        yield self
        for message in self.messages:
            yield from message.all()


@dataclass
class EnumInfo:
    """One enum: cases are (swift name, protobuf name, number, comment)."""

    swift_name: str
    swift_path: str
    full_name: str
    comment: str
    access: str
    cases: list


class Schema:
    """All files of one request, with their types by name."""

    def __init__(self, files, group):
        self.files = {file.name: file for file in files}
        self.group = group
        self.swift_paths = {}
        self.descriptors = {}
        for file in files:
            for message in file.message_type:
                self._index(file.package, "", "", message)
            for enum in file.enum_type:
                self._index_enum(file.package, "", "", enum)
        self._refuse_recursion()

    def _swift_name(self, package, full_name, name, nested):
        if full_name in WELL_KNOWN:
            return WELL_KNOWN[full_name]
        if full_name in self.group.rename:
            return self.group.rename[full_name]
        return name if nested else self.group.prefix.get(package, "") + name

    def _index(self, package, outer, outer_swift, message):
        full = ".".join(part for part in (outer or package, message.name) if part)
        swift = self._swift_name(package, full, message.name, bool(outer))
        path = f"{outer_swift}.{swift}" if outer_swift else swift
        self.swift_paths["." + full] = path
        self.descriptors["." + full] = message
        for nested in message.nested_type:
            self._index(package, full, path, nested)
        for enum in message.enum_type:
            self._index_enum(package, full, path, enum)

    def _index_enum(self, package, outer, outer_swift, enum):
        full = ".".join(part for part in (outer or package, enum.name) if part)
        swift = self._swift_name(package, full, enum.name, bool(outer))
        self.swift_paths["." + full] = f"{outer_swift}.{swift}" if outer_swift else swift

    def _refuse_recursion(self):
        """protobuf-c has no recursion limit, so no message may contain itself."""
        state = {}

        def visit(name, path):
            if state.get(name) == "done":
                return
            if state.get(name) == "open":
                raise Refusal(f"recursive message: {' -> '.join(path + [name])}")
            state[name] = "open"
            for field in self.descriptors[name].field:
                if field.type == Field.TYPE_MESSAGE and field.type_name in self.descriptors:
                    visit(field.type_name, path + [name])
            state[name] = "done"

        for name in self.descriptors:
            visit(name, [])

    def messages(self, file):
        """The top-level messages of `file`."""
        comments = Comments(file)
        return [
            self._message(file, message, file.package, (4, index), comments)
            for index, message in enumerate(file.message_type)
        ]

    def enums(self, file):
        """The top-level enums of `file`."""
        comments = Comments(file)
        return [
            self._enum(file, enum, file.package, (5, index), comments)
            for index, enum in enumerate(file.enum_type)
        ]

    def _message(self, file, message, outer, path, comments):
        full = f"{outer}.{message.name}" if outer else message.name
        swift_path = self.swift_paths["." + full]
        entries = {
            f".{full}.{nested.name}": nested
            for nested in message.nested_type
            if nested.options.map_entry
        }
        fields = [
            self._field(full, field, entries, comments.at(path + (2, index)))
            for index, field in enumerate(message.field)
        ]
        if len(fields) > 64:
            raise Refusal(f"{full}: more than 64 fields")
        oneofs = [
            OneofInfo(
                name=oneof.name,
                swift_name=naming.swift_member(oneof.name),
                swift_type=naming.to_camel(oneof.name),
                comment=comments.at(path + (8, index)) or f"The members of `{oneof.name}`; at most one is set.",
                fields=[field for field in fields if field.oneof == index],
            )
            for index, oneof in enumerate(message.oneof_decl)
        ]
        return MessageInfo(
            full_name=full,
            swift_path=swift_path,
            swift_name=swift_path.rsplit(".", 1)[-1],
            c_type=naming.c_type(full),
            c_function=naming.c_function(full),
            comment=comments.at(path) or f"The message `{full}`.",
            access=self.group.access_of(file.package),
            fields=fields,
            oneofs=oneofs,
            enums=[
                self._enum(file, enum, full, path + (4, index), comments)
                for index, enum in enumerate(message.enum_type)
            ],
            messages=[
                self._message(file, nested, full, path + (3, index), comments)
                for index, nested in enumerate(message.nested_type)
                if not nested.options.map_entry
            ],
        )

    def _field(self, message_name, field, entries, comment):
        where = f"{message_name}.{field.name}"
        if field.proto3_optional:
            raise Refusal(f"{where}: protoc-c refuses proto3 `optional`; use a message or a oneof")
        if naming.swift_member(field.name) in TAKEN_MEMBERS:
            raise Refusal(f"{where}: the name is taken in Swift")
        if field.type == Field.TYPE_GROUP or field.label == Field.LABEL_REQUIRED:
            raise Refusal(f"{where}: groups and required fields are not proto3")
        info = FieldInfo(
            proto=field,
            comment=comment or f"`{field.name}`, field {field.number}.",
            swift_name=naming.swift_member(field.name),
            c_name=naming.c_member(field.name),
            element="",
            kind="scalar",
            repeated=field.label == Field.LABEL_REPEATED,
            oneof=field.oneof_index if field.HasField("oneof_index") else None,
        )
        if field.type_name in entries:
            entry = entries[field.type_name]
            info.map_key = self._field(message_name, entry.field[0], {}, "")
            info.map_value = self._field(message_name, entry.field[1], {}, "")
            info.entry_c_type = naming.c_type(field.type_name[1:])
            if info.map_key.kind == "bool":
                raise Refusal(f"{where}: maps from bool are not supported")
            info.kind = "map"
        elif field.type in (Field.TYPE_MESSAGE, Field.TYPE_ENUM):
            info.element = self.swift_paths[field.type_name]
            info.kind = "message" if field.type == Field.TYPE_MESSAGE else "enum"
        else:
            info.element = SCALARS[field.type][0]
            info.kind = {
                Field.TYPE_STRING: "string",
                Field.TYPE_BYTES: "bytes",
                Field.TYPE_BOOL: "bool",
            }.get(field.type, "scalar")
        return info

    def _enum(self, file, enum, outer, path, comments):
        full = f"{outer}.{enum.name}" if outer else enum.name
        numbers = [value.number for value in enum.value]
        if len(set(numbers)) != len(numbers):
            raise Refusal(f"{full}: enum aliases are not supported")
        if numbers[0] != 0:
            raise Refusal(f"{full}: the first value must be 0")
        return EnumInfo(
            swift_name=self.swift_paths["." + full].rsplit(".", 1)[-1],
            swift_path=self.swift_paths["." + full],
            full_name=full,
            comment=comments.at(path) or f"The enum `{full}`.",
            access=self.group.access_of(file.package),
            cases=[
                (
                    naming.swift_case(enum.name, value.name),
                    value.name,
                    value.number,
                    comments.at(path + (2, index)) or f"`{value.name}`.",
                )
                for index, value in enumerate(enum.value)
            ],
        )


class Comments:
    """The comments of one file, by path."""

    def __init__(self, file):
        self.by_path = {
            tuple(location.path): location.leading_comments
            for location in file.source_code_info.location
        }

    def at(self, path):
        """The comment in front of the thing at `path`, without its margin."""
        text = self.by_path.get(tuple(path), "")
        return "\n".join(line.strip() for line in text.strip().split("\n"))

"""Sample messages for tests: each as Swift code beside the bytes and the JSON that Google's own
protobuf library makes of the same message."""

import json

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

import naming
from schema import Field

# Groups whose messages a test target can import, and the imports it needs.
IMPORTS = {
    "signalbox": "internal import Messages",
    "wire": "internal import RPC",
    "foundation": "internal import RPCFoundation",
    "everything": None,
}

UNKNOWN_ENUM = 99


class Samples:
    """Makes samples of every message of a schema."""

    def __init__(self, schema, text):
        self.schema = schema
        self.text = text
        pool = descriptor_pool.DescriptorPool()
        for file in schema.files.values():
            copy = descriptor_pb2.FileDescriptorProto()
            copy.CopyFrom(file)
            copy.ClearField("source_code_info")
            pool.Add(copy)
        self.pool = pool
        self.factory = message_factory.MessageFactory(pool)
        self.entries = []

    def new(self, full_name):
        return self.factory.GetPrototype(self.pool.FindMessageTypeByName(full_name))()

    def write(self, message):
        """All samples of one message: every oneof member once, every field set; then extremes."""
        variants = max([len(oneof.fields) for oneof in message.oneofs] + [1])
        for variant in range(variants):
            self.sample(message, f"full{variant}", Full(self, variant))
        self.sample(message, "extreme", Extreme(self))

    def sample(self, message, label, values):
        name = naming.swift_member(message.full_name.replace(".", "_")) + "_" + label
        google = self.new(message.full_name)
        with self.text.block(f"private func {name}() -> {message.swift_path}"):
            self.text.add(f"var message = {message.swift_path}()")
            count = len(self.text.lines)
            for field in message.fields:
                values.set(message, field, google)
            if len(self.text.lines) == count:
                self.text.lines[-1] = self.text.lines[-1].replace("var ", "let ")
            self.text.add("return message")
        self.text.add()
        self.entries.append((f"{message.full_name} {label}", name, google))

    def write_table(self, group):
        """The table of all samples."""
        with self.text.block(f"extension Sample"):
            self.text.doc(f"All samples of the group `{group.name}`.")
            # Computed: the leak checker does not see through the enums of a stored one.
            with self.text.block(f"static var {group.name}: [Sample]"):
                self.text.add("[")
                for label, function, google in self.entries:
                    wire = google.SerializeToString(deterministic=True).hex()
                    self.text.add(f"    Sample(")
                    self.text.add(f'        name: "{label}", message: {function}(),')
                    self.text.add(f'        wire: "{wire}",')
                    self.text.add(f"        json: {json_of(google)}),")
                self.text.add("]")


def json_of(google):
    """Google's JSON as a Swift literal; nil where a packed Any would need its type."""
    try:
        form = in_map_order(google, json_format.MessageToDict(google))
    except TypeError:
        return "nil"
    return swift_string(json.dumps(form, separators=(",", ":"), ensure_ascii=False))


def in_map_order(google, form):
    """`form` with the entries of maps in the order of their keys."""
    for field, value in google.ListFields():
        if field.type != Field.TYPE_MESSAGE or field.json_name not in form:
            continue
        if field.message_type.GetOptions().map_entry:
            is_text = field.message_type.fields_by_name["key"].type == Field.TYPE_STRING
            entries = form[field.json_name].items()
            entries = sorted(entries, key=lambda entry: entry[0] if is_text else int(entry[0]))
            form[field.json_name] = dict(entries)
        elif field.label == Field.LABEL_REPEATED:
            for element, element_form in zip(value, form[field.json_name]):
                if isinstance(element_form, dict):
                    in_map_order(element, element_form)
        elif isinstance(form[field.json_name], dict):
            in_map_order(value, form[field.json_name])
    return form


def swift_string(text):
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\u0001": "\\u{1}"}
    return '"' + "".join(escapes.get(character, character) for character in text) + '"'


class Full:
    """Every field set to something that is not its default."""

    def __init__(self, samples, variant):
        self.samples = samples
        self.variant = variant

    def set(self, message, field, google):
        text = self.samples.text
        proto = field.proto
        if field.oneof is not None:
            oneof = message.oneofs[field.oneof]
            if oneof.fields[self.variant % len(oneof.fields)] is not field:
                return
            swift, value = self.value(field)
            text.add(f"message.{oneof.swift_name} = .{field.swift_name}({swift})")
            assign(google, proto.name, value)
        elif field.is_map:
            for index in (1, 2):
                key_swift, key = self.value(field.map_key, index)
                swift, value = self.value(field.map_value, index)
                text.add(f"message.{field.swift_name}[{key_swift}] = {swift}")
                assign_map(google, proto.name, key, value)
        elif field.repeated:
            values = [self.value(field, index) for index in self.indexes()]
            text.add(f"message.{field.swift_name} = [{', '.join(swift for swift, _ in values)}]")
            for _, value in values:
                append(google, proto.name, value)
        else:
            swift, value = self.value(field)
            text.add(f"message.{field.swift_name} = {swift}")
            assign(google, proto.name, value)

    def indexes(self):
        return (1, 2, 3)

    def value(self, field, index=0):
        """(Swift expression, Python value) of one element."""
        proto = field.proto
        if field.kind == "string":
            text = f"{proto.name[:4]}{index} ü😀\"\\/\n\u0001"
            return swift_string(text), text
        if field.kind == "bytes":
            data = bytes([0, 255, 128, index, 62, 63][: 6 - index % 3])
            return f"[{', '.join(map(str, data))}]", data
        if field.kind == "bool":
            return "true", True
        if field.kind == "enum":
            number = [v.number for v in enum_values(self.samples, proto)][-1]
            return f"{field.element}(rawValue: {number})", number
        if field.kind == "message":
            return self.message(field, index)
        if proto.type == Field.TYPE_DOUBLE or proto.type == Field.TYPE_FLOAT:
            return str(1.5 + index), 1.5 + index
        bits = 63 if field.element == "Int64" else 31
        number = 2**bits - 1 - index
        return str(number), number

    def message(self, field, index):
        if field.element in ("Timestamp", "ProtobufDuration"):
            google = self.samples.new(field.proto.type_name[1:])
            google.seconds, google.nanos = 1_767_225_600 + index, (120_000_000, 120, 120_000, 0)[index]
            return f"{field.element}(seconds: {google.seconds}, nanos: {google.nanos})", google
        if field.element == "ProtobufAny":
            google = self.samples.new(field.proto.type_name[1:])
            google.type_url, google.value = "type.googleapis.com/x.Y", b"\x08\x01"
            return f'ProtobufAny(typeURL: "{google.type_url}", value: [8, 1])', google
        return self.nested(field, "full0")

    def nested(self, field, label):
        """An earlier sample of the field's type; made now where it is not."""
        full_name = field.proto.type_name[1:]
        wanted = f"{full_name} {label}"
        for entry, function, google in self.samples.entries:
            if entry == wanted:
                return f"{function}()", google
        return f"{field.element}()", self.samples.new(full_name)


class Extreme(Full):
    """Smallest numbers, empty elements, enum numbers that are not known, empty messages."""

    def __init__(self, samples):
        super().__init__(samples, 0)

    def indexes(self):
        return (0, 0)

    def set(self, message, field, google):
        # Google writes an entry's default value and protobuf-c does not; both are right.
        if field.is_map:
            Full(self.samples, 0).set(message, field, google)
        else:
            super().set(message, field, google)

    def value(self, field, index=0):
        proto = field.proto
        if field.kind == "string" and index == 0:
            return '""', ""
        if field.kind == "bytes":
            return "[]", b""
        if field.kind == "bool":
            return "false", False
        if field.kind == "enum":
            return f"{field.element}.unrecognized({UNKNOWN_ENUM})", UNKNOWN_ENUM
        if field.kind == "message":
            return f"{field.element}()", self.samples.new(proto.type_name[1:])
        if field.kind == "scalar" and field.element in ("Int32", "Int64"):
            number = -(2 ** (63 if field.element == "Int64" else 31)) + index
            return str(number), number
        return super().value(field, index)


def enum_values(samples, proto):
    return samples.pool.FindEnumTypeByName(proto.type_name[1:]).values


def assign(google, name, value):
    if hasattr(value, "SerializeToString"):
        getattr(google, name).CopyFrom(value)
        getattr(google, name).SetInParent()
    else:
        setattr(google, name, value)


def assign_map(google, name, key, value):
    if hasattr(value, "SerializeToString"):
        getattr(google, name)[key].CopyFrom(value)
    else:
        getattr(google, name)[key] = value


def append(google, name, value):
    if hasattr(value, "SerializeToString"):
        getattr(google, name).add().CopyFrom(value)
    else:
        getattr(google, name).append(value)

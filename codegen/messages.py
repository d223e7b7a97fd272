"""Swift structs and enums."""

import naming
from schema import OneofInfo


def write_enum(text, enum):
    """A Swift enum that keeps numbers it does not know."""
    access = prefix(enum.access)
    text.doc(enum.comment)
    with text.block(f"{access}enum {enum.swift_name}: ProtobufEnum"):
        for swift, _, _, comment in enum.cases:
            text.doc(comment)
            text.add(f"case {naming.swift_escaped(swift)}")
        text.doc("A number this version does not know; it is kept.")
        text.add("case unrecognized(Int32)")
        text.add()
        text.doc("Every value this version knows.")
        text.add(f"{access}static let allCases: [Self] = [")
        for swift, _, _, _ in enum.cases:
            text.add(f"    .{swift},")
        text.add("]")
        text.add()
        text.doc("The value with the number 0.")
        text.add(f"{access}init() {{ self = .{enum.cases[0][0]} }}")
        text.add()
        text.doc("The value with this number; `unrecognized` where there is none.")
        with text.block(f"{access}init(rawValue: Int32)"):
            text.add("switch rawValue {")
            for swift, _, number, _ in enum.cases:
                text.add(f"case {number}: self = .{swift}")
            text.add("default: self = .unrecognized(rawValue)")
            text.add("}")
        text.add()
        text.doc("The number on the wire.")
        with text.block(f"{access}var rawValue: Int32"):
            text.add("switch self {")
            for swift, _, number, _ in enum.cases:
                text.add(f"case .{swift}: {number}")
            text.add("case .unrecognized(let number): number")
            text.add("}")
        text.add()
        text.doc("The value with this name in the .proto file.")
        with text.block(f"{access}init?(protobufName: String)"):
            text.add("switch protobufName {")
            for swift, name, _, _ in enum.cases:
                text.add(f'case "{name}": self = .{swift}')
            text.add("default: return nil")
            text.add("}")
        text.add()
        text.doc("Its name in the .proto file; the number in decimal where it is not known.")
        with text.block(f"{access}var protobufName: String"):
            text.add("switch self {")
            for swift, name, _, _ in enum.cases:
                text.add(f'case .{swift}: "{name}"')
            text.add("case .unrecognized(let number): String(number)")
            text.add("}")


def write_message(text, message):
    """A Swift struct with the message's fields and what is nested in it."""
    access = prefix(message.access)
    members = [member_of(member) for member in message.members()]
    text.doc(message.comment)
    with text.block(f"{access}struct {message.swift_name}: ProtobufMessage"):
        text.doc("The full protobuf name.")
        text.add(f'{access}static let protobufName = "{message.full_name}"')
        text.add()
        for name, type_name, default, comment in members:
            text.doc(comment)
            text.add(f"{access}var {naming.swift_escaped(name)}: {type_name} = {default}")
        if members:
            text.add()
        text.doc("A message with every field at its default.")
        text.add(f"{access}init() {{}}")
        if members:
            text.add()
            write_member_initializer(text, access, members)
        for oneof in message.oneofs:
            text.add()
            write_oneof(text, access, oneof)
        for enum in message.enums:
            text.add()
            write_enum(text, enum)
        for nested in message.messages:
            text.add()
            write_message(text, nested)


def write_member_initializer(text, access, members):
    text.doc("A message with the given fields, the others at their defaults.")
    text.add(f"{access}init(")
    for index, (name, type_name, default, _) in enumerate(members):
        comma = "," if index < len(members) - 1 else ""
        text.add(f"    {naming.swift_escaped(name)}: {type_name} = {default}{comma}")
    with text.block(")"):
        for name, _, _, _ in members:
            text.add(f"self.{name} = {naming.swift_escaped(name)}")


def write_oneof(text, access, oneof):
    text.doc(oneof.comment)
    # Indirect: an array of messages costs one word per element instead of the largest member.
    indirect = "indirect " if any(field.kind == "message" for field in oneof.fields) else ""
    with text.block(f"{access}{indirect}enum {oneof.swift_type}: Sendable, Equatable"):
        for field in oneof.fields:
            text.doc(field.comment)
            text.add(f"case {naming.swift_escaped(field.swift_name)}({field.element})")


def member_of(member):
    """(name, type, default, comment) of a stored property."""
    if isinstance(member, OneofInfo):
        return member.swift_name, member.swift_type + "?", "nil", member.comment
    return member.swift_name, member.swift_type, member.swift_default, member.comment


def prefix(access):
    """An access level as it stands before a declaration."""
    return "" if access == "internal" else access + " "

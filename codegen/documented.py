"""What a public contract owes its readers: a comment on everything, errors at every method."""

import re

from schema import Comments

# The codes of google.rpc.Code, as a method's list of errors begins its lines with them.
CODES = (
    "INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "UNAUTHENTICATED",
    "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNAVAILABLE",
)
ERROR = re.compile(rf"^(?:{'|'.join(CODES)})\b", re.MULTILINE)


def faults(file):
    """Everything in `file`, a FileDescriptorProto with source info, that is not as it must be."""
    comments = Comments(file)
    found = []

    def commented(path, name):
        text = comments.at(path)
        if not text:
            found.append(f"{name}: no comment")
        return text

    def message(proto, path, name):
        commented(path, name)
        last = 0
        for index, field in enumerate(proto.field):
            commented(path + (2, index), f"{name}.{field.name}")
            if field.number < last:
                found.append(f"{name}.{field.name}: field {field.number} comes after {last}")
            last = field.number
        for index, oneof in enumerate(proto.oneof_decl):
            commented(path + (8, index), f"{name}.{oneof.name}")
        for index, nested in enumerate(proto.nested_type):
            if not nested.options.map_entry:
                message(nested, path + (3, index), f"{name}.{nested.name}")
        for index, nested in enumerate(proto.enum_type):
            enum(nested, path + (4, index), f"{name}.{nested.name}")

    def enum(proto, path, name):
        commented(path, name)
        for index, value in enumerate(proto.value):
            commented(path + (2, index), f"{name}.{value.name}")

    for index, proto in enumerate(file.message_type):
        message(proto, (4, index), proto.name)
    for index, proto in enumerate(file.enum_type):
        enum(proto, (5, index), proto.name)
    for index, service in enumerate(file.service):
        commented((6, index), service.name)
        for position, method in enumerate(service.method):
            name = f"{service.name}.{method.name}"
            text = commented((6, index, 2, position), name)
            if text and not ERROR.search(text):
                found.append(f"{name}: no errors are listed")
    return [f"{file.name}: {fault}" for fault in found]

"""The protoc plugin: reads a CodeGeneratorRequest, answers with Swift files."""

import base64
import sys

from google.protobuf import descriptor_pb2
from google.protobuf.compiler import plugin_pb2

import documented
import groups
import json_form
import messages
import naming
import samples
import services
import wire
from schema import Refusal, Schema, WELL_KNOWN
from text import HEADER, Text


def main():
    request = plugin_pb2.CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
    response = plugin_pb2.CodeGeneratorResponse()
    try:
        group = groups.group_named(dict(p.split("=") for p in request.parameter.split(","))["group"])
        for path, content in generate(request, group):
            response.file.add(name=path, content=content)
    except Refusal as refusal:
        response.error = f"codegen: {refusal}"
    sys.stdout.buffer.write(response.SerializeToString())


def generate(request, group):
    """(path, text) of every Swift file of one group."""
    schema = Schema(request.proto_file, group)
    missing = [
        fault
        for path in request.file_to_generate
        if schema.files[path].package in group.documented
        for fault in documented.faults(schema.files[path])
    ]
    if missing:
        raise Refusal("not documented:\n  " + "\n  ".join(missing))
    for path in request.file_to_generate:
        file = schema.files[path]
        base = base_name(group, path)
        if group.messages_target and (file.message_type or file.enum_type):
            folder = f"{group.folder}/{group.messages_target}/Generated"
            yield f"{folder}/{base}.messages.swift", message_file(schema, file, group)
            yield f"{folder}/{base}.wire.swift", wire_file(schema, file, group)
            yield f"{folder}/{base}.json.swift", json_file(schema, file, group)
        if group.services_target:
            folder = f"Sources/{group.services_target}/Generated"
            for index, service in enumerate(file.service):
                name = group.prefix.get(file.package, "") + service.name
                yield f"{folder}/{name}.swift", service_file(schema, file, group, index)
    if group.services_target:
        yield (
            f"Sources/{group.services_target}/Generated/FileDescriptors.swift",
            descriptor_file(request, group),
        )
    if group.name in samples.IMPORTS:
        yield f"Tests/MessagesTests/Generated/{group.name}.samples.swift", sample_file(schema, request, group)


def sample_file(schema, request, group):
    """Samples of every message; those that others contain first."""
    imports = ["internal import ProtobufRuntime"]
    if samples.IMPORTS[group.name]:
        imports.insert(0, samples.IMPORTS[group.name])
    imports.sort(key=lambda line: line.split(" ")[2])
    text = start("every .proto file of the group", imports)
    made = samples.Samples(schema, text)
    waiting = [
        message
        for path in request.file_to_generate
        for message in top_messages(schema, schema.files[path])
    ]
    names = {message.full_name for message in waiting}
    done = set()
    while waiting:
        for message in waiting:
            needs = {field.proto.type_name[1:] for field in message.fields} & names
            if needs <= done:
                made.write(message)
                done.add(message.full_name)
        waiting = [message for message in waiting if message.full_name not in done]
    made.write_table(group)
    return str(text)


def base_name(group, path):
    """The proto file's name, with its package's last part where two files share it."""
    base = naming.base_name(path)
    if [naming.base_name(other) for other in group.protos].count(base) > 1:
        return f"{base}_{path.split('/')[-2]}"
    return base


def start(path, imports):
    text = Text()
    text.add(HEADER.format(source=path))
    for line in imports:
        text.add(line)
    text.add()
    return text


def runtime_import(schema, file):
    access = schema.group.access_of(file.package)
    return f"{access} import ProtobufRuntime"


def message_import(schema, file):
    """A package import is warned of where nothing in the declarations needs it."""
    access = schema.group.access_of(file.package)
    shown = any(
        field.type_name[1:] in WELL_KNOWN
        for message in top_messages(schema, file)
        for field in schema.descriptors["." + message.full_name].field
    )
    if access == "package" and not shown:
        access = "internal"
    return f"{access} import ProtobufRuntime"


def top_messages(schema, file):
    for message in schema.messages(file):
        yield from message.all()


def message_file(schema, file, group):
    text = start(file.name, [message_import(schema, file)])
    for enum in schema.enums(file):
        messages.write_enum(text, enum)
        text.add()
    for message in schema.messages(file):
        messages.write_message(text, message)
        text.add()
    return str(text)


def wire_file(schema, file, group):
    text = start(file.name, [f"internal import {group.c_target}", runtime_import(schema, file)])
    for message in top_messages(schema, file):
        wire.write_message(text, message)
        text.add()
    return str(text)


def json_file(schema, file, group):
    text = start(file.name, [runtime_import(schema, file)])
    for message in top_messages(schema, file):
        json_form.write_message(text, message)
        text.add()
    return str(text)


def service_file(schema, file, group, index):
    access = "internal" if group.access_of(file.package) == "internal" else "package"
    imports = []
    if group.messages_target != group.services_target:
        imports.append(f"{access} import {group.messages_target}")
    imports += ["internal import NIOCore", f"{access} import RPC"]
    text = start(file.name, sorted(imports, key=lambda line: line.split(" ")[2]))
    services.write_service(text, schema, file, index)
    return str(text)


def descriptor_file(request, group):
    """The FileDescriptorSet of the group, imports first, for server reflection."""
    access = "" if set(group.access.values()) == {"internal"} else "package "
    by_name = {file.name: file for file in request.proto_file}
    # What never is on the wire is nobody's business.
    wanted = {
        name for name in request.file_to_generate if ".internal." not in by_name[name].package
    }
    pending = list(wanted)
    while pending:
        for dependency in by_name[pending.pop()].dependency:
            if dependency not in wanted:
                wanted.add(dependency)
                pending.append(dependency)
    files = descriptor_pb2.FileDescriptorSet()
    for file in request.proto_file:
        if file.name in wanted:
            copy = files.file.add()
            copy.CopyFrom(file)
            copy.ClearField("source_code_info")
    encoded = base64.b64encode(files.SerializeToString(deterministic=True)).decode()
    text = start("every .proto file of the group", ["internal import ProtobufRuntime"])
    text.doc("The serialized `google.protobuf.FileDescriptorSet` of the services here and of all they")
    text.doc("import, imports first; for server reflection.")
    text.add(f"{access}let {group.name}FileDescriptorSet: [UInt8] = Base64.decodeTrusted(")
    text.add('    """')
    for position in range(0, len(encoded), 96):
        text.add(f"    {encoded[position : position + 96]}\\")
    text.lines[-1] = text.lines[-1][:-1]
    text.add('    """)')
    return str(text)

#!/usr/bin/env python3
"""ttrpc spoken frame by frame over Python's own ssl module: streams, and frames no client sends.

Reads SIGNALBOX_SERVER, SIGNALBOX_CA and SIGNALBOX_TOKEN; with_server.py provides them.
The frame: length (4), stream (4), type (1: 1 request, 2 response, 3 data), flags (1), big endian.
"""
import os
import socket
import ssl
import struct

from google.protobuf import duration_pb2
from google.rpc import status_pb2
from grpc import StatusCode

from cases import case, equal, expect, run
from connection import WORKFLOWS
from signalbox.v1 import (
    event_pb2,
    execution_pb2,
    server_service_pb2,
    workflow_pb2,
    workflow_service_pb2,
)
from signalbox.v1 import execution_service_pb2 as es

REQUEST, RESPONSE, DATA = 1, 2, 3
REMOTE_CLOSED, NO_DATA = 0x01, 0x04
SERVICE = "signalbox.v1.ExecutionService"
READ_SECONDS_MAX = 20


def field(number, value):
    """One length-delimited protobuf field."""
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def varint(value):
    out = b""
    while True:
        low, value = value & 0x7F, value >> 7
        out += bytes([low | 0x80 if value else low])
        if not value:
            return out


def fields(data):
    """Splits a message of length-delimited fields into {number: last bytes}."""
    found, at = {}, 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        key = number()
        equal(key & 7, 2, "wire type in a ttrpc response")
        length = number()
        found[key >> 3] = data[at:at + length]
        at += length
    return found


class Connection:
    """One TLS connection that speaks ttrpc frames."""

    def __init__(self, authenticated=True):
        host, port = os.environ["SIGNALBOX_SERVER"].rsplit(":", 1)
        context = ssl.create_default_context(cafile=os.environ["SIGNALBOX_CA"])
        context.set_alpn_protocols(["ttrpc"])
        plain = socket.create_connection((host, int(port)), timeout=READ_SECONDS_MAX)
        self.socket = context.wrap_socket(plain, server_hostname=host)
        equal(self.socket.selected_alpn_protocol(), "ttrpc", "ALPN")
        self.stream = -1
        if authenticated:
            request = server_service_pb2.AuthenticateRequest(token=os.environ["SIGNALBOX_TOKEN"])
            self.unary("Authenticate", request, server_service_pb2.AuthenticateResponse,
                       service="signalbox.v1.ServerService")

    def send(self, data, stream, kind=REQUEST, flags=0, length=None):
        header = struct.pack(">IIBB", len(data) if length is None else length, stream, kind, flags)
        self.socket.sendall(header + data)

    def request(self, method, message, flags=0, service=SERVICE, stream=None):
        self.stream += 2
        stream = self.stream if stream is None else stream
        self.send(field(1, service) + field(2, method) + field(3, message.SerializeToString()),
                  stream, flags=flags)
        return stream

    def read(self):
        """Returns (stream, type, flags, data) of the next frame."""
        length, stream, kind, flags = struct.unpack(">IIBB", self._exactly(10))
        expect(length <= 4 << 20, f"a frame of at most 4 MiB, found {length}")
        return stream, kind, flags, self._exactly(length)

    def _exactly(self, count):
        data = bytearray()
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise EOFError("the server closed the connection")
            data += part
        return bytes(data)

    def answer(self, stream):
        """The next frame must answer this stream: returns (status, payload)."""
        found, kind, flags, data = self.read()
        equal((found, kind, flags), (stream, RESPONSE, 0), "stream, type, flags")
        parts = fields(data)
        return status_pb2.Status.FromString(parts.get(1, b"")), parts.get(2, b"")

    def unary(self, method, message, kind, service=SERVICE):
        status, payload = self.answer(self.request(method, message, service=service))
        equal((status.code, status.message), (0, ""), f"status of {method}")
        return kind.FromString(payload)

    def trigger(self, workflow):
        request = es.TriggerRequest(workflow_id=workflow, wait=duration_pb2.Duration(seconds=20))
        return self.unary("Trigger", request, es.TriggerResponse).execution

    def refused(self, stream, code):
        status, _ = self.answer(stream)
        equal(status.code, code.value[0], f"code ({status.message})")

    def works(self):
        self.unary("Count", es.CountExecutionsRequest(), es.CountExecutionsResponse)

    def close(self):
        self.socket.close()


def watched(connection, stream):
    """Collects the events of one Watch; its end is a data frame with no data."""
    events = []
    while True:
        found, kind, flags, data = connection.read()
        equal((found, kind), (stream, DATA), "stream and type")
        if flags & NO_DATA:
            equal(flags, REMOTE_CLOSED | NO_DATA, "flags of the end")
            return events
        events += event_pb2.EventBatch.FromString(data).events


@case("Watch is a server stream of data frames that ends with an empty one")
def _(c):
    made = c.trigger("three-noops")
    events = watched(c, c.request("Watch", es.WatchRequest(execution_id=made.id),
                                  flags=REMOTE_CLOSED))
    equal([event.sequence for event in events], list(range(1, made.last_sequence + 1)),
          "sequence numbers")
    expect(events[-1].HasField("execution_completed"), "the last event is final")


@case("a live Watch and unary calls share one connection")
def _(c):
    made = c.trigger("approval")
    stream = c.request("Watch", es.WatchRequest(execution_id=made.id), flags=REMOTE_CLOSED)
    numbers, answered, ended = [], None, False
    asked = None
    while not (ended and answered is not None):
        found, kind, flags, data = c.read()
        if found == asked:
            equal(kind, RESPONSE, "type of the unary answer")
            answered = status_pb2.Status.FromString(fields(data).get(1, b"")).code
            continue
        equal((found, kind), (stream, DATA), "stream and type of the watch")
        if flags & NO_DATA:
            ended = True
        else:
            for event in event_pb2.EventBatch.FromString(data).events:
                numbers.append(event.sequence)
                if event.HasField("execution_suspended"):
                    asked = c.request("Respond", es.RespondRequest(
                        execution_id=made.id, decision=es.DECISION_APPROVE))
    equal(answered, 0, "status of Respond")
    equal(numbers, list(range(1, len(numbers) + 1)), "sequence numbers")


@case("a Watch that fails ends with a response frame")
def _(c):
    c.refused(c.request("Watch", es.WatchRequest(execution_id="nobody"), flags=REMOTE_CLOSED),
              StatusCode.NOT_FOUND)
    c.works()


@case("pipelined calls are all answered")
def _(c):
    streams = {c.request("Count", es.CountExecutionsRequest()) for _ in range(200)}
    answered = set()
    for _ in range(200):
        stream, kind, _, _ = c.read()
        equal(kind, RESPONSE, "type")
        answered.add(stream)
    equal(answered, streams, "answered streams")


@case("an even stream id is INVALID_ARGUMENT and the connection stays")
def _(c):
    c.refused(c.request("Count", es.CountExecutionsRequest(), stream=2),
              StatusCode.INVALID_ARGUMENT)
    c.works()


@case("a stream id that does not grow is INVALID_ARGUMENT and the connection stays")
def _(c):
    c.works()
    c.refused(c.request("Count", es.CountExecutionsRequest(), stream=1),
              StatusCode.INVALID_ARGUMENT)
    c.stream += 2
    c.works()


@case("data on a stream that is none is INVALID_ARGUMENT and the connection stays")
def _(c):
    c.stream += 2
    c.send(b"x", c.stream, kind=DATA)
    c.refused(c.stream, StatusCode.INVALID_ARGUMENT)
    c.stream += 2
    c.works()


@case("a request that is no protobuf is INVALID_ARGUMENT and the connection stays")
def _(c):
    c.stream += 2
    c.send(b"\xff\xff\xff", c.stream)
    c.refused(c.stream, StatusCode.INVALID_ARGUMENT)
    c.works()


@case("an unknown frame type is ignored")
def _(c):
    c.send(b"what is this", 99, kind=0x3F)
    c.works()


@case("a frame over 4 MiB is RESOURCE_EXHAUSTED")
def _(c):
    c.stream += 2
    c.send(b"", c.stream, length=(4 << 20) + 1)
    try:
        c.socket.sendall(b"\0" * ((4 << 20) + 1))
    except OSError:
        pass  # The server may close as soon as it has answered.
    c.refused(c.stream, StatusCode.RESOURCE_EXHAUSTED)


@case("a closed connection cancels its watchers and nothing else")
def _(c):
    made = c.trigger("approval")
    other = Connection()
    other.request("Watch", es.WatchRequest(execution_id=made.id), flags=REMOTE_CLOSED)
    other.read()
    other.close()
    found = c.unary("Get", es.GetExecutionRequest(execution_id=made.id), execution_pb2.Execution)
    equal(found.status, execution_pb2.EXECUTION_STATUS_SUSPENDED, "status")


def main():
    first = Connection()
    for name in ("three-noops", "approval"):
        first.unary("Put", workflow_service_pb2.PutWorkflowRequest(
            definition_json=(WORKFLOWS / f"{name}.json").read_text()),
            workflow_pb2.Workflow, service="signalbox.v1.WorkflowService")
    run("ttrpc frames", Connection)


main()

#!/usr/bin/env python3
"""ttrpc spoken frame by frame over Python's own ssl module: streams, and frames no client sends.

Reads SIGNALBOX_SERVER, SIGNALBOX_CA and SIGNALBOX_TOKEN; with_server.py provides them.
"""
import importlib
import json
import os

from google.protobuf import duration_pb2, message_factory
from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode

from cases import case, equal, expect, run
from connection import ROOT, WORKFLOWS, unpack
from signalbox.v1 import (
    event_pb2,
    execution_pb2,
    server_service_pb2,
    workflow_pb2,
    workflow_service_pb2,
)
from signalbox.v1 import execution_service_pb2 as es
from ttrpc import (
    CANCEL,
    DATA,
    NO_DATA,
    REMOTE_CLOSED,
    REMOTE_OPEN,
    REQUEST,
    RESPONSE,
    Frames,
    field,
    fields,
)

SERVICE = "signalbox.v1.ExecutionService"


class Connection(Frames):
    """A connection that calls our services, and has said who it is."""

    def __init__(self, authenticated=True):
        super().__init__()
        if authenticated:
            request = server_service_pb2.AuthenticateRequest(token=os.environ["SIGNALBOX_TOKEN"])
            self.unary("Authenticate", request, server_service_pb2.AuthenticateResponse,
                       service="signalbox.v1.ServerService")

    def request(self, method, message, flags=0, service=SERVICE, **rest):
        return super().request(service, method, message, flags, **rest)

    def unary(self, method, message, kind, service=SERVICE, **rest):
        status, payload = self.answer(self.request(method, message, service=service, **rest))
        equal((status.code, status.message), (0, ""), f"status of {method}")
        return kind.FromString(payload)

    def trigger(self, workflow):
        request = es.TriggerRequest(workflow_id=workflow, wait=duration_pb2.Duration(seconds=20))
        return self.unary("Trigger", request, es.TriggerResponse).execution

    def works(self):
        self.unary("Count", es.CountExecutionsRequest(), es.CountExecutionsResponse)


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


@case("a connection that is closed under its watchers disturbs nothing else")
def _(c):
    made = c.trigger("approval")
    other = Connection()
    other.request("Watch", es.WatchRequest(execution_id=made.id), flags=REMOTE_CLOSED)
    other.read()
    other.close()
    found = c.unary("Get", es.GetExecutionRequest(execution_id=made.id), execution_pb2.Execution)
    equal(found.status, execution_pb2.EXECUTION_STATUS_SUSPENDED, "status")


def watching(c, workflow="approval"):
    """A Watch, with nothing left to tell, of an execution that waits for a person: it and the stream."""
    made = c.trigger(workflow)
    stream = c.request("Watch", es.WatchRequest(execution_id=made.id), flags=REMOTE_CLOSED)
    last = None
    while last != "execution_suspended":
        found, kind, flags, data = c.read()
        equal((found, kind, flags), (stream, DATA, 0), "stream, type and flags")
        last = event_pb2.EventBatch.FromString(data).events[-1].WhichOneof("kind")
    return made, stream


@case("a deadline ends the call and not the execution")
def _(c):
    made = c.trigger("approval")
    wait = es.TriggerRequest(workflow_id="long-wait", wait=duration_pb2.Duration(seconds=60))
    c.refused(c.request("Trigger", wait, timeout=50_000_000), StatusCode.DEADLINE_EXCEEDED)
    watch = es.WatchRequest(execution_id=made.id, after_sequence=made.last_sequence)
    stream = c.request("Watch", watch, flags=REMOTE_CLOSED, timeout=50_000_000)
    c.refused(stream, StatusCode.DEADLINE_EXCEEDED)
    for passed in (-1, -(1 << 63)):
        c.refused(c.request("Count", es.CountExecutionsRequest(), timeout=passed),
                  StatusCode.DEADLINE_EXCEEDED)
    # Nothing overflows, and 0 is none.
    for far in ((1 << 63) - 1, 0):
        c.unary("Count", es.CountExecutionsRequest(), es.CountExecutionsResponse, timeout=far)


@case("a cancel frame frees its call: more calls than a connection may have at once are cancelled")
def _(c):
    made, stream = watching(c)
    c.send(b"", stream, kind=CANCEL)
    for _ in range(600):
        watch = es.WatchRequest(execution_id=made.id, after_sequence=made.last_sequence)
        stream = c.request("Watch", watch, flags=REMOTE_CLOSED)
        c.send(b"", stream, kind=CANCEL)
        # Answered in the order of the frames: what was cancelled is over by now.
        c.works()


@case("a call too many at once is RESOURCE_EXHAUSTED, and the others go on")
def _(c):
    made = c.trigger("approval")
    watch = es.WatchRequest(execution_id=made.id, after_sequence=made.last_sequence)
    streams = [c.request("Watch", watch, flags=REMOTE_CLOSED) for _ in range(256)]
    c.refused(c.request("Count", es.CountExecutionsRequest()), StatusCode.RESOURCE_EXHAUSTED)
    c.send(b"", streams[0], kind=CANCEL)
    # A call counts until its handler is over, which is soon after its cancel.
    for _ in range(10_000):
        status, _ = c.answer(c.request("Count", es.CountExecutionsRequest()))
        if status.code == 0:
            return
        equal(status.code, StatusCode.RESOURCE_EXHAUSTED.value[0], "code")
    raise AssertionError("the cancelled call still counts")


@case("an identity belongs to the connection, and metadata on a call overrides it")
def _(_):
    stranger = Connection(authenticated=False)
    count = es.CountExecutionsRequest()
    stranger.refused(stranger.request("Count", count), StatusCode.UNAUTHENTICATED)
    bearer = [("authorization", f"Bearer {os.environ['SIGNALBOX_TOKEN']}")]
    stranger.unary("Count", count, es.CountExecutionsResponse, metadata=bearer)
    stranger.refused(stranger.request("Count", count), StatusCode.UNAUTHENTICATED)
    bad = server_service_pb2.AuthenticateRequest(token="no-such-token")
    stranger.refused(stranger.request("Authenticate", bad, service="signalbox.v1.ServerService"),
                     StatusCode.UNAUTHENTICATED)
    known = Connection()
    known.refused(known.request("Count", count, metadata=[("authorization", "Bearer no-such-token")]),
                  StatusCode.UNAUTHENTICATED)
    known.works()


@case("an answer's status has its details, with every fault of a definition")
def _(c):
    nodes = [{"id": "start", "type": "start"}, *({"id": f"n{i}", "type": "teleport"} for i in range(200))]
    edges = [{"source": "start", "target": f"n{i}"} for i in range(200)]
    request = workflow_service_pb2.PutWorkflowRequest(
        workflow_id="faulty", definition_json=json.dumps({"nodes": nodes, "edges": edges}))
    status = c.refused(c.request("Put", request, service="signalbox.v1.WorkflowService"),
                       StatusCode.INVALID_ARGUMENT)
    infos = [unpack(detail, error_details_pb2.ErrorInfo) for detail in status.details]
    equal([info.domain for info in infos if info], ["signalbox"], "ErrorInfo")
    bad = [unpack(detail, error_details_pb2.BadRequest) for detail in status.details]
    equal([v.field for b in bad if b for v in b.field_violations],
          [f"definition_json/nodes/{i + 1}/type" for i in range(200)], "violations")


@case("what asks for the wrong kind of call is refused, and the connection stays")
def _(c):
    watch = es.WatchRequest(execution_id="1")
    c.refused(c.request("Watch", watch), StatusCode.INVALID_ARGUMENT)
    c.refused(c.request("Count", es.CountExecutionsRequest(), flags=REMOTE_OPEN), StatusCode.UNIMPLEMENTED)
    for service, method in ((SERVICE, "Teleport"), ("no.such.Service", "Count"), ("", ""),
                            (SERVICE + "/Count", ""), ("\u202e", "\n")):
        c.refused(c.request(method, es.CountExecutionsRequest(), service=service), StatusCode.UNIMPLEMENTED)
    c.works()


@case("bad UTF-8, NUL, nesting and garbage in a request are INVALID_ARGUMENT, and the connection stays")
def _(c):
    get = field(1, SERVICE) + field(2, "Get")
    nested = b""
    for _ in range(5_000):
        nested = field(3, nested)
    for payload in (field(3, b"\xff\xfe"), field(3, "a\0b"), b"\x0b" * 10, b"\x1a\xff\xff\xff\xff\x0f",
                    field(200, nested) + field(3, b"\xc3")):
        c.stream += 2
        c.send(get + field(3, payload), c.stream)
        c.refused(c.stream, StatusCode.INVALID_ARGUMENT)
    for names in (field(1, b"\xff") + field(2, "Get"), field(1, SERVICE) + field(2, b"\xc0\x80")):
        c.stream += 2
        c.send(names, c.stream)
        c.refused(c.stream, StatusCode.INVALID_ARGUMENT)
    c.works()


@case("every unary method of the contract is served over ttrpc")
def _(_):
    served = 0
    for file in sorted((ROOT / "proto" / "signalbox" / "v1").glob("*_service.proto")):
        module = importlib.import_module(f"signalbox.v1.{file.stem}_pb2")
        for service in module.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                if method.client_streaming or method.server_streaming:
                    continue
                # Most refuse an empty request, or one of them ends the identity: each comes alone.
                connection = Connection()
                request = message_factory.GetMessageClass(method.input_type)()
                status, payload = connection.answer(
                    connection.request(method.name, request, service=service.full_name))
                connection.close()
                expect(StatusCode.UNIMPLEMENTED.value[0] != status.code
                       and StatusCode.INTERNAL.value[0] != status.code,
                       f"{service.full_name}/{method.name}: {status.code} {status.message}")
                if status.code == 0:
                    message_factory.GetMessageClass(method.output_type).FromString(payload)
                served += 1
    expect(served > 80, f"methods, found {served}")


@case("metadata over 16 KiB is RESOURCE_EXHAUSTED, and the connection stays")
def _(c):
    stream = c.request("Count", es.CountExecutionsRequest(), metadata=[("k", "v" * 17_000)])
    c.refused(stream, StatusCode.RESOURCE_EXHAUSTED)
    c.works()


def main():
    first = Connection()
    for name in ("three-noops", "approval", "long-wait"):
        first.unary("Put", workflow_service_pb2.PutWorkflowRequest(
            definition_json=(WORKFLOWS / f"{name}.json").read_text()),
            workflow_pb2.Workflow, service="signalbox.v1.WorkflowService")
    run("ttrpc frames", Connection)


main()

#!/usr/bin/env python3
"""What operators look at: the admin listener's pages, what its metrics are labelled with, reflection that
can be turned off. Starts its own servers.
"""
import json
import pathlib
import re
import select
import signal
import socket
import sys
import urllib.error
import urllib.request

import grpc
from google.protobuf import duration_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from cases import case, equal, expect, run
from connection import WORKFLOWS, Connection
from signalbox.v1 import execution_service_pb2 as es
from signalbox.v1 import server_service_pb2, workflow_service_pb2
from ttrpc import Frames

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import with_server  # noqa: E402  (after the path that holds it)

CA = with_server.CERTS / "ca.pem"
SECONDS_MAX = 20
DOCUMENTS = with_server.ROOT / "docs"
# What a label may be called, and what its values look like: words of ours, never what a caller sends.
LABELS = {"service", "method", "code", "status", "standing", "state", "reason", "le", "kind", "queue",
          "outcome", "waiting", "dialect", "route"}
VALUE = re.compile(r"[A-Za-z0-9_./{}:+-]{0,80}")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")


def admin(server):
    return server.wait_for_line("admin on http://").split("admin on ")[1].strip()


def page(place, path, **headers):
    """Returns (status, text)."""
    request = urllib.request.Request(place + path, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=SECONDS_MAX) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def samples(text):
    """(name, {label: value}, number) of every line that is none of the comments."""
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, labels, number = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line).groups()
            yield name, dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or "")), float(number)


@case("health and readiness say how it stands, also while it drains")
def _(_):
    server = with_server.Server("--grace", "20").start()
    place = admin(server)
    equal([page(place, path)[0] for path in ("/healthz", "/readyz", "/nowhere")], [200, 200, 404], "pages")
    equal(page(place, "/healthz", Host="example.com")[0], 403, "a foreign host")
    equal(page(place, "/metrics", Origin="https://example.com")[0], 403, "a foreign origin")
    with Connection(server.address, CA, token=server.token) as c:
        c.put("approval")
        made = c.executions.Trigger(es.TriggerRequest(workflow_id="approval")).execution
        events = c.executions.Watch(es.WatchRequest(execution_id=made.id))
        next(events)
        watch = health_pb2_grpc.HealthStub(c.raw).Watch(health_pb2.HealthCheckRequest(), timeout=SECONDS_MAX)
        next(watch)
        server.process.send_signal(signal.SIGTERM)
        equal(next(watch).status, health_pb2.HealthCheckResponse.NOT_SERVING, "health")
        equal([page(place, path)[0] for path in ("/healthz", "/readyz")], [200, 503], "pages of a drain")
        events.cancel()
        watch.cancel()
    equal(server.process.wait(30), 0, "exit status")
    server.remove()


@case("no label of a metric holds an id, a name or anything else that a caller chose")
def _(_):
    server = with_server.Server().start()
    place = admin(server)
    with Connection(server.address, CA, token=server.token) as c:
        made = []
        for name in ("three-noops", "failing", "approval"):
            saved = c.workflows.Put(workflow_service_pb2.PutWorkflowRequest(
                workflow_id=f"chosen-{name}", definition_json=(WORKFLOWS / f"{name}.json").read_text()))
            made.append(c.executions.Trigger(es.TriggerRequest(
                workflow_id=saved.id, key=f"key-of-{name}",
                wait=duration_pb2.Duration(seconds=20))).execution)
        for method in ("/signalbox.v1.ExecutionService/Teleport", "/no.such.Service/Method"):
            try:
                c.raw.unary_unary(method)(b"", timeout=SECONDS_MAX)
            except grpc.RpcError as error:
                equal(error.code(), grpc.StatusCode.UNIMPLEMENTED, method)
        chosen = {*(each.id for each in made), *(each.workflow_id for each in made),
                  *(each.key for each in made), "Teleport", "no.such.Service", "default"}
        found = list(samples(page(place, "/metrics")[1]))
    for name, labels, _ in found:
        expect(set(labels) <= LABELS, f"{name} has labels {set(labels) - LABELS}")
        for label, value in labels.items():
            expect(VALUE.fullmatch(value) and not UUID.search(value) and value not in chosen,
                   f"{name} has {label}={value!r}")
    names = {name for name, _, _ in found}
    wanted = {"signalbox_rpc_calls_total", "signalbox_rpc_call_duration_seconds_count",
              "signalbox_executions_started_total", "signalbox_executions_ended_total"}
    expect(wanted <= names, f"missing {wanted - names}")
    calls = {labels["code"]: number for name, labels, number in found
             if name == "signalbox_rpc_calls_total" and labels["method"] == "Trigger"}
    equal(calls["OK"], 3, "calls of Trigger")
    equal(server.stop(), 0, "exit status")
    server.remove()


@case("with --log-format json every line of the log is an object with time, level, logger and message")
def _(_):
    server = with_server.Server("--log-format", "json", "--log-level", "debug").start()
    with Connection(server.address, CA, token=server.token) as c:
        c.put("three-noops")
        c.executions.Trigger(es.TriggerRequest(
            workflow_id="three-noops", wait=duration_pb2.Duration(seconds=20)))
        try:
            c.executions.Get(es.GetExecutionRequest(execution_id="no\nbody"))
        except grpc.RpcError:
            pass
    equal(server.stop(), 0, "exit status")
    said = ("using ", "admin token ", "admin on ", "listening on ")
    log = [line for line in server.lines if not line.startswith(said)]
    expect(len(log) > 5, f"lines of the log, found {server.lines}")
    for line in log:
        found = json.loads(line)
        expect({"time", "level", "logger", "message"} <= set(found), line)
        expect(all(isinstance(value, str) for value in found.values()), line)
    calls = [found for line in log if (found := json.loads(line))["message"] == "call"]
    expect({"signalbox.v1.ExecutionService/Trigger"} <= {call["method"].lstrip("/") for call in calls},
           f"calls in the log, found {calls}")
    server.remove()


@case("the admin listener serves 64 at once, lets nobody be silent or send much, and goes on")
def _(_):
    server = with_server.Server().start()
    place = admin(server)
    host, port = place.removeprefix("http://").split(":")

    def connect():
        made = socket.create_connection((host, int(port)), timeout=SECONDS_MAX)
        made.settimeout(SECONDS_MAX)
        return made

    def is_closed(connection):
        """Whether the server has closed it; waits for that."""
        try:
            while connection.recv(65_536):
                pass
        except ConnectionError:
            pass
        return True

    head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
    for bad in (head + b"Content-Length: 20000\r\n\r\n" + b"x" * 20_000, head + b"X: " + b"x" * 100_000,
                b"\x16\x03\x01 no HTTP \r\n\r\n", b"GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"):
        with connect() as connection:
            try:
                connection.sendall(bad)
            except ConnectionError:
                pass  # Closed while we still sent.
            expect(is_closed(connection), "it stays open")
    equal(page(place, "/healthz")[0], 200, "after what is no request")
    many = [connect() for _ in range(65)]
    closed, _, _ = select.select(many, [], [], SECONDS_MAX)
    equal(len(closed), 1, "connections that are closed at once")
    for each in many:
        if each not in closed:
            each.sendall(head + b"\r\n")
            expect(each.recv(65_536).startswith(b"HTTP/1.1 200 "), "one of the 64 is not served")
        each.close()
    with connect() as silent:
        expect(is_closed(silent), "the one who is silent")
    equal(page(place, "/healthz")[0], 200, "after silence")
    equal(server.stop(), 0, "exit status")
    server.remove()


@case("every metric is in the documents")
def _(_):
    server = with_server.Server().start()
    text = "\n".join(file.read_text() for file in DOCUMENTS.rglob("*.md"))
    families = set(re.findall(r"^# TYPE (signalbox_\w+) ", page(admin(server), "/metrics")[1], re.MULTILINE))
    expect(len(families) > 10, f"found {families}")
    equal(sorted(name for name in families if name not in text), [], "metrics without a line in docs/")
    equal(server.stop(), 0, "exit status")
    server.remove()


@case("every limit that the server tells is in the documents")
def _(_):
    server = with_server.Server().start()
    text = (DOCUMENTS / "operations.md").read_text()
    with Connection(server.address, CA, token=server.token) as c:
        limits = c.server.GetInfo(server_service_pb2.GetInfoRequest()).limits
    expect(len(limits) > 40, f"limits, found {len(limits)}")
    equal(sorted(name for name in limits if f"`{name}`" not in text), [], "limits without a line")
    equal(server.stop(), 0, "exit status")
    server.remove()


@case("reflection needs no token, and is not there where it was turned off")
def _(_):
    for options, served in (((), True), (("--no-reflection",), False)):
        server = with_server.Server(*options).start()
        channel = grpc.secure_channel(server.address, grpc.ssl_channel_credentials(CA.read_bytes()))
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        requests = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
        try:
            names = [service.name for answer in stub.ServerReflectionInfo(requests, timeout=SECONDS_MAX)
                     for service in answer.list_services_response.service]
            expect(served and "signalbox.v1.ExecutionService" in names, f"found {names}")
        except grpc.RpcError as error:
            equal((error.code(), served), (grpc.StatusCode.UNIMPLEMENTED, False), "code")
        # Health stays, over both protocols.
        equal(health_pb2_grpc.HealthStub(channel).Check(
            health_pb2.HealthCheckRequest(), timeout=SECONDS_MAX).status,
            health_pb2.HealthCheckResponse.SERVING, "health")
        frames = Frames(server.address, CA)
        status, _ = frames.answer(frames.request(
            "grpc.health.v1.Health", "Check", health_pb2.HealthCheckRequest()))
        equal(status.code, 0, "health over ttrpc")
        frames.close()
        channel.close()
        equal(server.stop(), 0, "exit status")
        server.remove()


run("operators", None)

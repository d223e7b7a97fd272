#!/usr/bin/env python3
"""What clients see of a server that was told to end: gRPC's (grpcio, and frame by frame), ttrpc's,
and health's watchers. Starts its own servers.
"""
import json
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import time

import grpc
from google.protobuf import duration_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc

import http2
from cases import case, equal, expect, run
from connection import Connection, refused
from http2 import HTTP2, frame, message
from interop_stub import DEADLINE, SERVICE, M, Requests, Stub, asking
from signalbox.v1 import execution_pb2, workflow_service_pb2
from signalbox.v1 import execution_service_pb2 as es
from ttrpc import DATA, NO_DATA, REMOTE_CLOSED, Frames

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import with_server  # noqa: E402  (after the path that holds it)

CA = with_server.CERTS / "ca.pem"
Code = grpc.StatusCode
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


def interop():
    return with_server.Server("--grace", "20", executable="signalbox-interop", verb=()).start()


def channel(server):
    made = grpc.secure_channel(server.address, grpc.ssl_channel_credentials(CA.read_bytes()))
    grpc.channel_ready_future(made).result(timeout=DEADLINE)
    return made


def terminate(server):
    server.process.send_signal(signal.SIGTERM)


def ended(server):
    """The server must end by itself, well; returns once it has."""
    equal(server.process.wait(30), 0, "exit status")
    server.remove()


@case("a gRPC call that runs goes on to its end, health says NOT_SERVING, and new connections find nobody")
def _(_):
    server = interop()
    first = channel(server)
    watch = health_pb2_grpc.HealthStub(first).Watch(health_pb2.HealthCheckRequest(), timeout=DEADLINE)
    equal(next(watch).status, health_pb2.HealthCheckResponse.SERVING, "before")
    requests = Requests()
    answers = Stub(first).duplex(requests, timeout=DEADLINE)
    requests.send(asking(10))
    next(answers)
    terminate(server)
    equal(next(watch).status, NOT_SERVING, "after")
    watch.cancel()
    for size in (100, 100_000, 1):
        requests.send(asking(size))
        equal(len(next(answers).payload.body), size, "an answer during the drain")
    # The port is given up at once, while the call still runs.
    host, port = server.address.rsplit(":", 1)
    try:
        while True:
            socket.create_connection((host, int(port)), timeout=DEADLINE).close()
    except ConnectionRefusedError:
        pass
    requests.close()
    equal(list(answers), [], "the end")
    equal(answers.code(), Code.OK, "status")
    ended(server)
    first.close()


@case("GOAWAY comes twice: a notice that lets every call in, and the last stream after our ping's answer")
def _(_):
    server = interop()
    raw = HTTP2(address=server.address, ca=CA)
    duplex = SERVICE + "FullDuplexCall"
    raw.send(raw.call(1, duplex) + frame(http2.DATA, message(asking(5)), stream=1))
    expect(raw.until(http2.DATA, 1), "the first answer")
    terminate(server)
    notice = raw.until(http2.GOAWAY)
    equal(notice[3][:8], struct.pack(">II", 2**31 - 1, 0), "last stream and code of the notice")
    # A call that was on its way when the notice came is served.
    raw.send(raw.call(3, SERVICE + "EmptyCall", M["Empty"]()))
    expect(raw.until(http2.HEADERS, 3), "an answer to it")
    ping = raw.until(http2.PING) if raw.ping is None else raw.ping
    raw.send(frame(http2.PING, ping[3], http2.ACK))
    goaway = raw.until(http2.GOAWAY)
    equal(goaway[3][:8], struct.pack(">II", 3, 0), "last stream and code of the farewell")
    raw.send(frame(http2.DATA, message(asking(7)), http2.END_STREAM, 1))
    expect(raw.until(http2.DATA, 1), "an answer during the drain")
    trailers = raw.until(http2.HEADERS, 1)
    expect(trailers[1] & http2.END_STREAM, "the end of the call")
    equal(raw.until(http2.RESET), None, "nothing more than the end of the connection")
    ended(server)


@case("ttrpc refuses new calls with UNAVAILABLE, and streams what it began to the end")
def _(_):
    server = interop()
    frames = Frames(server.address, CA)
    test = "grpc.testing.TestService"
    stream = frames.request(test, "StreamingOutputCall",
                            asking(10, 20, 30, interval=300_000), flags=REMOTE_CLOSED)
    found, kind, _, _ = frames.read()
    equal((found, kind), (stream, DATA), "the first message")
    terminate(server)
    refusals, messages, over = 0, 1, False
    unary = frames.request(test, "EmptyCall", M["Empty"]())
    while not over:
        found, kind, flags, data = frames.read()
        if found == stream:
            over = bool(flags & NO_DATA)
            messages += not over
        elif b"shutting down" in data:
            refusals += 1
        else:
            # Taken before the news of the end.
            unary = frames.request(test, "EmptyCall", M["Empty"]())
    equal((messages, refusals, found), (3, 1, stream), f"messages, refusals of {unary}, last stream")
    try:
        frames.read()
        raise AssertionError("the connection stayed open")
    except EOFError:
        pass
    ended(server)


@case("a server lets its watchers go when the grace is over, and a trigger that waits gets its answer")
def _(_):
    server = with_server.Server("--grace", "1", checks=False).start()
    with Connection(server.address, CA, token=server.token) as c:
        c.put("approval")
        made = c.executions.Trigger(es.TriggerRequest(
            workflow_id="approval", wait=duration_pb2.Duration(seconds=20))).execution
        equal(made.status, execution_pb2.EXECUTION_STATUS_SUSPENDED, "status")
        events = c.executions.Watch(es.WatchRequest(execution_id=made.id))
        next(events)
        terminate(server)
        try:
            list(events)
            raise AssertionError("the stream of an execution that goes on ended well")
        except grpc.RpcError as error:
            expect(error.code() in (Code.UNAVAILABLE, Code.CANCELLED), f"found {error.code()}")
        equal(server.process.wait(30), 0, "exit status")
        # Nothing is lost: the next server has it, and it is answered.
        again = with_server.Server(folder=server.folder, checks=False).start(server.address)
        kept = c.executions.Get(es.GetExecutionRequest(execution_id=made.id), wait_for_ready=True)
        equal(kept.status, execution_pb2.EXECUTION_STATUS_SUSPENDED, "status after the restart")
        c.executions.Respond(es.RespondRequest(execution_id=made.id, decision=es.DECISION_APPROVE))
        refused(Code.FAILED_PRECONDITION, c.executions.Respond,
                es.RespondRequest(execution_id=made.id, decision=es.DECISION_APPROVE))
        equal(again.stop(), 0, "exit status")
    server.remove()


@case("the processes that run expressions end with a server that is killed")
def _(_):
    server = with_server.Server(checks=False).start()
    with Connection(server.address, CA, token=server.token) as c:
        c.workflows.Put(workflow_service_pb2.PutWorkflowRequest(definition_json=json.dumps({
            "id": "sum", "nodes": [{"id": "start", "type": "start"},
                                   {"id": "end", "type": "end", "data": {"output": "${ .input + 1 }"}}],
            "edges": [{"source": "start", "target": "end"}]})))
        made = c.executions.Trigger(es.TriggerRequest(
            workflow_id="sum", input_json="1", wait=duration_pb2.Duration(seconds=20))).execution
        equal(made.output_json, "2", "output")
    helpers = children(server.process.pid)
    expect(helpers, "no process that runs expressions")
    server.process.kill()
    server.process.wait()
    end = time.monotonic() + DEADLINE
    while any(lives(helper) for helper in helpers):
        expect(time.monotonic() < end, f"{helpers} go on")
        time.sleep(0.01)
    server.remove()


def children(parent):
    """The processes that a process started, as /proc/PID/stat tells."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # It has ended.
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return found


def lives(process):
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@case("a second server on one store ends with what is wrong, and the first goes on")
def _(_):
    server = with_server.Server(checks=False).start()
    second = subprocess.run(
        [str(with_server.BINARIES / "signalbox"), "serve", "--listen", "127.0.0.1:0", "--certificate",
         str(with_server.CERTS / "server.pem"), "--private-key", str(with_server.CERTS / "server-key.pem"),
         "--store", f"sqlite:{server.folder / 'signalbox.sqlite'}"],
        cwd=server.folder, capture_output=True, text=True, timeout=30)
    equal(second.returncode, 69, "exit status")
    expect("open in another server" in second.stderr, f"why, found {second.stderr!r}")
    with Connection(server.address, CA, token=server.token) as c:
        c.executions.Count(es.CountExecutionsRequest())
    equal(server.stop(), 0, "exit status of the first")
    server.remove()


run("drain", None)

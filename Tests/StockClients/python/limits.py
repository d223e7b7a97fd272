#!/usr/bin/env python3
"""Servers with small limits (`--limit`): what is full says so, with the time to come again, to a stock
grpcio client, and what was taken is done all the same. Starts its own servers.
"""
import http.server
import json
import pathlib
import sys
import threading

import grpc
from google.protobuf import duration_pb2
from google.rpc import error_details_pb2

from cases import case, equal, expect, run
from connection import Connection, refused, unpack
from signalbox.v1 import execution_pb2, server_service_pb2, workflow_service_pb2
from signalbox.v1 import execution_service_pb2 as es

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import with_server  # noqa: E402  (after the path that holds it)

CA = with_server.CERTS / "ca.pem"
FULL = grpc.StatusCode.RESOURCE_EXHAUSTED
SECONDS_MAX = 30
WAIT = duration_pb2.Duration(seconds=20)
COMPLETED = execution_pb2.EXECUTION_STATUS_COMPLETED
QUEUED = execution_pb2.EXECUTION_STATUS_QUEUED


class Door:
    """An HTTP server at which requests wait until it is opened; `came` are their paths, in order."""

    def __init__(self):
        self.came, self.isOpen, self.change = [], False, threading.Condition()
        door = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                with door.change:
                    door.came.append(self.path)
                    door.change.notify_all()
                    door.change.wait_for(lambda: door.isOpen, SECONDS_MAX)
                try:
                    self.send_response(200)
                    self.send_header("content-length", "0")
                    self.end_headers()
                except OSError:
                    pass  # Its server was killed meanwhile.

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait_for(self, count):
        with self.change:
            expect(self.change.wait_for(lambda: len(self.came) >= count, SECONDS_MAX), f"came: {self.came}")

    def open(self):
        with self.change:
            self.isOpen = True
            self.change.notify_all()

    def close(self):
        self.open()
        self.server.shutdown()
        self.server.server_close()

    def put(self, c, name):
        """Saves a workflow that knocks at /NAME."""
        c.workflows.Put(workflow_service_pb2.PutWorkflowRequest(definition_json=json.dumps({
            "id": name,
            "nodes": [{"id": "start", "type": "start"},
                      {"id": "knock", "type": "http", "data": {
                          "method": "GET", "url": f"http://{self.address}/{name}", "timeout": "30s"}},
                      {"id": "end", "type": "end"}],
            "edges": [{"source": "start", "target": "knock"}, {"source": "knock", "target": "end"}]})))


def server(door=None, **limits):
    options = [word for name, number in limits.items() for word in ("--limit", f"{name}={number}")]
    if door:
        options += ["--http-allow", door.address]
    return with_server.Server(*options)


def trigger(c, name, **rest):
    return c.executions.Trigger(es.TriggerRequest(workflow_id=name, **rest)).execution


def status(c, execution):
    return c.executions.Get(es.GetExecutionRequest(execution_id=execution.id)).status


def ended(c, execution):
    """The status at its end."""
    for _ in c.executions.Watch(es.WatchRequest(execution_id=execution.id)):
        pass
    return status(c, execution)


def delay(details):
    """Seconds of the one RetryInfo among an error's details."""
    [info] = [info for detail in details if (info := unpack(detail, error_details_pb2.RetryInfo))]
    return info.retry_delay.ToTimedelta().total_seconds()


@case("limits are told as they were set")
def _(_):
    with server(running_max=7, queued_max=200_000, connections_max=9, trigger_wait_seconds_max=5) as started:
        with Connection(started.address, CA, token=started.token) as c:
            found = c.server.GetInfo(server_service_pb2.GetInfoRequest()).limits
            equal([found[name] for name in ("running_max", "queued_max", "connections_max",
                                            "trigger_wait_seconds_max", "input_bytes_max")],
                  [7, 200_000, 9, 5, 1 << 20], "limits")
            c.put("three-noops")
            refused(grpc.StatusCode.INVALID_ARGUMENT, trigger, c, "three-noops", wait=WAIT)


@case("a full queue is QUEUE_FULL with a retry delay, is warned of, and what is queued runs when it may")
def _(_):
    door = Door()
    with server(door, running_max=1, queued_max=1) as started:
        with Connection(started.address, CA, token=started.token) as c:
            door.put(c, "first")
            door.put(c, "second")
            running = trigger(c, "first")
            door.wait_for(1)
            queued = trigger(c, "second")
            equal(status(c, queued), QUEUED, "the second")
            seconds = delay(refused(FULL, trigger, c, "second", reason="QUEUE_FULL"))
            expect(0 < seconds <= 60, f"retry delay {seconds}")
            line = started.wait_for_line("the queue of executions is more than half full")
            expect(" warning " in line and "limit=queued_max" in line, line)
            equal(door.came, ["/first"], "requests")
            door.open()
            equal([ended(c, running), ended(c, queued)], [COMPLETED, COMPLETED], "ends")
            equal(ended(c, trigger(c, "second")), COMPLETED, "with room again")
    door.close()


@case("what is queued stays so over kill -9, and starts in order of priority, then age")
def _(_):
    door = Door()
    started = server(door, running_max=1).start()
    with Connection(started.address, CA, token=started.token) as c:
        for name in ("held", "low", "high", "late"):
            door.put(c, name)
        trigger(c, "held")
        door.wait_for(1)
        waiting = [trigger(c, "low", priority=-5), trigger(c, "high", priority=5), trigger(c, "late", priority=-5)]
        equal({status(c, each) for each in waiting}, {QUEUED}, "status")
    started.kill()
    started.start(started.address)
    with Connection(started.address, CA, token=started.token) as c:
        door.wait_for(2)
        equal({status(c, each) for each in waiting}, {QUEUED}, "status after the restart")
        door.open()
        equal([ended(c, each) for each in waiting], [COMPLETED] * 3, "ends")
    equal(door.came, ["/held", "/held", "/high", "/low", "/late"], "requests")
    started.stop()
    started.remove()
    door.close()


@case("too many commits at once are OVERLOADED with a retry delay, and all that were taken complete")
def _(_):
    with server(waiting_commits_max=1) as started:
        with Connection(started.address, CA, token=started.token) as c:
            c.put("three-noops")
            # How many commits meet is the machine's affair: until some do.
            for _ in range(100):
                calls = [c.executions.Trigger.future(es.TriggerRequest(workflow_id="three-noops", wait=WAIT))
                         for _ in range(100)]
                errors = [error for call in calls if (error := call.exception())]
                taken = [call.result().execution for call in calls if not call.exception()]
                equal({each.status for each in taken}, {COMPLETED}, "those that were taken")
                if errors:
                    break
            expect(errors, "nobody was refused")

            def raised(error):
                raise error
            for error in errors:
                seconds = delay(refused(FULL, raised, error, reason="OVERLOADED"))
                expect(0 < seconds <= 60, f"retry delay {seconds}")
            line = started.wait_for_line("the queue of commits is more than half full")
            expect(" warning " in line and "limit=waiting_commits_max" in line, line)
            equal(ended(c, trigger(c, "three-noops")), COMPLETED, "later")


run("limits", None)

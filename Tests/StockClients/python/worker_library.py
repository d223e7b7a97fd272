#!/usr/bin/env python3
"""clients/python against the real server: the example, and what the library promises.

Starts a server of its own, which it kills on the way. The library with its stubs is in
.build-clients/library.
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[3]
LIBRARY = ROOT / ".build-clients/library"
sys.path[:0] = [str(LIBRARY), str(ROOT / "Tests/StockClients")]

import grpc  # noqa: E402

from signalbox import TaskFailed, Worker, WorkerError  # noqa: E402  (before the bare stubs)

from cases import case, equal, expect, run  # noqa: E402
from connection import Connection, refused, unique  # noqa: E402
from with_server import CERTS, Server  # noqa: E402
from signalbox.v1 import admin_service_pb2, admin_service_pb2_grpc  # noqa: E402
from signalbox.v1 import worker_service_pb2 as ws  # noqa: E402
from signalbox.v1 import worker_service_pb2_grpc  # noqa: E402
from signalbox.v1 import execution_pb2, server_service_pb2, workflow_service_pb2  # noqa: E402
from signalbox.v1 import execution_service_pb2 as es  # noqa: E402

COMPLETED = execution_pb2.EXECUTION_STATUS_COMPLETED
FAILED = execution_pb2.EXECUTION_STATUS_FAILED
SECONDS_MAX = 30


class Subject:
    """One server, and a token of the role worker."""

    def __init__(self):
        self.server = Server().start()
        self.connect()
        self.token = self.admin.server.CreateToken(server_service_pb2.CreateTokenRequest(
            name="hand", role=server_service_pb2.ROLE_WORKER)).secret

    def connect(self):
        self.admin = Connection(self.server.address, CERTS / "ca.pem", self.server.token)

    def worker(self, **rest):
        return Worker(self.server.address, token=self.token, ca=CERTS / "ca.pem", **rest)

    def admin_workers(self):
        return worker_service_pb2_grpc.WorkerServiceStub(self.admin.channel)

    def save(self, kind, data=None, unregistered=True):
        text = json.dumps({
            "id": unique("flow"),
            "nodes": [{"id": "start", "type": "start"},
                      {"id": "job", "type": kind, "data": data or {}},
                      {"id": "end", "type": "end"}],
            "edges": [{"source": "start", "target": "job"}, {"source": "job", "target": "end"}]})
        return self.admin.workflows.Put(workflow_service_pb2.PutWorkflowRequest(
            definition_json=text, allow_unregistered=unregistered)).id

    def trigger(self, workflow, value=None):
        return self.admin.executions.Trigger(es.TriggerRequest(
            workflow_id=workflow, input_json=json.dumps(value))).execution

    def rest(self, execution):
        events = []
        for batch in self.admin.executions.Watch(es.WatchRequest(execution_id=execution.id)):
            events += batch.events
        return self.admin.executions.Get(es.GetExecutionRequest(
            execution_id=execution.id, view=execution_pb2.EXECUTION_VIEW_FULL)), events


class Running:
    """A worker at work in a thread."""

    def __init__(self, worker):
        self.worker = worker
        self.error = None
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        try:
            self.worker.run()
        except WorkerError as error:
            self.error = error

    def __enter__(self):
        self.thread.start()
        return self.worker

    def __exit__(self, *_):
        self.worker.stop()
        self.thread.join(SECONDS_MAX)
        expect(not self.thread.is_alive(), "expected the worker to end after it was stopped")


@case("the example serves its workflow beside another worker, and ends when it is told to")
def _(s):
    worker = s.worker()

    @worker.kind("shout", schema={"type": "object", "required": ["marks"]})
    def _(task):
        return task.input["text"].upper() + "!" * task.data["marks"]

    names = {**os.environ, "SIGNALBOX_SERVER": s.server.address,
             "SIGNALBOX_CA": str(CERTS / "ca.pem"), "SIGNALBOX_TOKEN": s.token,
             "PYTHONPATH": str(LIBRARY)}
    example = subprocess.Popen(
        [sys.executable, str(ROOT / "examples/workers/greet.py")], env=names)
    try:
        with Running(worker):
            text = (ROOT / "examples/workers/workflow.json").read_text()
            workflow = s.admin.workflows.Put(workflow_service_pb2.PutWorkflowRequest(
                definition_json=text, allow_unregistered=True)).id
            found, events = s.rest(s.trigger(workflow, {"name": "Ada"}))
            equal(json.loads(found.output_json), "HELLO, ADA!!!", "output")
            progress = [event.node_progressed.data_json for event in events
                        if event.WhichOneof("kind") == "node_progressed"]
            equal([json.loads(data) for data in progress], [{"greeting": "Ada"}], "progress")
            denied, _ = s.rest(s.trigger(workflow, {"name": ""}))
            equal((denied.status, denied.error.code), (FAILED, "NAME_EMPTY"), "refusal")
        example.send_signal(signal.SIGTERM)
        equal(example.wait(SECONDS_MAX), 0, "the example's exit status")
    finally:
        example.kill()


@case("an exception fails the task and is tried again; TaskFailed says more")
def _(s):
    worker, attempts = s.worker(), []

    @worker.kind("flaky")
    def _(task):
        attempts.append((task.attempt, task.idempotency_token))
        if task.attempt == 1:
            raise ValueError("not yet")
        raise TaskFailed("NEVER", "give up", details={"a": 1}, retryable=False)

    with Running(worker):
        workflow = s.save("flaky", {"retry": {"attempts": 5, "delay": "10ms"}})
        found, _ = s.rest(s.trigger(workflow))
    equal([attempt for attempt, _ in attempts], [1, 2], "attempts")
    equal(len({token for _, token in attempts}), 1, "tokens")
    equal((found.error.code, found.error.message, json.loads(found.error.details_json)),
          ("NEVER", "give up", {"a": 1}), "error")


@case("what it is at work on when the server is killed is done once, and taken afterwards")
def _(s):
    worker, started, go_on, calls = s.worker(id="steady"), threading.Event(), threading.Event(), []

    @worker.kind("slow")
    def _(task):
        calls.append(task.id)
        started.set()
        go_on.wait(SECONDS_MAX)
        return "done"

    with Running(worker):
        execution = s.trigger(s.save("slow"))
        expect(started.wait(SECONDS_MAX), "expected the task to be begun")
        s.server.kill()
        go_on.set()
        s.server.start(listen=s.server.address)
        s.connect()
        found, events = s.rest(execution)
    equal(json.loads(found.output_json), "done", "output")
    equal(len(calls), 1, "calls")
    expect(all(event.WhichOneof("kind") != "node_interrupted" for event in events),
           "expected no interruption")


@case("heartbeats keep a task that takes longer than its time-out, and a cancel is told")
def _(s):
    worker, cancelled = s.worker(), threading.Event()

    @worker.kind("long")
    def _(task):
        if task.input == "cancel":
            expect(task.cancelled.wait(SECONDS_MAX), "expected to be told of the cancel")
            cancelled.set()
            return None
        # Longer than the task's heartbeat time-out: waiting is the test.
        task.cancelled.wait(2.5)
        return task.attempt

    with Running(worker):
        workflow = s.save("long", {"heartbeatTimeout": "1s"})
        found, _ = s.rest(s.trigger(workflow, "last"))
        equal(json.loads(found.output_json), 1, "the attempt that ended well")
        execution = s.trigger(workflow, "cancel")
        for batch in s.admin.executions.Watch(es.WatchRequest(execution_id=execution.id)):
            if any(event.WhichOneof("kind") == "node_delegated" for event in batch.events):
                break
        s.admin.executions.Cancel(es.CancelExecutionRequest(execution_id=execution.id))
        expect(cancelled.wait(SECONDS_MAX), "expected the worker to see the cancel")


@case("kinds and queues belong to one workspace, and last when the server is killed")
def _(s):
    kind, queue = unique("lasting"), unique("queue")
    schema = {"type": "object", "required": ["width"]}
    worker = s.worker(queue=queue)
    worker.kind(kind, schema=schema)(lambda task: task.data["width"])
    s.admin_workers().PutQueue(ws.PutWorkerQueueRequest(name=queue, concurrency=3))
    with Running(worker):
        workflow = s.save(kind, {"width": 4, "queue": queue})
        found, _ = s.rest(s.trigger(workflow))
        equal(json.loads(found.output_json), 4, "output")
    s.server.kill()
    s.server.start(listen=s.server.address)
    s.connect()

    def registered(**fields):
        page = s.admin_workers().ListKinds(ws.ListWorkerKindsRequest(page_size=1000, **fields))
        return {found.name: found for found in page.kinds}

    equal(json.loads(registered()[kind].data_schema_json), schema, "the schema")
    equal(registered()[kind].worker_count, 0, "workers that serve it")
    equal([found.concurrency for found in s.admin_workers().ListQueues(
        ws.ListWorkerQueuesRequest()).queues if found.name == queue], [3], "the queue's limit")
    # It is still checked: this is refused for its data, not for its kind.
    details = str(refused(grpc.StatusCode.INVALID_ARGUMENT, s.save, kind, {}, False))
    expect("width" in details, f"expected the schema's fault, found {details}")
    other = unique("other")
    admin_service_pb2_grpc.AdminServiceStub(s.admin.channel).CreateWorkspace(
        admin_service_pb2.CreateWorkspaceRequest(workspace_id=other))
    equal(registered(workspace_id=other), {}, "kinds of another workspace")


@case("a token of another role is refused at once")
def _(s):
    worker = Worker(s.server.address, token=s.server.token, ca=CERTS / "ca.pem")
    worker.kind("any")(lambda task: None)
    running = Running(worker)
    with running:
        running.thread.join(SECONDS_MAX)
    expect(running.error is not None and "ROLE_INSUFFICIENT" in str(running.error),
           f"expected a refusal, found {running.error}")


def main():
    subject = Subject()
    try:
        run("worker library", subject)
    finally:
        subject.server.kill()
        subject.server.remove()


if __name__ == "__main__":
    main()

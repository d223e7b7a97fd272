#!/usr/bin/env python3
"""A stock Python gRPC client is a worker: WorkerService by its generated stubs, with no library.

Reads what with_server.py provides.
"""
import json
import os
import pathlib
import threading

import grpc
from google.protobuf import duration_pb2

from cases import case, equal, expect, run
from connection import Connection, refused, unique
from signalbox.v1 import admin_service_pb2, admin_service_pb2_grpc
from signalbox.v1 import execution_pb2, secret_service_pb2, secret_service_pb2_grpc
from signalbox.v1 import execution_service_pb2 as es
from signalbox.v1 import server_service_pb2, workflow_service_pb2
from signalbox.v1 import worker_service_pb2 as ws
from signalbox.v1 import worker_service_pb2_grpc

Code = grpc.StatusCode
COMPLETED = execution_pb2.EXECUTION_STATUS_COMPLETED
FAILED = execution_pb2.EXECUTION_STATUS_FAILED
RUNNING = execution_pb2.EXECUTION_STATUS_RUNNING
MINUTE = duration_pb2.Duration(seconds=60)


class Subject:
    """One admin and one worker, and names that no other case uses."""

    def __init__(self):
        self.admin = Connection.from_environment()
        self.admin_workers = worker_service_pb2_grpc.WorkerServiceStub(self.admin.channel)
        made = self.admin.server.CreateToken(server_service_pb2.CreateTokenRequest(
            name=unique("hand"), role=server_service_pb2.ROLE_WORKER))
        self.hand = Connection.from_environment(token=made.secret)
        self.workers = worker_service_pb2_grpc.WorkerServiceStub(self.hand.channel)
        self.kind = unique("kind")

    def save(self, data=None, kind=None, unregistered=True):
        text = json.dumps({
            "id": unique("flow"),
            "nodes": [{"id": "start", "type": "start"},
                      {"id": "job", "type": kind or self.kind, "data": data or {}},
                      {"id": "end", "type": "end"}],
            "edges": [{"source": "start", "target": "job"}, {"source": "job", "target": "end"}]})
        return self.admin.workflows.Put(workflow_service_pb2.PutWorkflowRequest(
            definition_json=text, allow_unregistered=unregistered)).id

    def trigger(self, workflow, value=None, **fields):
        return self.admin.executions.Trigger(es.TriggerRequest(
            workflow_id=workflow, input_json=json.dumps(value), **fields)).execution

    def rest(self, execution):
        """Follows the execution to its end."""
        events = []
        for batch in self.admin.executions.Watch(es.WatchRequest(execution_id=execution.id)):
            events += batch.events
        return self.get(execution), events

    def get(self, execution):
        return self.admin.executions.Get(es.GetExecutionRequest(
            execution_id=execution.id, view=execution_pb2.EXECUTION_VIEW_FULL))

    def work(self, worker="w", kinds=(), **fields):
        """Opens a stream and returns it once the server has said that it has begun."""
        kinds = [ws.WorkerKind(name=name) for name in kinds or [self.kind]]
        stream = self.workers.Work(
            ws.WorkRequest(worker_id=worker, kinds=kinds, **fields), timeout=60)
        first = next(stream)
        equal(first.WhichOneof("kind"), "started", "the first message")
        return stream

    def complete(self, task, output, **fields):
        return self.workers.CompleteTask(ws.CompleteTaskRequest(
            task_id=task.task_id, output_json=json.dumps(output), **fields))


def resident():
    """Bytes of memory that the server has in use."""
    text = pathlib.Path(f"/proc/{os.environ['SIGNALBOX_PID']}/statm").read_text()
    return int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE")


def task_of(stream):
    message = next(stream)
    equal(message.WhichOneof("kind"), "task", "a message")
    return message.task


def cancelled_of(stream):
    message = next(stream)
    equal(message.WhichOneof("kind"), "cancelled", "a message")
    return message.cancelled


@case("a task is pushed to a worker, and what it completes with is the node's output")
def _(s):
    stream = s.work()
    workflow = s.save({"width": "${ .input.n * 2 }", "retry": {"attempts": 2}}, unregistered=False)
    execution = s.trigger(workflow, {"n": 4})
    task = task_of(stream)
    equal(task.kind, s.kind, "kind")
    equal(json.loads(task.data_json), {"width": 8}, "data")
    equal(json.loads(task.input_json), {"n": 4}, "input")
    equal(task.execution_id, execution.id, "execution")
    equal(task.attempt, 1, "attempt")
    expect(task.idempotency_token, "expected an idempotency token")
    equal(s.get(execution).status, RUNNING, "status while at work")
    s.complete(task, {"ok": True})
    found, events = s.rest(execution)
    equal(found.status, COMPLETED, "status")
    equal(json.loads(found.output_json), {"ok": True}, "output")
    expect(any(event.WhichOneof("kind") == "node_delegated" for event in events),
           "expected the journal to say that the node was delegated")
    refused(Code.FAILED_PRECONDITION, s.workers.CompleteTask, ws.CompleteTaskRequest(
        task_id=task.task_id), reason="TASK_OVER")
    stream.cancel()


@case("the kind `worker` names its type, queue and input")
def _(s):
    other, stream = s.work("other", queue="other"), s.work("mine", queue="mine")
    workflow = s.save({"type": s.kind, "queue": "mine", "input": ["${ .input }"]}, kind="worker",
                      unregistered=False)
    execution = s.trigger(workflow, 7)
    task = task_of(stream)
    equal(json.loads(task.input_json), [7], "input")
    equal(task.queue, "mine", "queue")
    s.complete(task, 1)
    equal(s.rest(execution)[0].status, COMPLETED, "status")
    other.cancel()
    stream.cancel()


@case("without a worker the node waits, get says so, and the next worker is given it")
def _(s):
    execution = s.trigger(s.save())
    for batch in s.admin.executions.Watch(es.WatchRequest(execution_id=execution.id)):
        if any(event.WhichOneof("kind") == "node_delegated" for event in batch.events):
            break
    # Watchers are told a moment before the tasks' board is.
    said = ""
    for _ in range(1_000):
        found = s.get(execution)
        equal(found.status, RUNNING, "status")
        said = found.next_wake_up
        if "no worker" in said:
            break
    expect("no worker that serves it is connected" in said,
           f"expected the wait for a worker to be said, found {said!r}")
    stream = s.work()
    s.complete(task_of(stream), None)
    equal(s.rest(execution)[0].status, COMPLETED, "status")
    stream.cancel()


@case("a kind that nobody registered is refused, and a registered one stays known with its schema")
def _(s):
    refused(Code.INVALID_ARGUMENT, s.save, unregistered=False)
    schema = {"type": "object", "required": ["width"],
              "properties": {"width": {"type": "integer"}}}
    stream = s.workers.Work(ws.WorkRequest(worker_id="w", kinds=[
        ws.WorkerKind(name=s.kind, data_schema_json=json.dumps(schema))]), timeout=60)
    next(stream)
    stream.cancel()
    s.save({"width": 3}, unregistered=False)
    refused(Code.INVALID_ARGUMENT, s.save, {"width": "x"}, unregistered=False)
    listed, token = [], ""
    while True:
        page = s.admin_workers.ListKinds(ws.ListWorkerKindsRequest(page_size=3, page_token=token))
        listed += [kind.name for kind in page.kinds]
        token = page.next_page_token
        if not token:
            break
    expect(s.kind in listed and listed == sorted(listed), f"expected {s.kind} in {listed}")
    s.admin_workers.DeleteKind(ws.DeleteWorkerKindRequest(name=s.kind))
    refused(Code.INVALID_ARGUMENT, s.save, {"width": 4}, unregistered=False)
    refused(Code.NOT_FOUND, s.admin_workers.DeleteKind, ws.DeleteWorkerKindRequest(name=s.kind),
            reason="KIND_NOT_FOUND")


@case("no more tasks are sent than the worker takes at once")
def _(s):
    stream = s.work(concurrency=2)
    workflow = s.save()
    executions = [s.trigger(workflow, number) for number in range(5)]
    received = [task_of(stream), task_of(stream)]
    listed = s.admin_workers.ListWorkers(ws.ListWorkersRequest(page_size=1000)).workers
    mine = [worker for worker in listed if s.kind in [kind.name for kind in worker.kinds]]
    equal([(worker.running_count, worker.concurrency) for worker in mine], [(2, 2)], "running")
    while len(received) < 5:
        s.complete(received[-1], 1)
        received.append(task_of(stream))
    s.complete(received[0], 1)
    s.complete(received[4], 1)
    equal(sorted(json.loads(task.input_json) for task in received), list(range(5)), "inputs")
    for execution in executions:
        equal(s.rest(execution)[0].status, COMPLETED, "status")
    stream.cancel()


@case("the most urgent execution's task is first")
def _(s):
    workflow = s.save()
    executions = [s.trigger(workflow, value, priority=priority)
                  for value, priority in (("low", 0), ("high", 5), ("lowest", -3))]
    for execution in executions:
        for batch in s.admin.executions.Watch(es.WatchRequest(execution_id=execution.id)):
            if any(event.WhichOneof("kind") == "node_delegated" for event in batch.events):
                break
    stream, order = s.work(), []
    for _ in executions:
        task = task_of(stream)
        order.append(json.loads(task.input_json))
        s.complete(task, 1)
    equal(order, ["high", "low", "lowest"], "order")
    stream.cancel()


@case("a retryable failure is tried again with the same token, another is not")
def _(s):
    stream = s.work()
    workflow = s.save({"retry": {"attempts": 3, "delay": "10ms"}})
    execution = s.trigger(workflow)
    first = task_of(stream)
    s.workers.FailTask(ws.FailTaskRequest(
        task_id=first.task_id, code="BUSY", message="later", retryable=True))
    second = task_of(stream)
    equal(second.attempt, 2, "attempt")
    equal(second.idempotency_token, first.idempotency_token, "token")
    s.workers.FailTask(ws.FailTaskRequest(
        task_id=second.task_id, code="CARD_REFUSED", message="no money",
        details_json='{"left":3}', retryable=False))
    found, _ = s.rest(execution)
    equal(found.status, FAILED, "status")
    equal((found.error.code, found.error.message, json.loads(found.error.details_json)),
          ("CARD_REFUSED", "no money", {"left": 3}), "error")
    stream.cancel()


@case("a worker whose stream ends and does not come back loses its task to another")
def _(s):
    lost_stream = s.work("leaves")
    execution = s.trigger(s.save())
    lost = task_of(lost_stream)
    lost_stream.cancel()
    stream = s.work("stays")
    task = task_of(stream)
    equal(task.attempt, 2, "attempt")
    equal(task.idempotency_token, lost.idempotency_token, "token")
    refused(Code.FAILED_PRECONDITION, s.workers.CompleteTask, ws.CompleteTaskRequest(
        task_id=lost.task_id), reason="TASK_LOST")
    s.complete(task, "done")
    found, events = s.rest(execution)
    equal(json.loads(found.output_json), "done", "output")
    equal([event.node_interrupted.attempt for event in events
           if event.WhichOneof("kind") == "node_interrupted"], [1], "interrupted attempts")
    stream.cancel()


@case("a worker that sends no heartbeat loses its task, and is told on its stream")
def _(s):
    silent = s.work("silent")
    execution = s.trigger(s.save({"heartbeatTimeout": "1s"}))
    task = task_of(silent)
    # Renewed once, then not again.
    answer = s.workers.Heartbeat(ws.HeartbeatRequest(worker_id="silent", task_ids=[task.task_id]))
    equal(len(answer.cancelled), 0, "cancelled tasks")
    told = cancelled_of(silent)
    equal((told.task_id, told.ending), (task.task_id, ws.TASK_ENDING_LOST), "what was told")
    again = task_of(silent)
    equal(again.attempt, 2, "attempt")
    answer = s.workers.Heartbeat(ws.HeartbeatRequest(
        worker_id="silent", task_ids=[task.task_id, again.task_id]))
    equal([(gone.task_id, gone.ending) for gone in answer.cancelled],
          [(task.task_id, ws.TASK_ENDING_LOST)], "what the heartbeat said")
    s.complete(again, 1)
    equal(s.rest(execution)[0].status, COMPLETED, "status")
    silent.cancel()


@case("a worker that connects again keeps what it names, and gets the rest again")
def _(s):
    stream = s.work("back", concurrency=2)
    workflow = s.save()
    executions = [s.trigger(workflow, number) for number in range(2)]
    held, dropped = task_of(stream), task_of(stream)
    again = s.work("back", concurrency=2, held_task_ids=[held.task_id])
    refused(Code.ABORTED, next, stream, reason="WORKER_REPLACED")
    repeated = task_of(again)
    equal(repeated.task_id, dropped.task_id, "the task that was handed out again")
    s.complete(held, 1)
    s.complete(repeated, 1)
    for execution in executions:
        found, events = s.rest(execution)
        equal(found.status, COMPLETED, "status")
        expect(all(event.WhichOneof("kind") != "node_interrupted" for event in events),
               "expected no interruption")
    again.cancel()


@case("progress is an event that a watcher sees live, and too much of it is refused")
def _(s):
    stream = s.work()
    execution = s.trigger(s.save())
    task = task_of(stream)
    seen, ready = [], threading.Event()

    def follow():
        for batch in s.admin.executions.Watch(es.WatchRequest(execution_id=execution.id)):
            for event in batch.events:
                if event.WhichOneof("kind") == "node_progressed":
                    seen.append(json.loads(event.node_progressed.data_json))
                    ready.set()

    follower = threading.Thread(target=follow)
    follower.start()
    s.workers.ReportProgress(ws.ReportProgressRequest(
        task_id=task.task_id, data_json='{"percent":50}'))
    expect(ready.wait(20), "expected the progress to be seen before the end")
    equal(seen, [{"percent": 50}], "progress")

    def hurry():
        for _ in range(20):
            s.workers.ReportProgress(ws.ReportProgressRequest(
                task_id=task.task_id, data_json="1"))
    refused(Code.RESOURCE_EXHAUSTED, hurry, reason="PROGRESS_RATE")
    refused(Code.INVALID_ARGUMENT, s.workers.ReportProgress, ws.ReportProgressRequest(
        task_id=task.task_id, data_json="{"))
    s.complete(task, 1)
    follower.join(20)
    expect(not follower.is_alive(), "expected the watch to end")
    stream.cancel()


@case("cancelling the execution and the node's time-out are seen on the stream")
def _(s):
    stream = s.work(concurrency=2)
    execution = s.trigger(s.save())
    task = task_of(stream)
    s.admin.executions.Cancel(es.CancelExecutionRequest(execution_id=execution.id))
    told = cancelled_of(stream)
    equal((told.task_id, told.ending), (task.task_id, ws.TASK_ENDING_CANCELLED), "cancelled")
    late = s.trigger(s.save({"timeout": "300ms"}))
    slow = task_of(stream)
    expect(slow.HasField("deadline"), "expected the deadline of the time-out")
    equal(cancelled_of(stream).task_id, slow.task_id, "timed out")
    equal(s.rest(late)[0].error.code, "NODE_TIMED_OUT", "error")
    refused(Code.FAILED_PRECONDITION, s.workers.FailTask, ws.FailTaskRequest(
        task_id=slow.task_id), reason="TASK_OVER")
    stream.cancel()


@case("a queue's limits hold over all workers, are listed, and are taken away")
def _(s):
    queue = unique("queue")
    s.admin_workers.PutQueue(ws.PutWorkerQueueRequest(name=queue, concurrency=1))
    streams = [s.work(f"q{number}", queue=queue, concurrency=5) for number in range(2)]
    workflow = s.save({"queue": queue})
    executions = [s.trigger(workflow, number) for number in range(2)]

    def standing():
        listed = s.admin_workers.ListQueues(ws.ListWorkerQueuesRequest()).queues
        return [(found.running_count, found.waiting_count, found.concurrency)
                for found in listed if found.name == queue]

    while standing() != [(1, 1, 1)]:
        pass
    s.admin_workers.DeleteQueue(ws.DeleteWorkerQueueRequest(name=queue))
    equal(standing(), [(2, 0, 0)], "after the limit went")
    tasks = [task_of(stream) for stream in streams]
    for task in tasks:
        s.complete(task, 1)
    for execution in executions:
        equal(s.rest(execution)[0].status, COMPLETED, "status")
    refused(Code.NOT_FOUND, s.admin_workers.DeleteQueue,
            ws.DeleteWorkerQueueRequest(name=queue), reason="QUEUE_NOT_FOUND")
    for stream in streams:
        stream.cancel()


@case("secrets are put in when a task is handed out, and masked in all that comes back")
def _(s):
    value = unique("s3cret")
    secrets = secret_service_pb2_grpc.SecretServiceStub(s.admin.channel)
    secrets.PutSecret(secret_service_pb2.PutSecretRequest(name="WORKER_KEY", value=value))
    stream = s.work(concurrency=2)
    execution = s.trigger(s.save({"auth": {"key": "Bearer ${ .secrets.WORKER_KEY }"}}))
    task = task_of(stream)
    equal(json.loads(task.data_json), {"auth": {"key": f"Bearer {value}"}}, "data")
    s.workers.ReportProgress(ws.ReportProgressRequest(
        task_id=task.task_id, data_json=json.dumps({"sent": value})))
    s.complete(task, {"echo": value})
    found, events = s.rest(execution)
    equal(json.loads(found.output_json), {"echo": "***"}, "output")
    failing = s.trigger(s.save({"type": s.kind, "input": "${ .secrets.WORKER_KEY }"},
                               kind="worker"))
    task = task_of(stream)
    equal(json.loads(task.input_json), value, "input")
    s.workers.FailTask(ws.FailTaskRequest(
        task_id=task.task_id, code="BAD_KEY", message=f"refused {value}",
        details_json=json.dumps([value])))
    broken, more = s.rest(failing)
    equal(broken.error.message, "refused ***", "error")
    for event in [*events, *more]:
        expect(value not in str(event), f"the secret is in {event}")
    stream.cancel()


@case("what is wrong with a worker or a result is said, all at once")
def _(s):
    details = refused(Code.INVALID_ARGUMENT, s.workers.Work, ws.WorkRequest(
        worker_id="a b", queue="c d", concurrency=5_000, kinds=[
            ws.WorkerKind(name="http"), ws.WorkerKind(name="x", data_schema_json="{")]))
    text = str(details)
    for field in ("worker_id", "queue", "concurrency", "kinds[0].name", "data_schema_json"):
        expect(field in text, f"expected {field} in {text}")
    refused(Code.INVALID_ARGUMENT, s.workers.Work, ws.WorkRequest(worker_id="w"))
    stream = s.work()
    execution = s.trigger(s.save())
    task = task_of(stream)
    refused(Code.INVALID_ARGUMENT, s.workers.CompleteTask, ws.CompleteTaskRequest(
        task_id=task.task_id, output_json="{"))
    refused(Code.INVALID_ARGUMENT, s.workers.CompleteTask, ws.CompleteTaskRequest(
        task_id=task.task_id, output_json=json.dumps("x" * (1 << 20))))
    refused(Code.INVALID_ARGUMENT, s.workers.FailTask, ws.FailTaskRequest(
        task_id=task.task_id, code="lower"))
    refused(Code.INVALID_ARGUMENT, s.workers.CompleteTask, ws.CompleteTaskRequest(task_id="nine"))
    s.complete(task, 1)
    equal(s.rest(execution)[0].status, COMPLETED, "status")
    stream.cancel()


@case("who was not handed a task can neither end nor take it, whatever it calls itself")
def _(s):
    stream = s.work("honest")
    execution = s.trigger(s.save())
    task = task_of(stream)
    number, attempt, seal, path = task.task_id.split(".", 3)
    guess = f"{number}.{attempt}.{'0' * len(seal)}.{path}"
    other = server_service_pb2.CreateTokenRequest(
        name=unique("thief"), role=server_service_pb2.ROLE_WORKER)
    thief = Connection.from_environment(token=s.admin.server.CreateToken(other).secret)
    stub = worker_service_pb2_grpc.WorkerServiceStub(thief.channel)
    for name in (guess, f"{number}.2.{seal}.{path}", f"{number}.{attempt}.x.{path}"):
        refused(Code.FAILED_PRECONDITION, stub.CompleteTask, ws.CompleteTaskRequest(
            task_id=name, output_json="1"), reason="TASK_OVER")
        refused(Code.FAILED_PRECONDITION, stub.FailTask, ws.FailTaskRequest(
            task_id=name), reason="TASK_OVER")
        answer = stub.Heartbeat(ws.HeartbeatRequest(worker_id="thief", task_ids=[name]))
        equal([(gone.task_id, gone.ending) for gone in answer.cancelled],
              [(name, ws.TASK_ENDING_OVER)], "what the heartbeat said")
    refused(Code.ALREADY_EXISTS, stub.Work, ws.WorkRequest(
        worker_id="honest", kinds=[ws.WorkerKind(name=s.kind)]), reason="WORKER_ID_TAKEN")
    taking = stub.Work(ws.WorkRequest(
        worker_id="thief", kinds=[ws.WorkerKind(name=s.kind)], held_task_ids=[guess]), timeout=60)
    equal(next(taking).WhichOneof("kind"), "started", "the first message")
    equal(cancelled_of(taking).task_id, guess, "what is told to be over")
    s.complete(task, "honest work")
    equal(json.loads(s.rest(execution)[0].output_json), "honest work", "output")
    taking.cancel()
    stream.cancel()


@case("a stream that never reads is handed no more than it takes, and its tasks go to others")
def _(s):
    # Not one message is read: what the client's side buffers is bounded by HTTP/2's windows.
    deaf = s.workers.Work(ws.WorkRequest(
        worker_id="deaf", kinds=[ws.WorkerKind(name=s.kind)], concurrency=20), timeout=60)
    big = "x" * (256 << 10)
    workflow = s.save({"heartbeatTimeout": "1s", "note": big})
    while not any(worker.worker_id == "deaf" for worker in s.admin_workers.ListWorkers(
            ws.ListWorkersRequest(page_size=1000)).workers):
        pass
    before = resident()
    executions = [s.trigger(workflow, number) for number in range(40)]

    def held():
        return [worker.running_count for worker in s.admin_workers.ListWorkers(
            ws.ListWorkersRequest(page_size=1000)).workers if worker.worker_id == "deaf"]

    while held() != [20]:
        pass
    # Tasks of 256 KiB each: were they copied for a stream that does not take them, it would show.
    grown = resident() - before
    expect(grown < 40 << 20, f"expected less than 40 MiB more, found {grown >> 20} MiB")
    deaf.cancel()
    stream = s.work("listens", concurrency=10)
    left = len(executions)
    while left:
        s.complete(task_of(stream), 1)
        left -= 1
    for execution in executions:
        equal(s.rest(execution)[0].status, COMPLETED, "status")
    stream.cancel()


@case("thousands of registrations end at the workspace's limit, and what is there goes on")
def _(s):
    admin = admin_service_pb2_grpc.AdminServiceStub(s.admin.channel)
    workspace = unique("crowd")
    admin.CreateWorkspace(admin_service_pb2.CreateWorkspaceRequest(workspace_id=workspace))
    made = s.admin.server.CreateToken(server_service_pb2.CreateTokenRequest(
        workspace_id=workspace, name="hand", role=server_service_pb2.ROLE_WORKER))
    with Connection.from_environment(token=made.secret) as hand:
        stub = worker_service_pb2_grpc.WorkerServiceStub(hand.channel)
        before = resident()

        def register(first):
            stream = stub.Work(ws.WorkRequest(worker_id="many", kinds=[
                ws.WorkerKind(name=f"kind-{number}",
                              data_schema_json=json.dumps({"title": "x" * 16_000}))
                for number in range(first, first + 100)]), timeout=60)
            next(stream)
            return stream

        streams = [register(first) for first in range(0, 1_000, 100)]
        refused(Code.RESOURCE_EXHAUSTED, register, 1_000, reason="KINDS_MAX")
        # What is registered stays good, also once the workspace is full.
        again = register(0)
        grown = resident() - before
        expect(grown < 60 << 20, f"expected less than 60 MiB more, found {grown >> 20} MiB")
        again.cancel()
        for stream in streams:
            stream.cancel()


@case("a worker may do nothing else, and nobody else may work")
def _(s):
    refused(Code.PERMISSION_DENIED, s.hand.executions.List, es.ListExecutionsRequest(),
            reason="ROLE_INSUFFICIENT")
    refused(Code.PERMISSION_DENIED, s.workers.ListWorkers, ws.ListWorkersRequest(),
            reason="ROLE_INSUFFICIENT")
    refused(Code.PERMISSION_DENIED, s.admin_workers.Work, ws.WorkRequest(
        worker_id="w", kinds=[ws.WorkerKind(name=s.kind)]), reason="ROLE_INSUFFICIENT")


if __name__ == "__main__":
    run("workers", Subject)

"""A worker over gRPC: one stream that work is pushed down, one thread per task, one for heartbeats."""
import json
import pathlib
import random
import threading
import time
import uuid

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from .v1 import worker_service_pb2 as messages
from .v1 import worker_service_pb2_grpc as services

# How long a result is offered to a server that cannot be reached.
PATIENCE_SECONDS = 600
PAUSE_SECONDS_MIN = 0.05
PAUSE_SECONDS_MAX = 2.0
CALL_SECONDS_MAX = 20
# Failures that connecting again may mend.
PASSING = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN,
}


class WorkerError(Exception):
    """The server refused the worker: its token, a kind, or its name, which another has taken."""


class TaskFailed(Exception):
    """Fails a task with a code that the workflow can handle."""

    def __init__(self, code, message="", details=None, retryable=True):
        super().__init__(message or code)
        self.code = code
        self.message = message
        self.details = details
        self.retryable = retryable


class Task:
    """One attempt of one node."""

    def __init__(self, worker, message):
        self._worker = worker
        # The whole `WorkerTask` as it came.
        self.message = message
        self.id = message.task_id
        self.kind = message.kind
        self.attempt = message.attempt
        self.execution_id = message.execution_id
        # The same for all attempts of the node: whoever receives it can tell a repeat.
        self.idempotency_token = message.idempotency_token
        # The node's input and its `data`.
        self.input = json.loads(message.input_json or "null")
        self.data = json.loads(message.data_json or "{}")
        # Set when nobody wants the result any more.
        self.cancelled = threading.Event()

    def progress(self, data):
        """Says how far the task is: an event that watchers see. What comes too often is left out."""
        request = messages.ReportProgressRequest(
            task_id=self.id, worker_id=self._worker.id, data_json=json.dumps(data))
        try:
            self._worker._stub.ReportProgress(request, timeout=CALL_SECONDS_MAX)
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.RESOURCE_EXHAUSTED:
                raise


class Worker:
    """Runs node kinds for a server.

    server       HOST:PORT
    token        one of the role `worker`
    ca           the PEM file of the authority that signed the server's certificate; None: the system's
    id           a name of its own; a random one if left out
    queue        the queue that it works for
    concurrency  how many tasks it takes at once, 1 to 1,000
    options      channel arguments for grpc.secure_channel
    """

    def __init__(self, server, token, ca=None, id=None, queue="default", concurrency=4, options=()):
        self.id = id or f"worker-{uuid.uuid4().hex[:12]}"
        self.queue = queue
        self.concurrency = concurrency
        roots = pathlib.Path(ca).read_bytes() if ca else None
        credentials = grpc.composite_channel_credentials(
            grpc.ssl_channel_credentials(roots), grpc.access_token_call_credentials(token))
        # Results are offered again by hand; the channel itself need not wait long to connect again.
        options = [("grpc.max_receive_message_length", 8 << 20),
                   ("grpc.max_reconnect_backoff_ms", 2_000),
                   ("grpc.initial_reconnect_backoff_ms", 50),
                   ("grpc.min_reconnect_backoff_ms", 50), *options]
        self._channel = grpc.secure_channel(server, credentials, options)
        self._stub = services.WorkerServiceStub(self._channel)
        self._kinds = {}
        self._functions = {}
        self._running = {}
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._stopping = threading.Event()
        self._pulse = threading.Condition(self._lock)
        self._interval = 20.0
        self._pulse_interval = 20.0
        self._ended = False
        self._stream = None

    def kind(self, name, schema=None, concurrency=0):
        """Registers the decorated function for the nodes of this `type`.

        schema       a JSON Schema of the nodes' `data`, as a dict
        concurrency  how many tasks of this kind at once; 0: as many as the worker takes
        """
        def register(function):
            self._kinds[name] = messages.WorkerKind(
                name=name, concurrency=concurrency,
                data_schema_json="" if schema is None else json.dumps(schema))
            self._functions[name] = function
            return function
        return register

    def run(self):
        """Works until `stop`. Raises WorkerError for what connecting again does not mend."""
        heart = threading.Thread(target=self._beat, daemon=True)
        heart.start()
        try:
            self._serve()
        finally:
            with self._lock:
                # What is at work goes on, and heartbeats tell the server to expect it.
                self._pulse.notify_all()
                while self._running:
                    self._idle.wait()
                self._ended = True
                self._pulse.notify_all()
            heart.join()
            self._channel.close()

    def stop(self):
        """Takes no more tasks; `run` returns when those at work have ended. Safe in a signal handler."""
        self._stopping.set()
        stream = self._stream
        if stream is not None:
            stream.cancel()

    # The stream

    def _serve(self):
        pause = PAUSE_SECONDS_MIN
        while not self._stopping.is_set():
            try:
                self._receive()
                pause = PAUSE_SECONDS_MIN
            except grpc.RpcError as error:
                if self._stopping.is_set():
                    return
                if error.code() not in PASSING:
                    raise WorkerError(f"{_reason(error)}: {error.details()}") from error
                # Not all workers at once when a server is back.
                self._stopping.wait(pause * random.uniform(0.5, 1))
                pause = min(pause * 2, PAUSE_SECONDS_MAX)

    def _receive(self):
        with self._lock:
            held = list(self._running)
        stream = self._stub.Work(messages.WorkRequest(
            worker_id=self.id, queue=self.queue, kinds=list(self._kinds.values()),
            concurrency=self.concurrency, held_task_ids=held))
        self._stream = stream
        if self._stopping.is_set():
            stream.cancel()
        for message in stream:
            kind = message.WhichOneof("kind")
            if kind == "started":
                self._interval = message.started.heartbeat_interval.ToTimedelta().total_seconds()
            elif kind == "task":
                self._begin(message.task)
            elif kind == "cancelled":
                self._cancel(message.cancelled.task_id)

    # Tasks

    def _begin(self, message):
        task = Task(self, message)
        with self._lock:
            if task.id in self._running:
                return
            self._running[task.id] = task
            if self._heartbeat_seconds(task) < self._pulse_interval:
                self._pulse.notify_all()
        threading.Thread(target=self._work, args=(task,), daemon=True).start()

    @staticmethod
    def _heartbeat_seconds(task):
        return task.message.heartbeat_timeout.ToTimedelta().total_seconds() / 3

    def _cancel(self, task_id):
        with self._lock:
            task = self._running.get(task_id)
        if task is not None:
            task.cancelled.set()

    def _work(self, task):
        try:
            call, request = self._result(task)
            try:
                self._offer(call, request)
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.INVALID_ARGUMENT:
                    raise
                failed = TaskFailed("OUTPUT_INVALID", error.details(), retryable=False)
                self._offer(self._stub.FailTask, self._failure(task, failed))
        except grpc.RpcError:
            # It cannot be told; the server notices that the task is lost.
            pass
        finally:
            with self._lock:
                self._running.pop(task.id, None)
                self._idle.notify_all()

    def _result(self, task):
        """What became of the task, and the call that tells it."""
        try:
            output = json.dumps(self._functions[task.kind](task))
        except TaskFailed as failed:
            return self._stub.FailTask, self._failure(task, failed)
        except Exception as error:  # Whatever it is, it is the task's failure.
            failed = TaskFailed("WORKER_FAILED", f"{type(error).__name__}: {error}")
            return self._stub.FailTask, self._failure(task, failed)
        return self._stub.CompleteTask, messages.CompleteTaskRequest(
            task_id=task.id, worker_id=self.id, output_json=output)

    def _failure(self, task, failed):
        return messages.FailTaskRequest(
            task_id=task.id, worker_id=self.id, code=failed.code, message=failed.message,
            details_json="" if failed.details is None else json.dumps(failed.details),
            retryable=failed.retryable)

    def _offer(self, call, request):
        """Sends a result, again while the server cannot be reached. That the task is over is no error."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        pause = PAUSE_SECONDS_MIN
        while True:
            try:
                return call(request, timeout=CALL_SECONDS_MAX)
            except grpc.RpcError as error:
                if error.code() == grpc.StatusCode.FAILED_PRECONDITION:
                    return None
                passing = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED,
                           grpc.StatusCode.CANCELLED)
                if error.code() not in passing or time.monotonic() > give_up:
                    raise
            time.sleep(pause)
            pause = min(pause * 2, PAUSE_SECONDS_MAX)

    # Heartbeats

    def _beat(self):
        while True:
            with self._lock:
                if self._ended:
                    return
                shorter = [self._heartbeat_seconds(task) for task in self._running.values()]
                self._pulse_interval = min([self._interval, *shorter])
                self._pulse.wait(self._pulse_interval)
                held = list(self._running)
            if not held:
                continue
            try:
                answer = self._stub.Heartbeat(
                    messages.HeartbeatRequest(worker_id=self.id, task_ids=held),
                    timeout=CALL_SECONDS_MAX)
            except grpc.RpcError:
                continue  # The next one may get through; what is lost is told on the stream.
            for cancelled in answer.cancelled:
                self._cancel(cancelled.task_id)


def _reason(error):
    """The machine-readable reason of an error, or its code."""
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            return info.reason
    return error.code().name

#!/usr/bin/env python3
"""No byte that the server wrote holds a secret: store, write-ahead log, keys, log output, exports.

Starts a server of its own at its most talkative. An `http` node and workers are handed two secrets and
send them back in every place and form that there is; then everything is searched.
"""
import base64
import http.server
import json
import os
import pathlib
import sys
import threading
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "Tests/StockClients"))

import grpc  # noqa: E402  (after the path)
from google.protobuf import duration_pb2  # noqa: E402

from cases import case, equal, expect, run  # noqa: E402
from connection import Connection  # noqa: E402
from with_server import CERTS, Server  # noqa: E402
from signalbox.v1 import admin_service_pb2, admin_service_pb2_grpc  # noqa: E402
from signalbox.v1 import execution_pb2, export_service_pb2, export_service_pb2_grpc  # noqa: E402
from signalbox.v1 import execution_service_pb2 as es  # noqa: E402
from signalbox.v1 import secret_service_pb2, secret_service_pb2_grpc  # noqa: E402
from signalbox.v1 import server_service_pb2, workflow_service_pb2  # noqa: E402
from signalbox.v1 import worker_service_pb2 as ws  # noqa: E402
from signalbox.v1 import worker_service_pb2_grpc  # noqa: E402

# One with all that URLs, JSON and base64 write otherwise, and one that is the same in all of them.
ODD, PLAIN = 's3cr&t "välue"/+x', "plainsecretvalue0123456789"
MASKED = "***"


def forms(value):
    raw = value.encode()
    return {
        value, urllib.parse.quote(value, safe=""), urllib.parse.quote_plus(value),
        json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1],
        base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode().rstrip("="),
        base64.b64encode(b"me:" + raw).decode(), raw.hex(), raw.hex().upper(),
    }


NEEDLES = sorted({form for value in (ODD, PLAIN) for form in forms(value)})


class Echo(http.server.BaseHTTPRequestHandler):
    """Sends back what it got."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"] or 0)).decode()
        answer = json.dumps({"path": self.path, "headers": dict(self.headers), "body": body}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.send_header("x-echo", self.headers["authorization"])
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


class Subject:
    """The server, what it is asked, and all that it answered."""

    def __init__(self):
        self.echo = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
        threading.Thread(target=self.echo.serve_forever, daemon=True).start()
        port = self.echo.server_address[1]
        self.server = Server("--log-level", "trace", "--http-allow", f"127.0.0.1:{port}").start()
        self.admin = Connection(self.server.address, CERTS / "ca.pem", self.server.token)
        secrets = secret_service_pb2_grpc.SecretServiceStub(self.admin.channel)
        for name, value in (("ODD", ODD), ("PLAIN", PLAIN)):
            secrets.PutSecret(secret_service_pb2.PutSecretRequest(name=name, value=value))
        token = self.admin.server.CreateToken(server_service_pb2.CreateTokenRequest(
            name="hand", role=server_service_pb2.ROLE_WORKER)).secret
        self.hand = Connection(self.server.address, CERTS / "ca.pem", token)
        self.workers = worker_service_pb2_grpc.WorkerServiceStub(self.hand.channel)
        self.answers = []
        self.port = port

    def save(self, name, nodes):
        every = [{"id": "start", "type": "start"}, *nodes, {"id": "end", "type": "end"}]
        ids = [node["id"] for node in every]
        self.admin.workflows.Put(workflow_service_pb2.PutWorkflowRequest(
            allow_unregistered=True, definition_json=json.dumps({
                "id": name, "nodes": every,
                "edges": [{"source": a, "target": b} for a, b in zip(ids, ids[1:])]})))
        return self.admin.executions.Trigger(es.TriggerRequest(workflow_id=name)).execution.id

    def work(self, *kinds):
        stream = self.workers.Work(ws.WorkRequest(
            worker_id="hand", kinds=[ws.WorkerKind(name=kind) for kind in kinds]), timeout=60)
        next(stream)
        return stream

    def read(self, execution_id):
        """Every reading that there is of an execution, once it has ended."""
        e, full = self.admin.executions, execution_pb2.EXECUTION_VIEW_FULL
        self.answers += list(e.Watch(es.WatchRequest(execution_id=execution_id)))
        found = e.Get(es.GetExecutionRequest(execution_id=execution_id, view=full))
        self.answers += [
            found, e.List(es.ListExecutionsRequest(view=full)),
            e.ListNodeExecutions(es.ListNodeExecutionsRequest(execution_id=execution_id)),
            e.GetLogs(es.GetLogsRequest(execution_id=execution_id))]
        return found


def task_of(stream):
    while True:
        message = next(stream)
        if message.WhichOneof("kind") == "task":
            return message.task


def everything():
    return {"odd": ODD, "plain": [PLAIN, f"<{ODD}>"], "url": urllib.parse.quote(ODD, safe=""),
            "base64": base64.b64encode(ODD.encode()).decode(), ODD: PLAIN,
            "digits": [ODD.encode().hex(), f"00{PLAIN.encode().hex().upper()}ff"]}


DATA = {"token": "${ .secrets.ODD }", "deep": [{"key": "Bearer ${ .secrets.PLAIN }"}]}


@case("a worker is handed the secrets, and what it sends back of them is masked")
def _(s):
    stream = s.work("echo")
    execution = s.save("worker-completes", [{"id": "job", "type": "echo", "data": DATA}])
    task = task_of(stream)
    equal(json.loads(task.data_json),
          {"token": ODD, "deep": [{"key": f"Bearer {PLAIN}"}]}, "the data")
    s.workers.ReportProgress(ws.ReportProgressRequest(
        task_id=task.task_id, data_json=json.dumps(everything(), ensure_ascii=False)))
    s.workers.CompleteTask(ws.CompleteTaskRequest(
        task_id=task.task_id, output_json=json.dumps(everything())))
    stream.cancel()
    found = s.read(execution)
    equal(found.status, execution_pb2.EXECUTION_STATUS_COMPLETED, "status")
    expect(MASKED in found.output_json, f"expected masks in {found.output_json}")


@case("so it is in the error of a node `worker`, tried again, lost, and within a loop")
def _(s):
    body = {"nodes": [{"id": "start", "type": "start"},
                      {"id": "job", "type": "worker", "data": {
                          "type": "fails", "input": DATA, "heartbeatTimeout": "1s",
                          "retry": {"attempts": 2, "delay": "1ms"}}},
                      {"id": "end", "type": "end"}],
            "edges": [{"source": "start", "target": "job"}, {"source": "job", "target": "end"}]}
    stream = s.work("fails")
    execution = s.save("worker-fails", [{"id": "each", "type": "foreach", "data": {
        "items": [1], "body": body}}])
    expect(ODD in json.loads(task_of(stream).input_json)["token"], "expected the secret")
    # Nothing is said of the first: it is lost.
    for _ in range(2):
        task = task_of(stream)
        s.workers.FailTask(ws.FailTaskRequest(
            task_id=task.task_id, code="BAD_KEY", message=f"refused {ODD} and {PLAIN}",
            details_json=json.dumps(everything()), retryable=True))
    stream.cancel()
    found = s.read(execution)
    equal(found.error.code, "BAD_KEY", "error")
    expect(found.error.message.startswith("refused ***"), f"found {found.error.message}")


@case("a refused result tells nothing of what it held")
def _(s):
    stream = s.work("late")
    execution = s.save("worker-late", [{"id": "job", "type": "late", "data": DATA}])
    task = task_of(stream)
    for request in (
            ws.CompleteTaskRequest(task_id=task.task_id, output_json="{" + ODD),
            ws.CompleteTaskRequest(task_id="1.1.x.job", output_json=json.dumps(everything())),
            ws.CompleteTaskRequest(task_id="nothing", output_json=json.dumps(everything()))):
        try:
            s.workers.CompleteTask(request)
            expect(False, "expected a refusal")
        except grpc.RpcError as error:
            expect(error.code() in (grpc.StatusCode.INVALID_ARGUMENT,
                                    grpc.StatusCode.FAILED_PRECONDITION), f"found {error}")
    s.admin.executions.Cancel(es.CancelExecutionRequest(execution_id=execution))
    stream.cancel()
    s.read(execution)


@case("so it is in an http node, whose server sends everything back")
def _(s):
    execution = s.save("http", [{"id": "call", "type": "http", "data": {
        "method": "POST", "url": f"http://127.0.0.1:{s.port}/${{.secrets.ODD}}",
        "query": {"q": "${.secrets.ODD}"}, "headers": {"x-key": "${.secrets.PLAIN}"},
        "auth": {"type": "basic", "username": "me", "password": "${.secrets.ODD}"},
        "body": {"deep": ["${.secrets.ODD}", "${.secrets.PLAIN}"]}}}])
    found = s.read(execution)
    equal(found.status, execution_pb2.EXECUTION_STATUS_COMPLETED, f"status ({found.error.code})")
    expect(MASKED in found.output_json, f"expected masks in {found.output_json}")


@case("no answer, export or audit entry holds one, nor any byte of the server's files and log")
def _(s):
    exports = export_service_pb2_grpc.ExportServiceStub(s.admin.channel)
    for kind in (export_service_pb2.EXPORT_FORMAT_CSV, export_service_pb2.EXPORT_FORMAT_JSON):
        s.answers.append(b"".join(
            chunk.data for chunk in exports.Export(export_service_pb2.ExportRequest(format=kind))))
    s.answers.append(admin_service_pb2_grpc.AdminServiceStub(s.admin.channel).ListAuditEntries(
        admin_service_pb2.ListAuditEntriesRequest()))
    for answer in s.answers:
        data = answer if isinstance(answer, bytes) else answer.SerializeToString()
        equal(held(data), [], f"secrets in {type(answer).__name__}")
    # As it lies while the server runs, with its write-ahead log, and once it has ended.
    search(s)
    equal(s.server.stop(), 0, "the server's exit status")
    search(s)
    equal(held("\n".join(s.server.lines).encode()), [], "secrets in the log")
    expect(len(s.server.lines) > 20, "expected a talkative server")


@case("a new key takes over at a start, and the old one is needed no more")
def _(s):
    keys = s.server.folder / "rotated"
    old = next(s.server.folder.glob("*.keys")).read_text().strip()
    new = "second:" + base64.b64encode(os.urandom(32)).decode()
    s.server.arguments += ["--secret-key-file", str(keys)]
    for lines in ([new, old], [new]):
        keys.write_text("\n".join(lines) + "\n")
        keys.chmod(0o600)
        s.server.start()
        with Connection(s.server.address, CERTS / "ca.pem", s.server.token) as admin:
            secrets = secret_service_pb2_grpc.SecretServiceStub(admin.channel)
            rotated = secrets.RotateSecrets(secret_service_pb2.RotateSecretsRequest())
            equal(rotated.rotated_count, 0, "what an older key holds after the start")
            found = admin.executions.Trigger(es.TriggerRequest(
                workflow_id="http", wait=duration_pb2.Duration(seconds=20))).execution
            equal(found.status, execution_pb2.EXECUTION_STATUS_COMPLETED,
                  f"status with {len(lines)} keys ({found.error.code})")
        equal(s.server.stop(), 0, "the server's exit status")


def held(data):
    return [needle for needle in NEEDLES if needle.encode() in data]


def search(s):
    size = 0
    for file in sorted(s.server.folder.rglob("*")):
        if file.is_file():
            data = file.read_bytes()
            size += len(data)
            equal(held(data), [], f"secrets in {file.name}")
    expect(size > 100_000, f"expected the store to be searched, found {size} bytes")


def main():
    subject = Subject()
    try:
        run("secret bytes", subject)
    finally:
        subject.server.kill()
        subject.server.remove()
        subject.echo.shutdown()


if __name__ == "__main__":
    main()

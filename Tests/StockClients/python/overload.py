#!/usr/bin/env python3
"""What a server that is full says, over RPC and over HTTP in every dialect, and that it goes on: queues, commits
and bodies of deliveries. Starts its own servers, with small limits."""
import concurrent.futures
import contextlib
import json
import os
import select
import socket
import ssl
import subprocess
import sys

import grpc
import requests
from google.protobuf import duration_pb2
from google.rpc import error_details_pb2

from cases import case, equal, expect, run
from connection import ROOT, Connection, refused, unpack
from http_door import Door
from rest import chain

sys.path.insert(0, str(ROOT / "Tests" / "StockClients"))
from with_server import BINARIES, CERTS, Server  # noqa: E402  (after the path that holds it)

from signalbox.v1 import batch_service_pb2 as batches  # noqa: E402
from signalbox.v1 import batch_service_pb2_grpc  # noqa: E402
from signalbox.v1 import execution_service_pb2 as es  # noqa: E402
from signalbox.v1 import server_service_pb2  # noqa: E402
from signalbox.v1 import webhook_service_pb2 as wh  # noqa: E402
from signalbox.v1 import webhook_service_pb2_grpc  # noqa: E402
from signalbox.v1 import workflow_service_pb2 as ws  # noqa: E402

Code = grpc.StatusCode
CA = str(CERTS / "ca.pem")
POD = "/workspaces/default/pods/default"
END = {"id": "end", "type": "end", "data": {}}
# One at a time, from its start to its end: the next ones are queued.
ALONE = {**chain("alone", {"id": "ask", "type": "approval", "data": {"message": "?"}}, END),
         "concurrency": {"key": "one", "max": 1, "policy": "queue"}}
MADE = [{"id": "start", "type": "start"}, {"id": "end", "type": "end"}]
INLINE = {"nodes": MADE, "edges": [{"source": "start", "target": "end"}]}
# How often a flood may be sent before it must have been too much.
FLOODS_MAX = 200
FLOOD = 64


@contextlib.contextmanager
def full(**limits):
    """A server with these limits, and a connection to it."""
    options = [part for name, value in limits.items() for part in ("--limit", f"{name}={value}")]
    server = Server(*options).start()
    try:
        with Connection(server.address, CA, server.token) as connection:
            yield server, connection
        equal(server.stop(), 0, "the server's exit status")
    finally:
        server.kill()
        server.remove()


def door(server, token=None):
    return Door(token or server.token, base=f"https://{server.address}", ca=CA)


def put(connection, definition):
    return connection.workflows.Put(
        ws.PutWorkflowRequest(definition_json=json.dumps(definition))).id


def told_over_rpc(call, request, reason):
    """A refusal with a reason and a time to wait."""
    details = refused(Code.RESOURCE_EXHAUSTED, call, request, reason=reason)
    delays = [info for info in (unpack(one, error_details_pb2.RetryInfo) for one in details) if info]
    expect(delays and 0 < delays[0].retry_delay.ToSeconds() + delays[0].retry_delay.nanos / 1e9 <= 60,
           f"a delay, found {details}")


def told_over_http(answer, reason):
    equal((answer.status_code, answer.json()["code"]), (429, reason), answer.text)
    expect(1 <= int(answer.headers["Retry-After"]) <= 60, f"found {dict(answer.headers)}")
    expect(answer.json()["message"], "no message")


@case("a queue that is full refuses triggers with QUEUE_FULL and a delay, at every door, and goes on")
def queue_full(_):
    with full(queued_max=2) as (server, connection):
        put(connection, ALONE)
        trigger = es.TriggerRequest(workflow_id="alone")
        first = connection.executions.Trigger(es.TriggerRequest(
            workflow_id="alone", wait=duration_pb2.Duration(seconds=20))).execution
        waiting = [connection.executions.Trigger(trigger).execution for _ in range(2)]
        told_over_rpc(connection.executions.Trigger, trigger, "QUEUE_FULL")
        started = batch_service_pb2_grpc.BatchServiceStub(connection.channel).StartBatch
        told_over_rpc(started, batches.StartBatchRequest(
            workflows=[batches.BatchWorkflow(workflow_id="alone")] * 2), "QUEUE_FULL")
        caller = door(server)
        for path, body in ((f"{POD}/executions", {"workflowId": "alone"}),
                           ("/api/workflows/alone/execute", {}),
                           ("/api/workflows/execute", {"workflowId": "alone"}),
                           ("/api/workflows/execute", {"workflows": [INLINE] * 3})):
            told_over_http(caller.post(path, json=body), "QUEUE_FULL")
        # What was taken is not lost, and once one has ended there is room.
        ids = {one.id for one in (first, *waiting)}
        listed = connection.executions.List(es.ListExecutionsRequest()).executions
        equal({one.id for one in listed}, ids, "what was made")
        connection.executions.Cancel(es.CancelExecutionRequest(execution_id=first.id))
        while (answer := caller.post(f"{POD}/executions", json={"workflowId": "alone"})).status_code \
                != 201:
            told_over_http(answer, "QUEUE_FULL")


@case("too many commits that wait are OVERLOADED with a delay, over RPC and HTTP, and nothing taken is lost")
def overloaded(_):
    with full(waiting_commits_max=1) as (server, connection):
        put(connection, chain("quick", END))
        taken, over_rpc = [], None
        for _ in range(FLOODS_MAX):
            calls = [connection.raw.unary_unary(
                "/signalbox.v1.ExecutionService/Trigger",
                request_serializer=es.TriggerRequest.SerializeToString,
                response_deserializer=es.TriggerResponse.FromString,
            ).future(es.TriggerRequest(workflow_id="quick"), timeout=20) for _ in range(FLOOD)]
            for call in calls:
                if call.exception() is None:
                    taken.append(call.result().execution.id)
                else:
                    over_rpc = call.exception()
            if over_rpc:
                break
        expect(over_rpc, "nothing was too much over RPC")

        def fail(_):
            raise over_rpc
        told_over_rpc(fail, None, "OVERLOADED")

        def post(_):
            with door(server) as one:
                return one.post(f"{POD}/executions", json={"workflowId": "quick"})
        over_http = None
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            for _ in range(FLOODS_MAX):
                for answer in pool.map(post, range(FLOOD)):
                    if answer.status_code == 201:
                        taken.append(answer.json()["id"])
                    else:
                        over_http = answer
                if over_http is not None:
                    break
        expect(over_http is not None, "nothing was too much over HTTP")
        told_over_http(over_http, "OVERLOADED")
        equal(over_http.json()["statusCode"], 429, "the dialect's shape")
        count = connection.executions.Count(es.CountExecutionsRequest()).count
        expect(count >= len(taken) == len(set(taken)), f"{count} of {len(taken)}")
        for one in taken[-20:]:
            connection.executions.Get(es.GetExecutionRequest(execution_id=one))


class Delivery:
    """A POST to a webhook that does not come to an end."""

    def __init__(self, server, path, announced, sent=0, source="127.0.0.1"):
        host, port = server.address.rsplit(":", 1)
        context = ssl.create_default_context(cafile=CA)
        context.set_alpn_protocols(["http/1.1"])
        plain = socket.create_connection((host, int(port)), timeout=60, source_address=(source, 0))
        self.socket = context.wrap_socket(plain, server_hostname=host)
        self.socket.sendall((f"POST {path} HTTP/1.1\r\nHost: {host}\r\nExpect: 100-continue\r\n"
                             f"Content-Length: {announced}\r\n\r\n").encode())
        self.head = self.read()
        if self.status == 100 and sent:
            self.socket.sendall(b"x" * sent)

    @property
    def status(self):
        return int(self.head.split()[1])

    def read(self):
        """The next head of an answer, with what came of its body."""
        text = b""
        while b"\r\n\r\n" not in text and (more := self.socket.recv(65536)):
            text += more
        return text.decode()

    def close(self):
        self.socket.close()


@case("bodies of deliveries are bounded before they verify, and not read where nobody would look at them")
def deliveries(_):
    with full(webhook_waiting_bytes_per_source_max=300_000,
              webhook_waiting_bytes_max=8_000_000) as (server, connection):
        put(connection, chain("quick", END))
        connection.workflows.Deploy(ws.DeployWorkflowRequest(workflow_id="quick"))
        made = webhook_service_pb2_grpc.WebhookServiceStub(connection.channel).CreateWebhook(
            wh.CreateWebhookRequest(spec=wh.WebhookSpec(
                workflow_id="quick", verification=wh.WEBHOOK_VERIFICATION_SHARED_SECRET)))
        path = made.webhook.path
        # Of these not even the first byte is asked for.
        for where, size, status in (("/v1/webhooks/nobody/trigger", 10, 404), (path, 2 << 20, 413)):
            one = Delivery(server, where, size)
            equal(one.status, status, f"{where} of {size} bytes")
            one.close()
        held = []
        for source in ("127.0.0.2", "127.0.0.3", "127.0.0.4"):
            for _ in range(4):
                one = Delivery(server, path, 200_000, sent=199_999, source=source)
                equal(one.status, 100, "a delivery that is let in")
                held.append(one)
        # Each source has room for one of them: of each, three are refused.
        answered = {}
        while len(answered) < 9:
            ready, _, _ = select.select(
                [one.socket for one in held if one not in answered], [], [], 30)
            expect(ready, f"only {len(answered)} deliveries were refused")
            for one in held:
                if one.socket in ready:
                    answered[one] = one.read()
        for answer in answered.values():
            head, _, body = answer.partition("\r\n\r\n")
            equal(int(head.split()[1]), 429, head)
            expect("retry-after: 1" in head.lower(), head)
            expect('"OVERLOADED"' in body or not body, body)
        open_ones = [one for one in held if one not in answered]
        expect(open_ones, "no delivery is read")
        # Who signs comes in, from elsewhere and small as it is, and has room of its own after that.
        sender = door(server)
        del sender.headers["Authorization"]
        secret = {"X-Webhook-Secret": made.secret}
        sender.call(202, "POST", path, json={"n": 1}, headers=secret)
        sender.call(202, "POST", path, json={"n": "y" * 250_000}, headers=secret)
        # What they held is free once they are gone, or come to their end.
        open_ones[0].socket.sendall(b"x")
        equal(int(open_ones[0].read().split()[1]), 401, "one that comes to its end")
        for one in held:
            one.close()


@case("the limits that were set are told, and what is none is refused at the start")
def told(_):
    with full(queued_max=7, connections_max=100) as (_, connection):
        limits = connection.server.GetInfo(server_service_pb2.GetInfoRequest()).limits
        equal((limits["queued_max"], limits["connections_max"]), (7, 100), "the limits")
    for text, said in (("queued_max", "NAME=NUMBER"), ("nothing=3", "none that can be set"),
                       ("queued_max=0", "1 to 1000000"), ("queued_max=ten", "1 to 1000000")):
        done = subprocess.run([str(BINARIES / "signalbox"), "serve", "--limit", text],
                              capture_output=True, text=True, timeout=30, cwd=os.environ.get("TMPDIR"))
        equal(done.returncode, 64, f"{text}: {done.stderr}")
        expect(said in done.stderr, f"{text}: {done.stderr}")


if __name__ == "__main__":
    run("overload", None)

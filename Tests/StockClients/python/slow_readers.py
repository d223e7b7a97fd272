#!/usr/bin/env python3
"""Readers that do not read: thousands of large events happen meanwhile, the server's memory stays flat, and
once they read, nothing of what happened is missing. A Socket.IO client by WebSocket, and one of an event stream.

Starts its own server; reads its memory from /proc.
"""
import concurrent.futures
import json
import os
import pathlib
import socket
import ssl
import sys
import threading

import websocket
from google.protobuf import duration_pb2

from cases import case, equal, expect, run
from connection import ROOT, Connection

sys.path.insert(0, str(ROOT / "Tests" / "StockClients"))
from with_server import CERTS, Server  # noqa: E402  (after the path that holds it)

from signalbox.v1 import execution_service_pb2 as es  # noqa: E402
from signalbox.v1 import workflow_service_pb2 as ws  # noqa: E402

CA = str(CERTS / "ca.pem")
POD = "/workspaces/default/pods/default"
# What each event carries, and how many of them one execution has.
PAYLOAD_BYTES = 50_000
NODES = 40
EXECUTIONS = 30
STREAM_NODES = 800
# Beside what waits for the reader (256 KiB and one message): the store's pages, and what the allocator keeps.
# What happens meanwhile is 63 MB and 40 MB.
GROWTH_BYTES_MAX = 16 << 20
# Of the client: small, so that nearly all of it waits for the server.
RECEIVE_BYTES = 16 << 10


class Bench:
    def __init__(self):
        self.server = Server()
        self.server.start()
        self.rpc = Connection(self.server.address, CERTS / "ca.pem", self.server.token)
        self.put("large", NODES)
        self.put("stream", STREAM_NODES)
        # What a busy server has anyhow does not count.
        self.make(EXECUTIONS // 2)
        self.one("stream", 1)

    def put(self, workflow, count):
        nodes = [{"id": "start", "type": "start"},
                 *({"id": f"n{index}", "type": "noop"} for index in range(count)),
                 {"id": "end", "type": "end"}]
        edges = [{"source": one["id"], "target": two["id"]} for one, two in zip(nodes, nodes[1:])]
        self.rpc.workflows.Put(ws.PutWorkflowRequest(
            definition_json=json.dumps({"id": workflow, "nodes": nodes, "edges": edges})))

    def one(self, workflow, index):
        """The number and id of one execution that has ended, with a payload of its own."""
        text = f"{index:06d}" + os.urandom(PAYLOAD_BYTES // 2).hex()
        execution = self.rpc.executions.Trigger(es.TriggerRequest(
            workflow_id=workflow, input_json=json.dumps(text),
            wait=duration_pb2.Duration(seconds=120)), timeout=150).execution
        equal(execution.status, 4, "completed")
        return execution.number, execution.id

    def make(self, count):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            return [number for number, _ in pool.map(lambda n: self.one("large", n), range(count))]

    def memory(self):
        text = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text()
        return next(int(line.split()[1]) << 10 for line in text.split("\n")
                    if line.startswith("VmRSS"))

    def grown(self, before, what):
        growth = self.memory() - before
        print(f"    {what}: memory grew by {growth} bytes", flush=True)
        expect(growth < GROWTH_BYTES_MAX, f"{what}: memory grew by {growth} bytes")


@case("a WebSocket client that does not read takes no memory, and loses nothing")
def sockets(bench):
    one = websocket.create_connection(
        f"wss://{bench.server.address}/socket.io/?EIO=4&transport=websocket",
        sslopt={"ca_certs": CA}, timeout=60, http_no_proxy=["127.0.0.1"],
        sockopt=[(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)])
    one.recv()
    one.send("40" + json.dumps({"token": bench.server.token}))
    expect(one.recv().startswith('40{"sid":"'), "no CONNECT")
    done = threading.Event()

    def pong():
        # It does not read, and is alive all the same.
        while not done.wait(5):
            one.send("3")

    beating = threading.Thread(target=pong, daemon=True)
    beating.start()
    before = bench.memory()
    numbers = bench.make(EXECUTIONS)
    bench.grown(before, "WebSocket, not read")
    ended, heard = set(), {number: [] for number in numbers}
    while len(ended) < len(numbers):
        text = one.recv()
        if not text.startswith("42"):
            continue
        name, data = json.loads(text[2:])
        if name != "execution-event" or int(data["executionId"][5:]) not in heard:
            continue
        number = int(data["executionId"][5:])
        if data["type"] == "node_complete":
            equal(len(data["data"]), PAYLOAD_BYTES + 6, "a payload")
            heard[number].append(data["nodeId"])
        elif data["type"] == "execution_complete":
            ended.add(number)
    done.set()
    beating.join()
    one.close()
    bench.grown(before, "WebSocket, read")
    nodes = ["start", *(f"n{index}" for index in range(NODES)), "end"]
    for number in numbers:
        equal(heard[number], nodes, f"what execution {number} was heard to do")


@case("a reader of an event stream that does not read takes no memory, and loses nothing")
def streams(bench):
    host, port = bench.server.address.rsplit(":", 1)
    context = ssl.create_default_context(cafile=CA)
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
    raw.settimeout(60)
    raw.connect((host, int(port)))
    number, execution = bench.one("stream", 2)
    with context.wrap_socket(raw, server_hostname=host) as one:
        before = bench.memory()
        one.sendall((f"GET {POD}/executions/{execution}/events HTTP/1.1\r\nHost: {host}\r\n"
                     f"Authorization: Bearer {bench.server.token}\r\n"
                     "Connection: close\r\n\r\n").encode())
        # The stream is under way, and others happen meanwhile; it is held back by its reader.
        beginning = one.recv(1)
        bench.make(EXECUTIONS // 5)
        bench.grown(before, "event stream, not read")
        text = b"".join([beginning, *iter(lambda: one.recv(1 << 16), b"")]).decode()
        bench.grown(before, "event stream, read")
    head, _, body = text.partition("\r\n\r\n")
    expect(head.startswith("HTTP/1.1 200"), head)
    if "transfer-encoding: chunked" in head.lower():
        body = unchunked(body)
    events = [json.loads(line[5:]) for line in body.split("\n")
              if line.startswith("data:")]
    completed = [event for event in events
                 if event["type"] == "node_update" and event["status"] == "completed"]
    equal([event["nodeId"] for event in completed],
          ["start", *(f"n{index}" for index in range(STREAM_NODES)), "end"], "the nodes")
    equal(events[-1]["type"], "execution_complete", "the last event")


def unchunked(body):
    """What the pieces of a chunked body hold (ASCII only, so that characters are bytes)."""
    parts, at = [], 0
    while True:
        end = body.index("\r\n", at)
        count = int(body[at:end], 16)
        if count == 0:
            return "".join(parts)
        parts.append(body[end + 2:end + 2 + count])
        at = end + 2 + count + 2


if __name__ == "__main__":
    subject = Bench()
    try:
        run("slow readers", subject)
    finally:
        subject.server.stop()
        subject.server.remove()

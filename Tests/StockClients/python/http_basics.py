#!/usr/bin/env python3
"""HTTP itself, over HTTP/1.1 and HTTP/2 on the TLS port, through `httpx`, which we did not write.

Starts its own server, whose CORS allows one origin.
"""
import gzip
import json
import os
import re
import socket
import ssl
import sys
import threading

import httpx

from cases import case, equal, expect, run
from connection import ROOT, Connection, unique

sys.path.insert(0, str(ROOT / "Tests" / "StockClients"))
from with_server import CERTS, Server  # noqa: E402  (after the path that holds it)

from google.protobuf import duration_pb2  # noqa: E402
from signalbox.v1 import execution_service_pb2, server_service_pb2  # noqa: E402

ORIGIN = "https://app.example.com"
LIST = "/workspaces/default/pods/default/executions"


class Bench:
    """A server with some executions, and a client of each version."""

    def __init__(self):
        self.server = Server("--cors-origin", ORIGIN)
        self.server.start()
        os.environ["SIGNALBOX_SERVER"] = self.server.address
        os.environ["SIGNALBOX_CA"] = str(CERTS / "ca.pem")
        os.environ["SIGNALBOX_TOKEN"] = self.server.token
        self.rpc = Connection.from_environment()
        self.rpc.put("three-noops")
        self.clients = {version: self.client(version) for version in ["HTTP/1.1", "HTTP/2"]}
        for _ in range(10):
            answer = self.clients["HTTP/2"].post(LIST, json={"workflowId": "three-noops"})
            equal(answer.status_code, 201, "a trigger")

    def client(self, version):
        return httpx.Client(
            base_url="https://" + self.server.address, verify=str(CERTS / "ca.pem"),
            http1=version == "HTTP/1.1", http2=version == "HTTP/2", trust_env=False, timeout=30,
            headers={"Authorization": f"Bearer {self.server.token}"})

    def raw(self, *pieces, until=None):
        """Sends bytes on a TLS connection of its own; returns all that comes, up to its end or to
        what `until` finds."""
        context = ssl.create_default_context(cafile=str(CERTS / "ca.pem"))
        context.set_alpn_protocols(["http/1.1"])
        host, port = self.server.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=40) as plain:
            with context.wrap_socket(plain, server_hostname=host) as connection:
                heard = b""
                for piece in pieces:
                    if isinstance(piece, bytes):
                        connection.sendall(piece)
                        continue
                    while piece not in heard.decode():
                        heard += connection.recv(65536)
                while not (until and until in heard.decode()):
                    more = connection.recv(65536)
                    if not more:
                        break
                    heard += more
                return heard.decode()

    def head(self, line, *fields):
        fields = [f"Authorization: Bearer {self.server.token}", *fields]
        return "\r\n".join([line, "Host: localhost", *fields, "", ""]).encode()


def each(function):
    """Runs a case with a client of either version."""
    def both(bench):
        for version, client in bench.clients.items():
            answer = client.get("/healthz")
            equal(answer.http_version, version, "the version")
            function(client)
    return both


@case("a connection is used again and again")
@each
def keep_alive(client):
    ports = set()
    for _ in range(20):
        answer = client.get(LIST)
        equal(answer.status_code, 200, "status")
        ports.add(answer.extensions["network_stream"].get_extra_info("client_addr")[1])
    equal(len(ports), 1, "connections")


@case("HEAD has the fields of GET and no body")
@each
def head(client):
    whole, bare = client.get(LIST), client.head(LIST)
    equal((bare.status_code, bare.content), (200, b""), "the answer")
    equal(bare.headers["etag"], whole.headers["etag"], "etag")
    equal(bare.headers["content-type"], whole.headers["content-type"], "content-type")


@case("OPTIONS and 405 say what a path takes, and an unknown path is 404")
@each
def methods(client):
    answer = client.options(LIST)
    equal((answer.status_code, answer.headers["allow"]), (204, "POST, GET, HEAD, OPTIONS"), "OPTIONS")
    answer = client.delete(LIST)
    equal((answer.status_code, answer.headers["allow"]), (405, "POST, GET, HEAD, OPTIONS"), "405")
    equal(client.get("/nowhere").status_code, 404, "an unknown path")
    equal(client.get("/nowhere").json()["code"], "UNKNOWN_PATH", "its code")


@case("an entity tag spares what has not changed")
@each
def etag(client):
    first = client.get(LIST)
    again = client.get(LIST, headers={"If-None-Match": first.headers["etag"]})
    equal((again.status_code, again.content), (304, b""), "unchanged")
    equal(again.headers["etag"], first.headers["etag"], "its tag")
    other = client.get(f"{LIST}?limit=1", headers={"If-None-Match": first.headers["etag"]})
    equal(other.status_code, 200, "another list")


@case("lists and gets of every dialect have an entity tag, and those that are large are whole, too")
def etags(bench):
    client = bench.clients["HTTP/2"]
    made = bench.rpc.executions.Trigger(execution_service_pb2.TriggerRequest(
        workflow_id="three-noops", wait=duration_pb2.Duration(seconds=60))).execution
    for path in [f"{LIST}?status=completed", f"{LIST}/{made.id}", f"{LIST}/{made.id}/logs",
                 f"/workspaces/default/pods/default/workflows/{made.workflow_id}",
                 "/api/v1/executions?status=success",
                 "/api/v1/executions?status=success&includeData=true",
                 f"/api/v1/executions/{made.number}?includeData=true",
                 f"/api/executions?workflowId={made.workflow_id}&status=SUCCESS",
                 f"/api/executions/{made.id}",
                 f"/api/workflows/execution/exec-{made.number}",
                 "/api/workflows/executions/batches", "/openapi.json"]:
        first = client.get(path)
        equal(first.status_code, 200, path)
        expect(first.headers.get("etag"), f"{path}: {first.headers}")
        again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
        equal((again.status_code, again.content), (304, b""), path)


@case("every list and get of the document that answers JSON has an entity tag, which spares what has not changed")
def every_etag(bench):
    client = bench.clients["HTTP/2"]
    pod = "/workspaces/default/pods/default"

    def made(path, body, key="id"):
        answer = client.post(path, json=body)
        expect(answer.status_code in (200, 201), f"POST {path}: {answer.text}")
        return answer.json()[key]

    execution = bench.rpc.executions.Trigger(execution_service_pb2.TriggerRequest(
        workflow_id="three-noops", wait=duration_pb2.Duration(seconds=60))).execution
    client.post(f"{pod}/workflows/three-noops/deploy").raise_for_status()
    batch = made("/api/workflows/execute", {"executionMode": "parallel", "workflows": [
        {"nodes": [{"id": "s", "type": "start"}], "edges": []}]}, "batchId")
    while client.get(f"/api/workflows/execution/batch/{batch}").json()["endTime"] is None:
        pass
    ids = {"executions": execution.id, "execution": f"exec-{execution.number}", "batch": batch,
           "workflows": "three-noops", "tags": made("/api/v1/tags", {"name": unique("etag")}),
           "schedules": made(f"{pod}/schedules", {
               "workflowId": "three-noops", "cronExpression": "@yearly", "enabled": False}),
           "webhooks": made(f"{pod}/webhooks", {"workflowId": "three-noops"})}
    queries = {"teamsListExecutions": {"workflowId": "three-noops"}}

    def filled(template):
        names = {"wId": "default", "podId": "default", "teamId": "default"}
        found = re.search(r"/(\w+)/\{(id|executionId|batchId)\}", template)
        if found:
            names[found[2]] = ids[found[1]]
        return re.sub(r"\{(\w+)\}", lambda name: names[name[1]], template)

    tried = []
    for path, item in client.get("/openapi.json").json()["paths"].items():
        call = item.get("get", {"responses": {}})
        good = call["responses"].get("200", {}).get("content", {})
        if "application/json" not in good or call["security"] == [{}] or path.endswith("/export"):
            continue
        query = queries.get(call["operationId"])
        first = client.get(filled(path), params=query)
        equal(first.status_code, 200, f"GET {filled(path)}: {first.text[:200]}")
        expect(first.headers.get("etag"), f"GET {path}: {first.headers}")
        again = client.get(filled(path), params=query,
                           headers={"If-None-Match": first.headers["etag"]})
        equal((again.status_code, again.content), (304, b""), f"GET {path}")
        tried.append(call["operationId"])
    expect(len(tried) >= 20, f"only {tried}")


@case("the document is OpenAPI 3.1 of all dialects, and a page shows it")
def openapi(bench):
    client = bench.clients["HTTP/2"]
    document = client.get("/openapi.json").json()
    expect(document["openapi"].startswith("3.1."), document["openapi"])
    page = client.get("/docs")
    equal(page.status_code, 200, "the page")
    expect(page.headers["content-type"].startswith("text/html"), page.headers)
    expect('fetch("/openapi.json")' in page.text, "the page shows another document")
    for path in [LIST.replace("default", "{wId}", 1).replace("default", "{podId}", 1),
                 "/api/v1/executions", "/api/executions", "/api/workflows/execute"]:
        expect(path in document["paths"], f"{path} is not in {sorted(document['paths'])[:9]}")


@case("gzip is used where it is accepted and worth it")
@each
def compression(client):
    plain = client.get(LIST, headers={"Accept-Encoding": "identity"})
    expect("content-encoding" not in plain.headers, plain.headers)
    with client.stream("GET", LIST, headers={"Accept-Encoding": "gzip"}) as packed:
        equal(packed.headers["content-encoding"], "gzip", "content-encoding")
        raw = b"".join(packed.iter_raw())
    expect("accept-encoding" in packed.headers["vary"], packed.headers)
    equal(json.loads(gzip.decompress(raw)), plain.json(), "the list")
    expect(len(raw) < len(plain.content) / 2, f"{len(raw)} of {len(plain.content)} bytes")
    refused = client.get(LIST, headers={"Accept-Encoding": "gzip;q=0"})
    expect("content-encoding" not in refused.headers, refused.headers)


@case("web pages of the configured origin may read answers, and others may not")
@each
def cors(client):
    answer = client.get(LIST, headers={"Origin": ORIGIN})
    equal(answer.headers["access-control-allow-origin"], ORIGIN, "the origin")
    expect("origin" in answer.headers["vary"], answer.headers)
    foreign = client.get(LIST, headers={"Origin": "https://evil.example.com"})
    expect("access-control-allow-origin" not in foreign.headers, foreign.headers)
    asked = client.options(LIST, headers={
        "Origin": ORIGIN, "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type"})
    equal(asked.status_code, 204, "a preflight")
    expect("POST" in asked.headers["access-control-allow-methods"], asked.headers)
    expect("Authorization" in asked.headers["access-control-allow-headers"], asked.headers)
    refused = client.get(f"{LIST}?limit=0", headers={"Origin": ORIGIN})
    equal(refused.headers["access-control-allow-origin"], ORIGIN, "of a refusal")


@case("a body that is too large is 413, a type that is not taken 415, JSON that is none 400")
@each
def bodies(client):
    large = client.post(LIST, content=b"[" + b" " * (11 << 20) + b"]",
                        headers={"Content-Type": "application/json"})
    equal(large.status_code, 413, "too large")
    equal(client.post(LIST, content="x", headers={"Content-Type": "text/plain"}).status_code, 415,
          "another type")
    answer = client.post(LIST, content="{", headers={"Content-Type": "application/json"})
    equal((answer.status_code, answer.json()["code"]), (400, "MALFORMED_JSON"), "no JSON")


@case("every answer has a request id, the caller's where it gave one")
@each
def request_ids(client):
    expect(client.get(LIST).headers["x-request-id"], "a request id")
    answer = client.get(LIST, headers={"X-Request-Id": "mine-1"})
    equal(answer.headers["x-request-id"], "mine-1", "the request id")


def statuses(answer):
    return [int(status) for status in re.findall(r"HTTP/1\.1 (\d{3})", answer, re.MULTILINE)]


@case("requests sent ahead are answered in order, and an old client gets the end of the connection")
def pipelining(bench):
    answer = bench.raw(
        bench.head("GET /healthz HTTP/1.1") + bench.head("GET /nowhere HTTP/1.1")
        + bench.head(f"GET {LIST} HTTP/1.1", "Connection: close"))
    equal(statuses(answer), [200, 404, 200], "the answers")
    answer = bench.raw(bench.head(f"GET {LIST} HTTP/1.0"))
    equal(statuses(answer), [200], "the answer")
    expect("chunked" not in answer, answer[:300])


@case("who expects to be asked for a body is asked once, and another expectation is 417")
def expectations(bench):
    body = json.dumps({"workflowId": "three-noops"})
    head = bench.head(f"POST {LIST} HTTP/1.1", "Content-Type: application/json",
                      f"Content-Length: {len(body)}", "Expect: 100-continue", "Connection: close")
    answer = bench.raw(head, "100 Continue", body.encode())
    equal(statuses(answer), [100, 201], "the answers")
    # Nobody reads the body of a refused request.
    refused = bench.raw(head.replace(b"Bearer ", b"Bearer x"), until="\r\n\r\n")
    equal(statuses(refused), [401], "a refusal")
    other = bench.raw(bench.head("GET /healthz HTTP/1.1", "Expect: a-miracle"))
    equal(statuses(other), [417], "another expectation")


@case("a head or a body that does not come in time is 408")
def slow(bench):
    answers = {}
    ways = {
        "head": (b"GET /healthz HTTP/1.1\r\nHost: ",),
        "body": (bench.head(f"POST {LIST} HTTP/1.1", "Content-Type: application/json",
                            "Content-Length: 100") + b"{",),
    }
    threads = [threading.Thread(
        target=lambda name=name, pieces=pieces: answers.update({name: bench.raw(*pieces)}))
        for name, pieces in ways.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, answer in answers.items():
        equal(statuses(answer), [408], name)
        expect('"REQUEST_TIMEOUT"' in answer, answer)
    equal(set(answers), set(ways), "the answers")


@case("header bombs are 431, a long target 414, and what could be read in two ways is refused")
def bombs(bench):
    for answer, status in [
            (bench.raw(bench.head("GET / HTTP/1.1", "X: " + "x" * 70_000)), 431),
            (bench.raw(bench.head("GET / HTTP/1.1", *[f"X-{i}: 1" for i in range(200)])), 431),
            (bench.raw(bench.head("GET /" + "x" * 9_000 + " HTTP/1.1")), 414),
            (bench.raw(bench.head("POST / HTTP/1.1", "Content-Length: 4",
                                  "Transfer-Encoding: chunked") + b"0\r\n\r\n"), 400),
            (bench.raw(bench.head("POST / HTTP/1.1", "Content-Length: 4",
                                  "Content-Length: 5") + b"abcde"), 400),
            (bench.raw(bench.head("GET / HTTP/1.1", "Host: other")), 400),
            (bench.raw(bench.head("GET / HTTP/3.0")), 505)]:
        equal(statuses(answer), [status], answer[:300])
        expect("connection: close" in answer.lower(), answer)
    for client in bench.clients.values():
        for field in ["x" * 70_000]:
            try:
                equal(client.get(LIST, headers={"X": field}).status_code, 431, "a large field")
            except httpx.RemoteProtocolError:
                # An HTTP/2 library may refuse to send or take it.
                pass


@case("who calls too often is told when to come back")
def overload(bench):
    made = bench.rpc.server.CreateToken(server_service_pb2.CreateTokenRequest(
        name=unique("often"), role=1, calls_per_minute=2))
    for version in bench.clients:
        with bench.client(version) as client:
            client.headers["Authorization"] = f"Bearer {made.secret}"
            answers = [client.get(LIST) for _ in range(4)]
        refused = answers[-1]
        equal((refused.status_code, refused.json()["code"]), (429, "RATE_LIMITED"), "the last")
        expect(1 <= int(refused.headers["retry-after"]) <= 60, refused.headers)
        equal((refused.headers["x-ratelimit-limit"], refused.headers["x-ratelimit-remaining"]),
              ("2", "0"), "where it stands")


@case("each request has one line in the log, with its trace")
@each
def log(client):
    trace = os.urandom(16).hex()
    answer = client.get(LIST, headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    equal(answer.status_code, 200, "status")
    # The line is written once the answer is out; this one's is behind it.
    client.get("/healthz")
    lines = [line for line in bench.server.lines if trace in line]
    equal(len(lines), 1, "lines")
    for part in ["method=GET", f"path={LIST}", "status=200", "principal=token:admin"]:
        expect(part in lines[0], lines[0])


if __name__ == "__main__":
    bench = Bench()
    try:
        run("http", bench)
    finally:
        bench.server.stop()
        bench.server.remove()

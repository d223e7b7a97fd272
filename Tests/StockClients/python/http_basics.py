#!/usr/bin/env python3
"""HTTP itself, over HTTP/1.1 and HTTP/2 on the TLS port, through `httpx`, which we did not write.

Starts its own server, whose CORS allows one origin.
"""
import gzip
import json
import os
import pathlib
import sys

import httpx

from cases import case, equal, expect, run
from connection import ROOT, Connection

sys.path.insert(0, str(ROOT / "Tests" / "StockClients"))
from with_server import CERTS, Server  # noqa: E402  (after the path that holds it)

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


if __name__ == "__main__":
    bench = Bench()
    try:
        run("http", bench)
    finally:
        bench.server.stop()
        bench.server.remove()

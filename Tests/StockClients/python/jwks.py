#!/usr/bin/env python3
"""JSON Web Tokens whose issuer publishes its keys at a URL: a real HTTPS server of Python's, and tokens that PyJWT
has made. What is believed, what is not, and what becomes of it when the issuer cannot be reached. Starts its own
servers."""
import contextlib
import http.server
import json
import os
import ssl
import sys
import threading
import time

import grpc
import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from cases import case, equal, expect, run
from connection import ROOT, Connection, refused
from rest import Rest

sys.path.insert(0, str(ROOT / "Tests" / "StockClients"))
from with_server import CERTS, Server  # noqa: E402  (after the path that holds it)

from signalbox.v1 import execution_service_pb2 as es  # noqa: E402
from signalbox.v1 import server_service_pb2 as pb  # noqa: E402

ISSUER, AUDIENCE = "https://issuer.test", "signalbox"
CA = CERTS / "ca.pem"
PATH = "/.well-known/jwks.json"


class Issuer:
    """Serves its keys over TLS with the certificate of the tests."""

    def __init__(self):
        self.keys = {}
        self.asked = []
        # What is answered instead of the keys: a status, header fields and a body.
        self.instead = None
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.asked.append((self.path, self.headers.get("Accept")))
                status, fields, body = issuer.instead or (200, {}, issuer.document())
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **fields}.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTS / "server.pem", CERTS / "server-key.pem")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"https://127.0.0.1:{self.server.server_address[1]}{PATH}"
        self.add("first")

    def add(self, name):
        self.keys[name] = ec.generate_private_key(ec.SECP256R1())

    def document(self):
        algorithm = jwt.algorithms.get_default_algorithms()["ES256"]
        return json.dumps({"keys": [
            {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": name}
            for name, key in self.keys.items()]}).encode()

    def signed(self, name, **changes):
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "exp": int(time.time()) + 600,
                  "workspace": "default", "roles": ["operator"], **changes}
        return jwt.encode(claims, self.keys[name], "ES256", headers={"kid": name})

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@contextlib.contextmanager
def served(url):
    """A server that takes the tokens of the issuer at `url`, and trusts the authority of the tests."""
    before = os.environ.get("SSL_CERT_FILE")
    os.environ["SSL_CERT_FILE"] = str(CA)
    server = Server(
        "--jwt-issuer", ISSUER, "--jwt-audience", AUDIENCE, "--jwt-jwks", url,
        "--jwt-workspace-claim", "workspace", "--jwt-role-claim", "roles")
    try:
        yield server.start()
        equal(server.stop(), 0, "the server's exit status")
    finally:
        if before is None:
            del os.environ["SSL_CERT_FILE"]
        else:
            os.environ["SSL_CERT_FILE"] = before
        server.kill()
        server.remove()


def connect(server, token):
    return Connection(server.address, CA, token)


def believed(server, token):
    """Over gRPC and over HTTP."""
    with connect(server, token) as c:
        principal = c.server.GetInfo(pb.GetInfoRequest()).principal
        equal((principal.name, principal.workspace_id), ("user:ada", "default"), "the principal")
        c.executions.List(es.ListExecutionsRequest())
    equal(Rest(server.address, CA, token).get("/api/v1/executions").status_code, 200, "over HTTP")


def is_refused(server, token):
    """Over gRPC and over HTTP."""
    with connect(server, token) as c:
        refused(grpc.StatusCode.UNAUTHENTICATED, c.executions.List, es.ListExecutionsRequest(),
                reason="TOKEN_REFUSED")
    answer = Rest(server.address, CA, token).get("/api/v1/executions")
    equal((answer.status_code, answer.json()["code"]), (401, "TOKEN_REFUSED"), "over HTTP")


def others_come_in(server):
    with connect(server, server.token) as c:
        c.executions.List(es.ListExecutionsRequest())


@case("a token is believed whose key an HTTPS server publishes, which is asked once")
def _(_):
    issuer = Issuer()
    with served(issuer.url) as server:
        for _ in range(3):
            believed(server, issuer.signed("first"))
        equal(len(issuer.asked), 1, "how often the keys were read")
        equal(issuer.asked[0], (PATH, "application/jwk-set+json, application/json"), "the request")
        is_refused(server, issuer.signed("first", aud="others"))
        # A stranger's key under a name that is known.
        known, issuer.keys["first"] = issuer.keys["first"], ec.generate_private_key(ec.SECP256R1())
        is_refused(server, issuer.signed("first"))
        issuer.keys["first"] = known
        # Keys that were read are good while the issuer is away.
        issuer.close()
        believed(server, issuer.signed("first"))


@case("an issuer that is down, and one that serves too much, no keys, or sends elsewhere, is not believed")
def _(_):
    issuer = Issuer()
    elsewhere = Issuer()
    large = json.dumps({"keys": [], "padding": "x" * (300 << 10)}).encode()
    # What is answered, and what the log says of it.
    answers = {
        "exceeds the limit of 262144 bytes": (200, {}, large),
        "expected a JSON object with an array": (200, {}, b"<html>"),
        "answered 500, expected 200": (500, {}, issuer.document()),
        "answered 302, expected 200": (302, {"Location": elsewhere.url}, b""),
    }
    for said, answer in answers.items():
        issuer.instead = answer
        with served(issuer.url) as server:
            before = len(issuer.asked)
            is_refused(server, issuer.signed("first"))
            line = server.wait_for_line("the keys of JSON Web Tokens cannot be read")
            expect(said in line, f"expected {said!r} in {line!r}")
            # Nobody makes the server ask again and again.
            is_refused(server, issuer.signed("first", sub="eve"))
            equal(len(issuer.asked) - before, 1, "how often the keys were asked for")
            others_come_in(server)
    equal(elsewhere.asked, [], "where a redirect leads")
    issuer.instead = (200, {}, b'{"keys": []}')
    with served(issuer.url) as server:
        is_refused(server, issuer.signed("first"))
    issuer.close()
    elsewhere.close()
    with served(issuer.url) as server:
        is_refused(server, issuer.signed("first"))
        server.wait_for_line("the keys of JSON Web Tokens cannot be read")
        others_come_in(server)


@case("an issuer whose certificate is not trusted is not believed")
def _(_):
    issuer = Issuer()
    server = Server("--jwt-issuer", ISSUER, "--jwt-audience", AUDIENCE, "--jwt-jwks", issuer.url,
                    "--jwt-workspace-claim", "workspace", "--jwt-role-claim", "roles")
    try:
        server.start()
        is_refused(server, issuer.signed("first"))
        equal(issuer.asked, [], "requests")
        equal(server.stop(), 0, "the server's exit status")
    finally:
        server.kill()
        server.remove()
        issuer.close()


if __name__ == "__main__":
    run("jwks", None)

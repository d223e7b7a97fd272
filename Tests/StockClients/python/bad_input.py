#!/usr/bin/env python3
"""What is wrong with a request is told by every dialect in its own shape, and by all with the same status and
`code`. Reads SIGNALBOX_SERVER, SIGNALBOX_CA and SIGNALBOX_TOKEN; with_server.py provides them."""
import json
import os
import socket
import ssl
import threading

from cases import case, equal, expect, run
from rest import Desk, Rest, chain

POD = "/workspaces/default/pods/default"
# By dialect: a call with a JSON body, a path where nothing is, and the members of its errors.
DIALECTS = {
    "workspaces": (f"{POD}/executions", f"{POD}/nothing",
                   {"statusCode", "message", "error", "code"}),
    "executions client": ("/api/v1/executions/stop", "/api/v1/nothing", {"message", "code"}),
    "teams": ("/api/workflows/bad-input/execute", "/api/executions/no/thing/here",
              {"status", "error", "message", "timestamp", "path", "code"}),
    "automation, reading": ("/api/workflows/execute", None, {"error", "message", "code"}),
    "automation, controlling": ("/api/workflows/execution/stop", None,
                                {"success", "message", "code"}),
}
# Of these dialects, more where they have it.
MORE = {"description", "errors"}
JSON = {"Content-Type": "application/json"}


class Bench(Desk):
    def __init__(self):
        super().__init__()
        self.rest = Rest(token=self.token)
        self.put(chain("bad-input", {"id": "e", "type": "end", "data": {}}))

    def late(self, path):
        """What a body that does not go on is answered with: status and JSON."""
        host, port = os.environ["SIGNALBOX_SERVER"].rsplit(":", 1)
        context = ssl.create_default_context(cafile=os.environ["SIGNALBOX_CA"])
        with socket.create_connection((host, int(port)), timeout=60) as plain:
            with context.wrap_socket(plain, server_hostname=host) as one:
                one.sendall((f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 100\r\n"
                             f"Authorization: Bearer {self.token}\r\n"
                             "Content-Type: application/json\r\n\r\n{").encode())
                text = b"".join(iter(lambda: one.recv(65536), b"")).decode()
        head, _, body = text.partition("\r\n\r\n")
        return int(head.split()[1]), json.loads(body)


def told(dialect, status, body, expected, code):
    """Checks an error: its status, its `code`, and its dialect's shape."""
    shape = DIALECTS[dialect][2]
    equal((status, body["code"]), (expected, code), dialect)
    expect(shape <= set(body) <= shape | MORE, f"{dialect}: {body}")
    for name in ("statusCode", "status"):
        equal(body.get(name, status), status, f"{dialect}: {name}")
    equal(body.get("success", False), False, f"{dialect}: success")
    expect(body["message"], f"{dialect}: no message")


WRONG = {
    "malformed JSON": ("POST", {"data": '{"a":', "headers": JSON}, 400, "MALFORMED_JSON"),
    "JSON that is no object": ("POST", {"data": "[", "headers": JSON}, 400, "MALFORMED_JSON"),
    "another type": ("POST", {"data": "a=1", "headers": {"Content-Type": "text/plain"}}, 415,
                     "UNSUPPORTED_MEDIA_TYPE"),
    "too large": ("POST", {"data": b" " * (11 << 20), "headers": JSON}, 413, "BODY_TOO_LARGE"),
    "another method": ("PATCH", {"data": "{}", "headers": JSON}, 405, "METHOD_NOT_ALLOWED"),
}


@case("a body that cannot be read, is too large or of another type, and another method")
def _(b):
    for what, (method, request, status, code) in WRONG.items():
        for dialect, (path, _, _) in DIALECTS.items():
            answer = b.rest(method, path, **request)
            told(f"{dialect}", answer.status_code, answer.json(), status, code)
            if status == 405:
                expect("POST" in answer.headers["Allow"].split(", "), f"{what}: {answer.headers}")
            expect(answer.headers["Content-Type"].startswith("application/json"), answer.headers)


@case("no token, one that is none, and one whose role does not suffice")
def _(b):
    viewer = Rest(token=b.secret("bad-input", 1))
    for dialect, (path, _, _) in DIALECTS.items():
        body = {"status": ["queued"], "workflowId": "bad-input"}
        for rest, status, code in ((Rest(), 401, "UNAUTHENTICATED"),
                                   (Rest(token="sb_wrong"), 401, "TOKEN_REFUSED"),
                                   (viewer, 403, "ROLE_INSUFFICIENT")):
            answer = rest.post(path, body)
            told(dialect, answer.status_code, answer.json(), status, code)
            equal("WWW-Authenticate" in answer.headers, status == 401, f"{dialect}: {code}")


@case("a path where nothing is")
def _(b):
    for dialect, (_, path, _) in DIALECTS.items():
        if path:
            answer = b.rest.get(path)
            told(dialect, answer.status_code, answer.json(), 404, "UNKNOWN_PATH")


@case("a body that does not come in time")
def _(b):
    answers = {}
    threads = [threading.Thread(target=lambda dialect=dialect, path=path:
                                answers.update({dialect: b.late(path)}))
               for dialect, (path, _, _) in DIALECTS.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal(set(answers), set(DIALECTS), "the answers")
    for dialect, (status, body) in answers.items():
        told(dialect, status, body, 408, "REQUEST_TIMEOUT")


run("bad input", Bench())

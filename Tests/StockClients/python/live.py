#!/usr/bin/env python3
"""What stays open: event streams through `httpx-sse`, and Socket.IO through `python-socketio` and, where
the protocol's published test lists ask for what no client does, `websocket-client` and `requests`.

Starts its own server.
"""
import json
import os
import sys
import threading
import time

import httpx
import httpx_sse
import requests
import socketio
import websocket
from google.protobuf import duration_pb2

from cases import case, equal, expect, run
from connection import ROOT, Connection, unique
from http_door import Door

sys.path.insert(0, str(ROOT / "Tests" / "StockClients"))
from with_server import CERTS, Server  # noqa: E402  (after the path that holds it)

from signalbox.v1 import server_service_pb2  # noqa: E402

CA = str(CERTS / "ca.pem")
POD = "/workspaces/default/pods/default"
# A stream ends that soon after its credential; more is a busy machine's.
SECONDS_MAX = 1 + 2
VIEWER = 1


class Bench:
    def __init__(self):
        self.server = Server()
        self.server.start()
        os.environ["SIGNALBOX_SERVER"] = self.server.address
        os.environ["SIGNALBOX_CA"] = CA
        os.environ["SIGNALBOX_TOKEN"] = self.server.token
        self.base = "https://" + self.server.address
        self.rpc = Connection.from_environment()
        self.admin = Door(self.server.token, base=self.base)
        for name in ["three-noops", "approval"]:
            self.rpc.put(name)

    def token(self, seconds=None):
        """A viewer's: its id and its secret."""
        asked = server_service_pb2.CreateTokenRequest(name=unique("live"), role=VIEWER)
        if seconds:
            asked.lifetime.CopyFrom(duration_pb2.Duration(seconds=seconds))
        made = self.rpc.server.CreateToken(asked)
        return made.token.id, made.secret

    def revoke(self, token_id):
        self.rpc.server.RevokeToken(server_service_pb2.RevokeTokenRequest(token_id=token_id))

    def waiting(self):
        """The id of a run that waits for an approval."""
        return self.admin.call(
            201, "POST", f"{POD}/executions", json={"workflowId": "approval"})["id"]

    def session(self, secret):
        """A Socket.IO session by polling that is connected, and where to poll it."""
        door = Door(base=self.base)
        opening = json.loads(door.get("/socket.io/?EIO=4&transport=polling").text[1:])
        place = f"/socket.io/?EIO=4&transport=polling&sid={opening['sid']}"
        equal(door.post(place, data="40" + json.dumps({"token": secret})).text, "ok", "a post")
        expect(door.get(place).text.startswith('40{"sid":"'), "no CONNECT")
        return door, place, opening["sid"]

    def socket(self, query="", sid=None):
        more = f"&sid={sid}" if sid else ""
        return websocket.create_connection(
            f"wss://{self.server.address}/socket.io/?EIO=4&transport=websocket{more}{query}",
            sslopt={"ca_certs": CA}, timeout=30, http_no_proxy=["127.0.0.1"])

    def opened(self, secret=None):
        """A WebSocket whose handshake is read; and connected, if a token is given."""
        one = self.socket()
        equal(json.loads(one.recv()[1:])["upgrades"], [], "upgrades of a WebSocket")
        if secret:
            one.send("40" + json.dumps({"token": secret}))
            expect(one.recv().startswith('40{"sid":"'), "no CONNECT")
        return one


def gone(one):
    """Whether the server closes the WebSocket, whatever it says before."""
    try:
        while one.recv():
            pass
        return True
    except (websocket.WebSocketConnectionClosedException, ConnectionError):
        return True


@case("an event stream ends within a second of its token's revocation, and of its expiry")
def revoked_stream(bench):
    execution = bench.waiting()
    for http2 in [False, True]:
        for seconds in [None, 2]:
            token_id, secret = bench.token(seconds)
            made = time.monotonic()
            with httpx.Client(verify=CA, http2=http2, trust_env=False, timeout=30) as client:
                path = f"{bench.base}{POD}/executions/{execution}/events"
                headers = {"Authorization": f"Bearer {secret}"}
                with httpx_sse.connect_sse(client, "GET", path, headers=headers) as source:
                    events = source.iter_sse()
                    while json.loads(next(events).data)["type"] != "execution_suspended":
                        pass
                    due = made + seconds if seconds else time.monotonic()
                    if not seconds:
                        bench.revoke(token_id)
                    equal(list(events), [], "events after the end of the token")
                    late = time.monotonic() - due
                    expect(late < SECONDS_MAX, f"ended after {late:.1f} s")
                equal(client.get(path, headers=headers).status_code, 401, "the next stream")


@case("a stream that a ticket opened ends with the ticket's token, and no ticket is in the log")
def tickets(bench):
    execution = bench.waiting()
    token_id, secret = bench.token()
    path = f"{POD}/executions/{execution}/events"
    ticket = Door(secret, base=bench.base).call(201, "POST", f"{path}/ticket")["ticket"]
    with httpx.Client(verify=CA, trust_env=False, timeout=30) as client:
        url = f"{bench.base}{path}?ticket={ticket}"
        with httpx_sse.connect_sse(client, "GET", url) as source:
            events = source.iter_sse()
            while json.loads(next(events).data)["type"] != "execution_suspended":
                pass
            due = time.monotonic()
            bench.revoke(token_id)
            equal(list(events), [], "events after the end of the token")
            late = time.monotonic() - due
            expect(late < SECONDS_MAX, f"ended after {late:.1f} s")
        equal(client.get(url).status_code, 401, "the next stream")
    bench.admin.get("/healthz")
    log = "\n".join(bench.server.lines)
    expect(f"path={path}" in log, "the streams are not in the log")
    expect(ticket not in log and "ticket=" not in log, "a ticket is in the log")


@case("a Socket.IO client is told within a second that its token is revoked or expired")
def revoked_sockets(bench):
    for transport in ["websocket", "polling"]:
        for seconds in [None, 2]:
            token_id, secret = bench.token(seconds)
            made = time.monotonic()
            session = requests.Session()
            session.verify = CA
            session.trust_env = False
            client = socketio.Client(http_session=session, reconnection=False)
            ended = threading.Event()
            client.on("disconnect", lambda *_: ended.set())
            client.connect(bench.base, transports=[transport], auth={"token": secret})
            due = made + seconds if seconds else time.monotonic()
            if not seconds:
                bench.revoke(token_id)
            expect(ended.wait(20), f"{transport}: no end")
            late = time.monotonic() - due
            expect(late < SECONDS_MAX, f"{transport}: ended after {late:.1f} s")
            client.disconnect()


@case("a client that reconnects goes on where it was, while the run goes on")
def resume(bench):
    execution = bench.waiting()
    path = f"{bench.base}{POD}/executions/{execution}/events"
    headers = {"Authorization": bench.admin.headers["Authorization"]}
    seen = []
    with httpx.Client(verify=CA, trust_env=False, timeout=30) as client:
        with httpx_sse.connect_sse(client, "GET", path, headers=headers) as source:
            for event in source.iter_sse():
                seen.append((int(event.id), json.loads(event.data)["type"]))
                if seen[-1][1] == "execution_suspended":
                    break
        bench.admin.call(200, "PATCH", f"{POD}/executions/{execution}/respond",
                         json={"approved": True})
        headers["Last-Event-ID"] = str(seen[-1][0])
        with httpx_sse.connect_sse(client, "GET", path, headers=headers) as source:
            seen += [(int(event.id), json.loads(event.data)["type"])
                     for event in source.iter_sse()]
        del headers["Last-Event-ID"]
        with httpx_sse.connect_sse(client, "GET", path, headers=headers) as source:
            whole = [(int(event.id), json.loads(event.data)["type"])
                     for event in source.iter_sse()]
    equal(seen, whole, "the events of both connections")
    equal(whole[-1][1], "execution_complete", "the last event")


@case("Engine.IO: a WebSocket is checked as polling is, and a session has one of them")
def handshakes(bench):
    for query in ["", "?transport=websocket", "?EIO=abc&transport=websocket", "?EIO=4",
                  "?EIO=4&transport=abc", "?EIO=4&transport=websocket&sid=nobody"]:
        try:
            websocket.create_connection(
                f"wss://{bench.server.address}/socket.io/{query}", sslopt={"ca_certs": CA},
                timeout=30, http_no_proxy=["127.0.0.1"])
        except websocket.WebSocketBadStatusException as error:
            equal(error.status_code, 400, query)
            continue
        raise AssertionError(f"a WebSocket was opened with {query}")
    opening = json.loads(bench.socket().recv()[1:])
    equal(set(opening), {"sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"}, "keys")
    equal(opening["maxPayload"], 1_000_000, "maxPayload")
    door = Door(base=bench.base)
    equal(door.put("/socket.io/?EIO=4&transport=polling").status_code, 405, "another method")


@case("Engine.IO: a second poll or post at the same time ends the session")
def overlapping(bench):
    door, place, _ = bench.session(bench.token()[1])
    first = {}
    waiting = threading.Thread(
        target=lambda: first.update(answer=Door(base=bench.base).get(place)))
    waiting.start()
    # The first to come waits, whichever that is; the other is refused.
    second = door.get(place)
    waiting.join(30)
    answers = sorted([first["answer"], second], key=lambda answer: answer.status_code)
    equal([(one.status_code) for one in answers], [200, 400], "the answers")
    equal(answers[0].text, "1", "what the waiting poll gets")
    equal(door.get(place).status_code, 400, "the session")


@case("Engine.IO: a farewell by POST lets the waiting poll go, and by WebSocket closes it")
def farewells(bench):
    door, place, _ = bench.session(bench.token()[1])
    first = {}
    waiting = threading.Thread(
        target=lambda: first.update(answer=Door(base=bench.base).get(place)))
    waiting.start()
    while "status=200" not in bench.server.lines[-1] and not first:
        break
    equal(door.post(place, data="1").text, "ok", "the farewell")
    waiting.join(30)
    # It came before the farewell, or after it.
    expect((first["answer"].status_code, first["answer"].text[:1]) in [(200, "6"), (400, "{")],
           f"{first['answer'].status_code} {first['answer'].text}")
    equal(door.get(place).status_code, 400, "the session")
    one = bench.opened(bench.token()[1])
    one.send("1")
    expect(gone(one), "the WebSocket stays")


@case("Engine.IO: an upgrade lets the waiting poll go, loses nothing, and leaves one transport")
def upgrade(bench):
    secret = bench.token()[1]
    door, place, sid = bench.session(secret)
    polled = {}
    waiting = threading.Thread(
        target=lambda: polled.update(answer=Door(base=bench.base).get(place)))
    waiting.start()
    one = bench.socket(sid=sid)
    one.send("2probe")
    equal(one.recv(), "3probe", "the probe")
    waiting.join(30)
    equal(polled["answer"].text, "6", "the poll")
    # What happens between the transports.
    execution = bench.admin.call(
        201, "POST", f"{POD}/executions", json={"workflowId": "three-noops"})
    one.send("5")
    heard = ""
    while '"execution_complete"' not in heard:
        heard = one.recv()
    expect(execution["id"], execution)
    equal(door.get(place).status_code, 400, "a poll after the upgrade")
    equal(door.post(place, data="4").status_code, 400, "a post after the upgrade")
    expect(gone(bench.socket(sid=sid)), "a second WebSocket of the session")
    one.send('42["ping"]')
    one.send('427["ping"]')
    while (heard := one.recv()).startswith("42"):
        pass
    equal(heard, "437[]", "the first WebSocket")
    one.close()


@case("Engine.IO: a probe that is given up leaves a session that polls on")
def given_up(bench):
    door, place, sid = bench.session(bench.token()[1])
    one = bench.socket(sid=sid)
    one.send("2probe")
    equal(one.recv(), "3probe", "the probe")
    one.close()
    bench.admin.call(201, "POST", f"{POD}/executions", json={"workflowId": "three-noops"})
    heard = ""
    while '"execution_complete"' not in heard:
        answer = door.get(place)
        equal(answer.status_code, 200, "a poll")
        heard += answer.text


@case("what is no packet closes a WebSocket, and so does anything before CONNECT")
def garbage(bench):
    secret = bench.token()[1]
    for text in ["abc", "", "9", "0{}", "4abc", "42[\"early\"]", "41", "4{}", "44{}"]:
        one = bench.opened()
        one.send(text)
        expect(gone(one), f"open after {text!r}")
    for text in ["4abc", "40", "42{}", "42[]", "45[\"a\"]", "41"]:
        one = bench.opened(secret)
        one.send(text)
        expect(gone(one), f"open after {text!r}")


@case("Socket.IO: namespaces are refused, and what a client says is acknowledged")
def packets(bench):
    one = bench.opened()
    one.send("40/random")
    equal(one.recv(), '44/random,{"message":"Invalid namespace"}', "a namespace")
    one.send("40" + json.dumps({"token": "wrong"}))
    refusal = json.loads(one.recv()[2:])
    expect(refusal["message"] and refusal["data"]["code"] == "TOKEN_REFUSED", refusal)
    one.send("40" + json.dumps({"token": bench.token()[1]}))
    expect(one.recv().startswith('40{"sid":"'), "no CONNECT after a refusal")
    one.send('42456["message",1,"2",{"3":[false]}]')
    equal(one.recv(), "43456[]", "an acknowledgement")
    one.send_binary(b"\x01\x02")
    one.send('423["after binary"]')
    equal(one.recv(), "433[]", "binary is passed over")
    one.close()


if __name__ == "__main__":
    bench = Bench()
    try:
        run("live", bench)
    finally:
        bench.server.stop()
        bench.server.remove()

#!/usr/bin/env python3
"""The automation dialect through `requests` and `python-socketio`, which we did not write.

Starts its own server: with a plain loopback listener whose callers need no token, as the dialect's
examples have it, and a folder of workflows.
"""
import json
import os
import pathlib
import queue
import socket
import sys
import tempfile

import requests
import socketio

from cases import case, equal, expect, run
from connection import ROOT, WORKFLOWS, Connection, unique
from http_door import Door

sys.path.insert(0, str(ROOT / "Tests" / "StockClients"))
from with_server import CERTS, Server  # noqa: E402  (after the path that holds it)

from signalbox.v1 import admin_service_pb2, admin_service_pb2_grpc  # noqa: E402
from signalbox.v1 import server_service_pb2  # noqa: E402

API = "/api/workflows"


def graph(*kinds, **data):
    """A chain of nodes of these kinds, in the shape that graph editors write."""
    nodes = [{"id": f"{kind}-{index}", "type": kind, "position": {"x": 0, "y": index},
              "data": data.get(kind, {})} for index, kind in enumerate(kinds)]
    edges = [{"id": f"e{index}", "source": one["id"], "target": two["id"]}
             for index, (one, two) in enumerate(zip(nodes, nodes[1:]))]
    return {"nodes": nodes, "edges": edges,
            "metadata": {"name": "chain", "automflowsVersion": "1.0.0"}}


QUICK = graph("start", "noop", "end")
WAITING = graph("start", "wait", "end", wait={"duration": "1h"})
PAUSING = graph("start", "wait", "end", wait={"pause": True})
APPROVAL = graph("start", "approval", "end", approval={"message": "?"})
FAILING = graph("start", "fail", "end", fail={"message": "broken"})


class Listener:
    """A stock Socket.IO client that keeps what it hears."""

    def __init__(self, base, transports, **options):
        self.events = queue.Queue()
        self.client = socketio.Client(http_session=options.pop("session", None))
        for name in ["execution-update", "node-execution", "execution-event", "batch-update",
                     "batch-start", "batch-complete"]:
            self.client.on(name, lambda data, name=name: self.events.put((name, data)))
        self.client.connect(base, transports=transports, wait_timeout=20, **options)

    def until(self, is_wanted):
        """Everything heard up to the first event that is wanted."""
        heard = []
        while True:
            heard.append(self.events.get(timeout=30))
            if is_wanted(*heard[-1]):
                return heard

    def end_of(self, execution):
        return self.until(lambda name, data: name == "execution-update"
                          and data["executionId"] == execution
                          and data["status"] in ["completed", "error", "stopped"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.disconnect()


class Bench:
    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-flows-"))
        (self.folder / "sample").mkdir()
        for index in range(3):
            (self.folder / "sample" / f"workflow{index}.json").write_text(json.dumps(QUICK))
        (self.folder / "sample" / "broken.json").write_text(json.dumps({"nodes": [], "edges": []}))
        self.server = Server(
            "--local-http", f"127.0.0.1:{self.port}", "--local-role", "admin",
            "--batch-root", str(self.folder))
        self.server.start()
        os.environ["SIGNALBOX_SERVER"] = self.server.address
        os.environ["SIGNALBOX_CA"] = str(CERTS / "ca.pem")
        os.environ["SIGNALBOX_TOKEN"] = self.server.token
        self.base = f"http://127.0.0.1:{self.port}"
        self.local = Door(base=self.base)
        self.rpc = Connection.from_environment()
        for name in ["three-noops", "approval"]:
            self.rpc.put(name)

    def token(self, role, workspace=""):
        return self.rpc.server.CreateToken(server_service_pb2.CreateTokenRequest(
            name=unique("au"), role=role, workspace_id=workspace)).secret

    def execute(self, workflow, **more):
        body = self.local.call(200, "POST", f"{API}/execute", json={"workflow": workflow, **more})
        equal((body["status"], body["executionMode"]), ("running", "single"), "the answer")
        expect(body["executionId"].startswith("exec-"), body)
        return body["executionId"]

    def status(self, execution):
        return self.local.call(200, "GET", f"{API}/execution/{execution}")

    def listen(self, transports=("websocket",), **options):
        return Listener(self.base, list(transports), **options)


def refused(answer, status, success=None):
    equal(answer.status_code, status, f"the status of {answer.request.path_url}")
    body = answer.json()
    expect(body.get("message"), f"a message: {body}")
    expect(body.get("code"), f"a code: {body}")
    if success is None:
        expect(body.get("error"), f"an error: {body}")
    else:
        equal(body.get("success"), success, "success")
    return body


@case("a workflow is executed, and its end is heard over WebSocket and polling, in both sets of names")
def live(bench):
    for transports in [("websocket",), ("polling",), ("polling", "websocket")]:
        with bench.listen(transports) as listener:
            execution = bench.execute(QUICK)
            heard = [one for one in listener.end_of(execution)
                     if one[1].get("executionId") == execution]
            names = {name for name, _ in heard}
            expect({"execution-update", "node-execution", "execution-event"} <= names, names)
            nodes = [data for name, data in heard if name == "node-execution"]
            equal({data["nodeType"] for data in nodes}, {"start", "noop", "end"}, "node types")
            kinds = [data["type"] for name, data in heard if name == "execution-event"]
            expect(kinds[0] == "execution_start" and "node_start" in kinds, kinds)
            equal(heard[-1][1]["status"], "completed", "the last status")
            for data in (data for name, data in heard if name == "execution-event"):
                expect(isinstance(data["timestamp"], int), data)


@case("a socket identifies by auth.token, header or query, and hears its own workspace only")
def sockets(bench):
    session = requests.Session()
    session.verify = str(CERTS / "ca.pem")
    session.trust_env = False
    base = "https://" + bench.server.address
    token = bench.token(1)
    ways = [{"auth": {"token": token}},
            {"headers": {"Authorization": f"Bearer {token}"}},
            {"headers": {"x-api-key": token}}]
    for way in ways:
        for transports in [["websocket"], ["polling"]]:
            with Listener(base, transports, session=session, **way) as listener:
                execution = bench.execute(QUICK)
                listener.end_of(execution)
    with Listener(f"{base}?token={token}", ["polling"], session=session) as listener:
        listener.end_of(bench.execute(QUICK))
    for way in [{}, {"auth": {"token": "wrong"}}]:
        try:
            Listener(base, ["websocket"], session=session, **way)
        except socketio.exceptions.ConnectionError:
            continue
        raise AssertionError(f"a connection with {way} was not refused")
    admin = admin_service_pb2_grpc.AdminServiceStub(bench.rpc.channel)
    admin.CreateWorkspace(admin_service_pb2.CreateWorkspaceRequest(workspace_id="other"))
    foreign = bench.token(4, "other")
    door = Door(foreign, base=base)
    with Listener(base, ["websocket"], session=session, auth={"token": foreign}) as listener:
        bench.execute(QUICK)
        own = door.call(200, "POST", f"{API}/execute", json={"workflow": QUICK})["executionId"]
        heard = listener.end_of(own)
        equal({data["executionId"] for _, data in heard}, {own}, "the executions heard")


@case("a socket shows no more than a reading: what the policy masks is masked in its events")
def masked(bench):
    admin = admin_service_pb2_grpc.AdminServiceStub(bench.rpc.channel)
    workspace = unique("masked")
    admin.CreateWorkspace(admin_service_pb2.CreateWorkspaceRequest(workspace_id=workspace))

    def policy(value):
        admin.UpdateSettings(admin_service_pb2.UpdateSettingsRequest(
            workspace_id=workspace, settings=admin_service_pb2.WorkspaceSettings(
                redaction=admin_service_pb2.RedactionSettings(policy=value))))

    session = requests.Session()
    session.verify = str(CERTS / "ca.pem")
    session.trust_env = False
    base = "https://" + bench.server.address
    door = Door(bench.token(4, workspace), base=base)
    secrets = ["hunter2", "4111 1111 1111 1111", "ada@example.com"]
    leaking = graph(
        "start", "set", "log", "fail",
        set={"value": {"password": secrets[0], "card": secrets[1]}},
        log={"message": f"mail {secrets[2]}"}, fail={"message": f"no card {secrets[1]}"})
    with Listener(base, ["websocket"], session=session,
                  auth={"token": bench.token(1, workspace)}) as listener:
        for value, shown in [(admin_service_pb2.REDACTION_POLICY_NOTHING, secrets),
                             (admin_service_pb2.REDACTION_POLICY_ALL, [])]:
            policy(value)
            execution = door.call(
                200, "POST", f"{API}/execute", json={"workflow": leaking})["executionId"]
            heard = json.dumps(listener.end_of(execution))
            equal([secret for secret in secrets if secret in heard], shown, "what is heard")
            equal("[masked]" in heard, not shown, "whether something is masked")


@case("a socket that does not read loses nothing: what it missed comes from the journal")
def slow(bench):
    with bench.listen(("polling",)) as listener:
        made = [bench.execute(QUICK) for _ in range(40)]
        ended = set()
        while len(ended) < len(made):
            name, data = listener.events.get(timeout=30)
            if name == "execution-update" and data["status"] == "completed":
                ended.add(data["executionId"])
        equal(ended, set(made), "the ends heard")


@case("handshakes are checked as the protocol says")
def handshakes(bench):
    door = bench.local
    for query in ["", "?EIO=4", "?EIO=3&transport=polling", "?EIO=4&transport=smoke",
                  "?EIO=4&transport=polling&sid=nobody"]:
        equal(door.get(f"/socket.io/{query}").status_code, 400, query)
    equal(door.post("/socket.io/?EIO=4&transport=polling", data="4").status_code, 400, "no sid")
    answer = door.get("/socket.io/?EIO=4&transport=polling&t=x")
    equal(answer.status_code, 200, "status")
    opening = json.loads(answer.text[1:])
    equal((answer.text[0], set(opening)),
          ("0", {"sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"}), "the opening")
    equal(opening["upgrades"], ["websocket"], "upgrades")
    place = f"/socket.io/?EIO=4&transport=polling&sid={opening['sid']}"
    answer = door.post(place, data="40")
    equal((answer.status_code, answer.text), (200, "ok"), "a post")
    answer = door.get(place)
    expect(answer.text.startswith('40{"sid":"'), answer.text)
    expect(json.loads(answer.text[2:])["sid"] != opening["sid"], "another sid")
    equal(door.post(place, data="nonsense").status_code, 400, "a bad payload")
    equal(door.get(place).status_code, 400, "a closed session")


@case("status is told by id, by query, and of the most recent; nothing runs: idle")
def status(bench):
    execution = bench.execute(PAUSING)
    found = bench.status(execution)
    equal((found["executionId"], found["status"]), (execution, "running"), "the status")
    for name in ["currentNodeId", "pausedNodeId", "pauseReason"]:
        expect(name in found, found)
    query = f"{API}/execution/status"
    equal(bench.local.call(200, "GET", f"{query}?executionId={execution}")["executionId"],
          execution, "by query")
    equal(bench.local.call(200, "GET", query)["executionId"], execution, "the most recent")
    body = refused(bench.local.get(f"{API}/execution/exec-999999"), 404)
    equal(body["error"], "Execution not found", "error")
    active = bench.local.call(200, "GET", f"{API}/executions/active")
    expect(active["totalActive"] >= 1, active)
    expect(execution in [one["executionId"] for one in active["executions"]], active)


@case("stop ends a run by id or the most recent, and says what it was")
def stop(bench):
    execution = bench.execute(WAITING)
    body = bench.local.call(
        200, "POST", f"{API}/execution/stop", json={"executionId": execution})
    equal((body["success"], body["message"], body["executionId"]),
          (True, "Execution stopped", execution), "the answer")
    expect(body["wasRunning"] != body["wasQueued"], body)
    equal(bench.status(execution)["status"], "stopped", "status")
    execution = bench.execute(WAITING)
    body = bench.local.call(200, "POST", f"{API}/execution/stop")
    equal(body["executionId"], execution, "the most recent")
    refused(bench.local.post(f"{API}/execution/stop", json={"executionId": "exec-999999"}), 404,
            success=False)


@case("a failing run shows error and its message")
def failing(bench):
    with bench.listen() as listener:
        execution = bench.execute(FAILING)
        listener.end_of(execution)
    found = bench.status(execution)
    equal(found["status"], "error", "status")
    expect("broken" in found["error"], found)


@case("a breakpoint and a wait pause are continued; an approval is not")
def pauses(bench):
    with bench.listen() as listener:
        execution = bench.execute(
            QUICK, breakpointConfig={"enabled": True, "breakpointAt": "pre",
                                     "breakpointFor": "all"})
        for _ in range(3):
            listener.until(lambda name, data: name == "execution-event"
                           and data["executionId"] == execution
                           and data["type"] == "execution_paused")
            equal(bench.status(execution)["pauseReason"], "breakpoint", "pauseReason")
            bench.local.call(200, "POST", f"{API}/execution/continue",
                             json={"executionId": execution})
        listener.end_of(execution)
        execution = bench.execute(PAUSING)
        listener.until(lambda name, data: name == "execution-event"
                       and data["executionId"] == execution
                       and data["type"] == "execution_paused")
        found = bench.status(execution)
        equal((found["status"], found["pauseReason"], found["pausedNodeId"]),
              ("running", "wait-pause", "wait-1"), "the pause")
        body = bench.local.call(200, "POST", f"{API}/execution/pause-control",
                                json={"action": "continue"})
        equal((body["success"], body["message"]), (True, "Execution continued"), "the answer")
        listener.end_of(execution)
        execution = bench.execute(APPROVAL)
        listener.until(lambda name, data: name == "node-execution"
                       and data["executionId"] == execution and data["status"] == "paused")
    equal(bench.status(execution)["pauseReason"], None, "an approval's pauseReason")
    body = refused(bench.local.post(f"{API}/execution/continue", json={"executionId": execution}),
                   400, success=False)
    equal(body["message"], "Execution is not paused", "message")
    body = refused(bench.local.post(f"{API}/execution/pause-control", json={"action": "fly"}),
                   400, success=False)
    equal(body["message"], "Invalid action: fly", "message")


@case("control calls say when there is no such run, when nothing runs, and when nothing is paused")
def nothing(bench):
    admin = admin_service_pb2_grpc.AdminServiceStub(bench.rpc.channel)
    workspace = unique("empty")
    admin.CreateWorkspace(admin_service_pb2.CreateWorkspaceRequest(workspace_id=workspace))
    door = Door(bench.token(3, workspace), base="https://" + bench.server.address)

    def told(status, message, method, path, **body):
        answer = door.request(method, f"{API}/{path}", json=body)
        found = answer.json()
        equal((answer.status_code, found.get("success"), found["message"]),
              (status, False, message), f"{path} with {body}")

    def paused(execution):
        while not door.call(200, "GET", f"{API}/execution/{execution}")["pauseReason"]:
            pass
        return execution

    def execute(workflow):
        return door.call(200, "POST", f"{API}/execute", json={"workflow": workflow})["executionId"]

    # Nothing runs.
    equal(door.call(200, "GET", f"{API}/execution/status"), {"executionId": "", "status": "idle"},
          "the most recent of none")
    equal(door.call(200, "GET", f"{API}/executions/active"), {"totalActive": 0, "executions": []},
          "active")
    told(200, "No execution running", "POST", "execution/stop")
    for path, body in (("continue", {}), ("pause-control", {"action": "continue"}),
                       ("trace-logs", {"enabled": True})):
        told(400, "No execution running", "POST", f"execution/{path}", **body)
    all_of_none = door.call(200, "POST", f"{API}/execution/stop-all")
    equal((all_of_none["success"], all_of_none["totalStopped"], all_of_none["batches"]),
          (True, 0, []), "stop-all")
    # No such run or batch.
    for path in ("execution/exec-999999", "execution/status?executionId=exec-999999"):
        equal(refused(door.get(f"{API}/{path}"), 404)["error"], "Execution not found", path)
    equal(refused(door.get(f"{API}/execution/batch/batch-999999"), 404)["error"],
          "Batch not found", "a batch")
    name = {"executionId": "exec-999999"}
    told(404, "Execution not found", "POST", "execution/stop", **name)
    told(404, "Execution not found", "POST", "execution/continue", **name)
    told(404, "Batch not found", "POST", "execution/batch/batch-999999/stop")
    told(400, "Execution executor not available", "POST", "execution/pause-control",
         action="continue", **name)
    told(400, "Execution executor not available", "POST", "execution/trace-logs",
         enabled=True, **name)
    # What runs is not paused; of what is, the newest is meant, also where something newer runs.
    first, second = paused(execute(PAUSING)), paused(execute(PAUSING))
    running = execute(WAITING)
    told(400, "Execution is not paused", "POST", "execution/continue", executionId=running)
    told(400, "Execution is not paused", "POST", "execution/pause-control", action="continue",
         executionId=running)
    for path, body, meant in (("continue", {}, second),
                              ("pause-control", {"action": "continue"}, first)):
        done = door.call(200, "POST", f"{API}/execution/{path}", json=body)
        equal((done["success"], done["message"]), (True, "Execution continued"), path)
        while door.call(200, "GET", f"{API}/execution/{meant}")["status"] == "running":
            pass
        # Single runs stay in the history.
        equal(door.call(200, "GET", f"{API}/execution/{meant}")["status"], "completed", path)
    told(400, "Execution is not paused", "POST", "execution/continue")
    equal(door.call(200, "POST", f"{API}/execution/stop")["executionId"], running, "the newest")
    told(400, "Execution is not paused", "POST", "execution/continue", executionId=running)


@case("what waits in a batch says queued, and its counts add up while it runs")
def queued(bench):
    batch = bench.local.call(200, "POST", f"{API}/execute", json={
        "workflows": [PAUSING] * 3, "workers": 1})["batchId"]
    while True:
        found = bench.local.call(200, "GET", f"{API}/execution/batch/{batch}")
        equal(sum(found[name] for name in ("completed", "running", "queued", "failed", "stopped")),
              found["totalWorkflows"], "the counts")
        if found["running"]:
            break
    equal((found["status"], found["queued"], found["endTime"]), ("running", 2, None), "the batch")
    equal(sorted(one["status"] for one in found["executions"]), ["queued", "queued", "running"],
          "its executions")
    active = bench.local.call(200, "GET", f"{API}/executions/active")["executions"]
    waiting = [one["executionId"] for one in found["executions"] if one["status"] == "queued"]
    equal([one["status"] for one in active if one["executionId"] in waiting], ["queued"] * 2,
          "the active list")
    stopped = bench.local.call(200, "POST", f"{API}/execution/stop",
                               json={"executionId": waiting[0]})
    equal((stopped["wasRunning"], stopped["wasQueued"]), (False, True), "what was queued")
    bench.local.call(200, "POST", f"{API}/execution/batch/{batch}/stop")


@case("trace logs are turned on for a run")
def trace(bench):
    execution = bench.execute(WAITING)
    body = bench.local.call(200, "POST", f"{API}/execution/trace-logs",
                            json={"enabled": True, "executionId": execution})
    equal((body["success"], body["message"]), (True, "Trace logs enabled"), "the answer")
    body = bench.local.call(200, "POST", f"{API}/execution/trace-logs",
                            json={"enabled": False, "executionId": execution})
    equal((body["success"], body["message"]), (True, "Trace logs disabled"), "the answer")
    refused(bench.local.post(f"{API}/execution/trace-logs", json={"executionId": execution}), 400,
            success=False)


@case("many workflows, files and a folder run as a batch that counts truthfully")
def batches(bench):
    with bench.listen() as listener:
        started = bench.local.call(200, "POST", f"{API}/execute", json={
            "workflows": [QUICK, FAILING, QUICK], "workflowFileNames": ["a.json", "b.json"],
            "executionMode": "parallel", "workers": 2})
        equal((started["executionMode"], started["totalWorkflows"], started["validWorkflows"]),
              ("parallel", 3, 3), "the answer")
        expect(started["batchId"].startswith("batch-"), started)
        equal(len(started["executions"]), 3, "executions")
        waiting = {one["executionId"] for one in started["executions"]}
        while waiting:
            name, data = listener.events.get(timeout=30)
            if name == "execution-update" and data["status"] in ["completed", "error"]:
                waiting.discard(data["executionId"])
    batch = bench.local.call(200, "GET", f"{API}/execution/batch/{started['batchId']}")
    equal((batch["status"], batch["completed"], batch["failed"], batch["running"]),
          ("error", 2, 1, 0), "the batch")
    expect(isinstance(batch["startTime"], int) and isinstance(batch["endTime"], int), batch)
    expect({one["status"] for one in batch["executions"]} == {"completed", "error"}, batch)

    files = [("files", (f"{index}.json", json.dumps(QUICK), "application/json"))
             for index in range(2)]
    answer = bench.local.post(f"{API}/execute", files=files, data={"workers": "1"})
    equal(answer.status_code, 200, answer.text)
    equal((answer.json()["sourceType"], answer.json()["totalWorkflows"]), ("files", 2), "files")

    folder = bench.local.call(200, "POST", f"{API}/execute",
                              json={"folderPath": "sample", "pattern": "*.json"})
    equal((folder["sourceType"], folder["folderPath"]), ("folder", "sample"), "the folder")
    equal((folder["totalWorkflows"], folder["validWorkflows"], folder["invalidWorkflows"]),
          (4, 3, 1), "its workflows")
    expect(folder["validationErrors"][0]["errors"], folder)

    history = bench.local.call(200, "GET", f"{API}/executions/batches?limit=2&offset=0")
    equal((history["limit"], history["offset"], len(history["batches"])), (2, 0, 2), "the page")
    expect(history["total"] >= 3, history)
    equal(history["batches"][0]["batchId"], folder["batchId"], "the newest")
    for one in bench.local.call(200, "GET", f"{API}/executions/batches?status=error")["batches"]:
        equal(one["status"], "error", "a filtered batch")
    refused(bench.local.get(f"{API}/executions/batches?status=x"), 400)
    body = refused(bench.local.get(f"{API}/execution/batch/batch-99999"), 404)
    equal(body["error"], "Batch not found", "error")


@case("a batch, and then everything, is stopped; clear wants admin and nothing running, or force")
def stopping(bench):
    started = bench.local.call(200, "POST", f"{API}/execute", json={
        "workflows": [WAITING] * 3, "workers": 1})
    stopped = bench.local.call(
        200, "POST", f"{API}/execution/batch/{started['batchId']}/stop")
    equal((stopped["message"], stopped["batchId"], stopped["stoppedExecutions"]),
          ("Batch stopped", started["batchId"], 3), "the answer")
    equal(stopped["runningStopped"] + stopped["queuedCancelled"], 3, "the counts")
    batch = bench.local.call(200, "GET", f"{API}/execution/batch/{started['batchId']}")
    equal((batch["status"], batch["failed"], batch["stopped"]), ("stopped", 0, 3), "the batch")

    started = bench.local.call(200, "POST", f"{API}/execute", json={"workflows": [WAITING] * 2})
    bench.execute(WAITING)
    refused(bench.local.delete(f"{API}/executions/batches/clear"), 409, success=False)
    body = bench.local.call(200, "POST", f"{API}/execution/stop-all")
    equal((body["success"], body["message"]), (True, "All executions stopped"), "the answer")
    expect(started["batchId"] in body["batches"], body)
    expect(body["totalStopped"] >= 3, body)
    operator = Door(bench.token(2), base="https://" + bench.server.address)
    refused(operator.delete(f"{API}/executions/batches/clear"), 403, success=False)
    body = bench.local.call(200, "DELETE", f"{API}/executions/batches/clear?force=true")
    equal(body["message"], "All batches and executions cleared", "message")
    expect(body["batchesDeleted"] >= 2 and body["executionsDeleted"] >= 6, body)
    equal(bench.local.call(200, "GET", f"{API}/execution/status"),
          {"executionId": "", "status": "idle"}, "nothing is left")
    body = bench.local.call(200, "POST", f"{API}/execution/stop")
    equal((body["success"], body["message"]), (False, "No execution running"), "nothing to stop")


@case("faults of a single workflow show in its execution, those of many are told at once")
def faults(bench):
    start, end = QUICK["nodes"][0], QUICK["nodes"][-1]
    wrong = {
        "/nodes": {"nodes": [], "edges": []},
        "MISSING_START": {"nodes": [end], "edges": []},
        "DUPLICATE_ID": {"nodes": [start, end, end], "edges": []},
        "DANGLING_EDGE": {**QUICK, "edges": [{"source": start["id"], "target": "${nowhere}"}]},
        "UNKNOWN_KIND": graph("start", "dbQuery", "end"),
        "CYCLE": {"nodes": [start, *({"id": name, "type": "noop"} for name in "ab")],
                  "edges": [{"source": start["id"], "target": "a"}, {"source": "a", "target": "b"},
                            {"source": "b", "target": "a"}]},
    }
    with Listener(bench.base, ["websocket"]) as listener:
        for fault, workflow in wrong.items():
            body = bench.local.call(200, "POST", f"{API}/execute", json={
                "workflow": workflow, "executionMode": "single",
                "breakpointConfig": {"enabled": True, "breakpointFor": "all"}})
            equal((body["status"], body["executionMode"]), ("running", "single"), fault)
            execution = body["executionId"]
            last = listener.end_of(execution)[-1][1]
            status = bench.local.call(200, "GET", f"{API}/execution/{execution}")
            equal((status["status"], status["error"]), ("error", last["error"]), fault)
            expect(fault in status["error"], status)
    expect("${nowhere}" in json.dumps(bench.local.call(
        200, "POST", f"{API}/execute", json={"workflows": [QUICK, wrong["DANGLING_EDGE"]]})
        ["validationErrors"]), "the same of many")


@case("what is wrong with a request is told, and the local listener refuses foreign pages")
def refusals(bench):
    execute = f"{API}/execute"
    refused(bench.local.post(execute, json={}), 400)
    refused(bench.local.post(execute, json={"workflow": QUICK, "folderPath": "x"}), 400)
    refused(bench.local.post(execute, json={"workflow": QUICK, "executionMode": "parallel"}), 400)
    refused(bench.local.post(execute, json={"workflow": []}), 400)
    refused(bench.local.post(execute, json={"folderPath": "../outside"}), 404)
    refused(bench.local.post(execute, data="{", headers={"Content-Type": "application/json"}), 400)
    refused(bench.local.post(execute, data="a=1", headers={"Content-Type": "text/plain"}), 415)
    refused(bench.local.get(f"{API}/executions/active", headers={"Host": "evil.test"}), 403)
    refused(bench.local.get(f"{API}/executions/active", headers={"Origin": "http://evil.test"}), 403)
    equal(bench.local.get("/socket.io/?EIO=4&transport=polling",
                          headers={"Origin": "http://evil.test"}).status_code, 403, "a handshake")
    nobody = Door(base="https://" + bench.server.address)
    refused(nobody.get(f"{API}/executions/active"), 401)


if __name__ == "__main__":
    bench = Bench()
    try:
        run("automation", bench)
    finally:
        bench.server.stop()
        bench.server.remove()

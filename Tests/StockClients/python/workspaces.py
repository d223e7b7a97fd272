#!/usr/bin/env python3
"""The workspaces dialect through `requests` and `httpx-sse`, which we did not write.

Needs the environment of with_server.py.
"""
import concurrent.futures
import json
import os
import re
import uuid

import httpx
import httpx_sse

from cases import case, equal, expect, run
from connection import WORKFLOWS, Connection, unique
from http_door import CA, Door
from signalbox.v1 import server_service_pb2

POD = "/workspaces/default/pods/default"
INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
STATUSES = ["queued", "running", "suspended", "completed", "failed", "cancelled"]


class Bench:
    """A door for each role, and what the cases run."""

    def __init__(self):
        self.rpc = Connection.from_environment()
        self.admin = Door(os.environ["SIGNALBOX_TOKEN"])
        self.editor = Door(self.token(3))
        self.operator = Door(self.token(2))
        self.viewer = Door(self.token(1))
        for name in ["three-noops", "approval", "two-approvals", "failing", "long-wait", "question"]:
            self.rpc.put(name)

    def token(self, role):
        answer = self.rpc.server.CreateToken(
            server_service_pb2.CreateTokenRequest(name=unique("ws"), role=role))
        return answer.secret

    def trigger(self, workflow, **body):
        return self.editor.call(
            201, "POST", f"{POD}/executions", json={"workflowId": workflow, **body})

    def get(self, execution):
        return self.editor.call(200, "GET", f"{POD}/executions/{execution['id']}")

    def stream(self, execution, headers=None, query="", until=None):
        """The events of an execution as an SSE client has them, up to `until` or the end."""
        path = f"{self.editor.base}{POD}/executions/{execution['id']}/events{query}"
        seen = []
        with httpx.Client(verify=CA, trust_env=False, timeout=30) as client:
            headers = {"Authorization": self.editor.headers["Authorization"], **(headers or {})}
            if "ticket=" in query:
                del headers["Authorization"]
            with httpx_sse.connect_sse(client, "GET", path, headers=headers) as source:
                for event in source.iter_sse():
                    equal(event.event, "message", "the events' name")
                    seen.append((int(event.id) if event.id else None, json.loads(event.data)))
                    if until and until(seen[-1][1]):
                        break
        return seen

    def finished(self, workflow, **body):
        execution = self.trigger(workflow, **body)
        self.stream(execution)
        return self.get(execution)

    def suspended(self, workflow):
        execution = self.trigger(workflow)
        self.stream(execution, until=lambda event: event["type"] == "execution_suspended")
        return self.get(execution)


def refused(answer, status, code=None):
    """An error in the dialect's shape."""
    equal(answer.status_code, status, f"the status of {answer.request.path_url}")
    body = answer.json()
    equal(body["statusCode"], status, "statusCode")
    expect(isinstance(body["message"], (str, list)) and body["message"], f"a message: {body}")
    expect(isinstance(body["error"], str) and body["error"], f"an error phrase: {body}")
    if code:
        equal(body["code"], code, "code")
    return body


@case("a trigger answers 201 with the execution, queued or running, triggered by hand")
def trigger(bench):
    execution = bench.trigger("three-noops", input={"key": "value"})
    expect(execution["status"] in ["queued", "running"], execution)
    equal(execution["triggeredBy"], "manual", "triggeredBy")
    uuid.UUID(execution["id"])
    expect(INSTANT.match(execution["createdAt"]), execution["createdAt"])
    bench.stream(execution)
    whole = bench.get(execution)
    equal(whole["status"], "completed", "status")
    equal(whole["input"], {"key": "value"}, "input")
    expect(INSTANT.match(whole["completedAt"]), whole["completedAt"])
    results = whole["nodeResults"]
    expect(len(results) >= 3, results)
    for result in results.values():
        equal(result["status"], "completed", "a node's status")
        expect(isinstance(result["durationMs"], int), result)
        expect({"output", "error", "startedAt", "completedAt"} <= set(result), result)
        expect(INSTANT.match(result["startedAt"]) and INSTANT.match(result["completedAt"]), result)
    equal(whole["error"], None, "error")


@case("the same idempotency key gives the first execution, and refuses another body")
def idempotent(bench):
    headers = {"X-Idempotency-Key": unique()}
    first, second = [
        bench.editor.call(201, "POST", f"{POD}/executions", headers=headers,
                          json={"workflowId": "three-noops"}) for _ in range(2)]
    equal(second["id"], first["id"], "id")
    refused(bench.editor.post(f"{POD}/executions", headers=headers,
                              json={"workflowId": "three-noops", "input": {"a": 1}}), 409)


@case("every mount answers: with and without /v1, pods and spaces, id and number")
def mounts(bench):
    execution = bench.finished("three-noops")
    for base in ["/workspaces/default/pods/default", "/v1/workspaces/default/pods/default",
                 "/workspaces/default/spaces/default", "/v1/workspaces/default/spaces/default"]:
        for name in [execution["id"], execution["number"], f"exec-{execution['number']}"]:
            found = bench.viewer.call(200, "GET", f"{base}/executions/{name}")
            equal(found["id"], execution["id"], "id")


@case("a list is a bare array, newest first, by status and workflow, and goes on by its Link")
def lists(bench):
    made = [bench.finished("three-noops")["id"] for _ in range(3)]
    answer = bench.viewer.get(f"{POD}/executions?workflowId=three-noops&status=completed&limit=2")
    equal(answer.status_code, 200, "status")
    page = answer.json()
    expect(isinstance(page, list), page)
    equal([one["id"] for one in page], [made[2], made[1]], "the newest two")
    found = re.match(r'^<([^>]+)>; rel="next"$', answer.headers["Link"])
    page = bench.viewer.call(200, "GET", found.group(1))
    equal(page[0]["id"], made[0], "the first of the next page")
    for status in STATUSES:
        for one in bench.viewer.call(200, "GET", f"{POD}/executions?status={status}"):
            equal(one["status"], status, "a filtered execution's status")
    refused(bench.viewer.get(f"{POD}/executions?status=sleeping"), 400, "INVALID_ARGUMENT")
    refused(bench.viewer.get(f"{POD}/executions?limit=1001"), 400)
    refused(bench.viewer.get(f"{POD}/executions?before={uuid.uuid4()}"), 404)


@case("the event stream has the page's types, ids that grow, and ends with the end")
def events(bench):
    execution = bench.trigger("three-noops")
    seen = bench.stream(execution)
    ids = [number for number, _ in seen]
    equal(ids, sorted(set(ids)), "the ids")
    types = {event["type"] for _, event in seen}
    equal(types, {"node_update", "execution_complete"}, "the types")
    equal(seen[-1][1]["type"], "execution_complete", "the last event")
    expect("output" in seen[-1][1], seen[-1][1])
    ended = [e for _, e in seen if e["type"] == "node_update" and e["status"] == "completed"]
    for event in ended:
        expect(isinstance(event["durationMs"], int), event)


@case("a late joiner gets the history, and Last-Event-ID and ?after= only what follows")
def resume(bench):
    execution = bench.finished("three-noops")
    whole = bench.stream(execution)
    middle = whole[len(whole) // 2][0]
    rest = [one for one in whole if one[0] > middle]
    equal(bench.stream(execution, headers={"Last-Event-ID": str(middle)}), rest, "by header")
    equal(bench.stream(execution, query=f"?after={middle}"), rest, "by query")
    equal(bench.stream(execution, headers={"Last-Event-ID": str(middle)}, query="?after=0"), rest,
          "the header wins")
    refused(bench.editor.get(f"{POD}/executions/{execution['id']}/events?after=100000"), 400)
    refused(bench.editor.get(f"{POD}/executions/{execution['id']}/events?after=x"), 400)


@case("a failed run ends its stream with execution_failed and shows its error")
def failed(bench):
    execution = bench.trigger("failing")
    kind = bench.stream(execution)[-1][1]
    equal(kind["type"], "execution_failed", "the last event")
    expect(kind["error"], kind)
    whole = bench.get(execution)
    equal(whole["status"], "failed", "status")
    equal(whole["error"], kind["error"], "error")


@case("a suspended run shows its interrupt, and approving lets it complete")
def approve(bench):
    execution = bench.trigger("approval")
    seen = bench.stream(execution, until=lambda event: event["type"] == "execution_suspended")
    interrupt = seen[-1][1]["interrupt"]
    equal(interrupt["type"], "approval", "the interrupt's type")
    for name in ["id", "nodeId", "nodeName", "message", "assignees", "schema", "deadline",
                 "createdAt"]:
        expect(name in interrupt, f"{name} in {interrupt}")
    equal(bench.get(execution)["status"], "suspended", "status")
    path = f"{POD}/executions/{execution['id']}/respond"
    bench.editor.call(200, "PATCH", path, json={"approved": True})
    equal(bench.stream(execution)[-1][1]["type"], "execution_complete", "the last event")
    refused(bench.editor.patch(path, json={"approved": True}), 409)


@case("rejecting fails the run with the reason, and approve is a short form")
def reject(bench):
    execution = bench.suspended("approval")
    bench.editor.call(200, "PATCH", f"{POD}/executions/{execution['id']}/respond",
                      json={"approved": False, "reason": "too expensive"})
    last = bench.stream(execution)[-1][1]
    equal(last["type"], "execution_failed", "the last event")
    expect("too expensive" in last["error"], last)
    whole = bench.get(execution)
    equal(whole["status"], "failed", "status")
    expect("too expensive" in whole["error"], whole)
    execution = bench.suspended("approval")
    bench.editor.call(200, "PATCH", f"{POD}/executions/{execution['id']}/approve")
    equal(bench.stream(execution)[-1][1]["type"], "execution_complete", "the last event")


@case("an answer goes in data, and a node can be named where several wait")
def answers(bench):
    execution = bench.suspended("question")
    path = f"{POD}/executions/{execution['id']}/respond"
    equal(execution["interrupts"][0]["type"], "question", "the interrupt's type")
    refused(bench.editor.patch(path, json={"approved": True, "data": {"age": "old"}}), 400)
    bench.editor.call(200, "PATCH", path, json={"approved": True, "data": {"age": 42}})
    equal(bench.stream(execution)[-1][1],
          {"type": "execution_complete", "output": {"age": 42}}, "the last event")
    execution = bench.suspended("two-approvals")
    path = f"{POD}/executions/{execution['id']}/respond"
    refused(bench.editor.patch(path, json={"approved": True}), 409, "INTERRUPT_AMBIGUOUS")
    for interrupt in execution["interrupts"]:
        bench.editor.call(200, "PATCH", path,
                          json={"approved": True, "nodeId": interrupt["nodeId"]})
    equal(bench.stream(execution)[-1][1]["type"], "execution_complete", "the last event")


@case("of two answers at the same time one counts, and the other is told so")
def twice(bench):
    for _ in range(5):
        path = f"{POD}/executions/{bench.suspended('approval')['id']}/respond"
        token = bench.editor.headers["Authorization"][7:]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(
                lambda approved: Door(token).patch(path, json={"approved": approved}),
                [True, False]))
        equal(sorted(answer.status_code for answer in answers), [200, 409], "the answers")


@case("respond refuses a body without approved, and a run that waits for nothing")
def respond_refusals(bench):
    execution = bench.suspended("approval")
    path = f"{POD}/executions/{execution['id']}/respond"
    body = refused(bench.editor.patch(path, json={"reason": "x"}), 400, "INVALID_ARGUMENT")
    expect(body["message"][0].startswith("approved:"), body)
    refused(bench.editor.patch(path, json={"approved": "yes"}), 400)
    refused(bench.editor.patch(path, data="{", headers={"Content-Type": "application/json"}), 400,
            "MALFORMED_JSON")
    refused(bench.editor.patch(path, data="a=1"), 400)
    refused(bench.editor.patch(path, data="a=1", headers={"Content-Type": "text/plain"}), 415)
    done = bench.finished("three-noops")
    refused(bench.editor.patch(
        f"{POD}/executions/{done['id']}/respond", json={"approved": True}), 409)


@case("replay makes a new run from the start or a node, of a final one only")
def replay(bench):
    execution = bench.finished("three-noops", input={"n": 1})
    path = f"{POD}/executions/{execution['id']}/replay"
    again = bench.editor.call(201, "POST", path)
    expect(again["id"] != execution["id"], again)
    equal(again["replayOf"], execution["id"], "replayOf")
    bench.stream(again)
    equal(bench.get(again)["input"], {"n": 1}, "the original input")
    node = list(execution["nodeResults"])[1]
    bench.editor.call(201, "POST", path, json={"fromNodeId": node})
    refused(bench.editor.post(path, json={"fromNodeId": "nobody"}), 400)
    waiting = bench.suspended("approval")
    refused(bench.editor.post(f"{POD}/executions/{waiting['id']}/replay"), 409,
            "EXECUTION_NOT_FINAL")


@case("DELETE cancels: 204, then 409, and the stream says cancelled in a type clients know")
def cancel(bench):
    execution = bench.trigger("long-wait")
    answer = bench.editor.delete(f"{POD}/executions/{execution['id']}")
    equal((answer.status_code, answer.content), (204, b""), "the answer")
    refused(bench.editor.delete(f"{POD}/executions/{execution['id']}"), 409, "EXECUTION_FINAL")
    last = bench.stream(execution)[-1][1]
    equal((last["type"], last["error"], last["status"]),
          ("execution_failed", "cancelled", "cancelled"), "the last event")
    equal(bench.get(execution)["status"], "cancelled", "status")


@case("logs are an array of lines with what nodes took and gave")
def logs(bench):
    execution = bench.finished("three-noops")
    lines = bench.viewer.call(200, "GET", f"{POD}/executions/{execution['id']}/logs")
    names = ["sequence", "at", "nodeId", "nodeType", "nodeName", "attempt", "status", "level",
             "message", "input", "output", "error", "startedAt", "completedAt", "durationMs"]
    for line in lines:
        equal([name for name in names if name not in line], [], "missing fields")
    expect(any(line["nodeId"] and line["completedAt"] for line in lines), lines)
    answer = bench.viewer.get(f"{POD}/executions/{execution['id']}/logs?limit=2")
    equal(answer.json(), lines[:2], "the first page")
    found = re.match(r'^<([^>]+)>; rel="next"$', answer.headers["Link"])
    equal(bench.viewer.call(200, "GET", found.group(1)), lines[2:4], "the second page")


@case("a ticket opens the stream without a header, of its execution only, as often as wanted")
def tickets(bench):
    execution = bench.finished("three-noops")
    other = bench.finished("three-noops")
    ticket = bench.editor.call(201, "POST", f"{POD}/executions/{execution['id']}/events/ticket")
    expect(INSTANT.match(ticket["expiresAt"]), ticket)
    query = f"?ticket={ticket['ticket']}"
    for _ in range(2):
        equal(bench.stream(execution, query=query)[-1][1]["type"], "execution_complete", "the end")
    nobody = Door()
    refused(nobody.get(f"{POD}/executions/{other['id']}/events{query}"), 404)
    refused(nobody.get(f"{POD}/executions/{execution['id']}{query}"), 401)
    refused(nobody.get(f"{POD}/executions/{execution['id']}/events?ticket=tkt_x"), 401)


@case("who may do what: 401, 404 for what is not yours, 403 for a role, in that order")
def access(bench):
    nobody = Door()
    refused(nobody.get(f"{POD}/executions"), 401, "UNAUTHENTICATED")
    refused(Door("wrong").get(f"{POD}/executions"), 401)
    refused(bench.editor.get("/workspaces/elsewhere/pods/default/executions"), 404,
            "WORKSPACE_NOT_FOUND")
    refused(bench.editor.get("/workspaces/default/pods/elsewhere/executions"), 404,
            "POD_NOT_FOUND")
    for door in [bench.viewer, bench.operator]:
        for method, path, body in [
                ("POST", "/executions", {}), ("PATCH", "/executions/1/respond", {}),
                ("POST", "/executions/1/replay", {"fromNodeId": 7}),
                ("DELETE", "/executions/1", None)]:
            refused(door.request(method, POD + path, json=body), 403, "ROLE_INSUFFICIENT")
    for headers in [{"x-api-key": os.environ["SIGNALBOX_TOKEN"]},
                    {"X-N8N-API-KEY": os.environ["SIGNALBOX_TOKEN"]}]:
        nobody.call(200, "GET", f"{POD}/executions?limit=1", headers=headers)
    refused(bench.editor.get(f"{POD}/executions/{uuid.uuid4()}"), 404, "EXECUTION_NOT_FOUND")
    refused(bench.editor.get(f"{POD}/executions/nonsense"), 404)
    refused(bench.editor.post(f"{POD}/executions", json={"workflowId": "nobody"}), 404)
    refused(bench.editor.post(f"{POD}/executions", json={}), 400)
    refused(bench.editor.get(f"{POD}/nothing"), 404, "UNKNOWN_PATH")
    answer = bench.editor.put(f"{POD}/executions")
    refused(answer, 405, "METHOD_NOT_ALLOWED")
    equal(answer.headers["Allow"], "POST, GET, HEAD, OPTIONS", "Allow")


@case("workflows are saved, listed, changed, deployed by an admin, and erased")
def workflows(bench):
    graph = json.loads((WORKFLOWS / "three-noops.json").read_text())
    body = {"name": "By HTTP", "definition": {"nodes": graph["nodes"], "edges": graph["edges"]}}
    made = bench.editor.call(201, "POST", f"{POD}/workflows", json=body)
    expect(made["id"].startswith("wf_"), made)
    equal((made["name"], made["status"], made["version"]), ("By HTTP", "draft", 1), "the workflow")
    path = f"{POD}/workflows/{made['id']}"
    bench.finished(made["id"])
    changed = bench.editor.call(200, "PATCH", path, json={"name": "Renamed"})
    equal((changed["name"], changed["version"]), ("Renamed", 2), "the second version")
    equal(len(changed["definition"]["nodes"]), len(graph["nodes"]), "its nodes")
    equal(bench.viewer.call(200, "GET", f"{path}?version=1")["name"], "By HTTP", "the first")
    refused(bench.editor.post(f"{path}/deploy"), 403)
    equal(bench.admin.call(200, "POST", f"{path}/deploy")["status"], "deployed", "status")
    listed = bench.viewer.call(200, "GET", f"{POD}/workflows")
    expect(made["id"] in [one["id"] for one in listed], listed)
    refused(bench.editor.post(f"{POD}/workflows", json={"id": made["id"], **body}), 409,
            "WORKFLOW_EXISTS")
    broken = refused(bench.editor.put(path, json={"nodes": [], "edges": []}), 400)
    expect(isinstance(broken["message"], list), broken)
    bench.editor.call(204, "DELETE", path)
    refused(bench.editor.get(path), 404, "WORKFLOW_NOT_FOUND")


@case("changes at the same time are all kept: parts of a workflow, toggles of a schedule, one new workflow")
def together(bench):
    def at_once(calls):
        """The answers of calls that go out together; those that others outran are sent again."""
        def one(call):
            door = Door(bench.editor.headers["Authorization"][7:])
            while (answer := door.request(*call[:2], json=call[2])).status_code == 409 \
                    and answer.json()["code"] in ("CONFLICT", "VERSION_CONFLICT"):
                pass
            return answer
        with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(one, calls))

    graph = json.loads((WORKFLOWS / "three-noops.json").read_text())
    made = bench.editor.call(201, "POST", f"{POD}/workflows", json={
        "definition": {"nodes": graph["nodes"], "edges": graph["edges"]}})
    path = f"{POD}/workflows/{made['id']}"
    for index in range(5):
        at_once([("PATCH", path, {"name": f"name {index}"}),
                 ("PATCH", path, {"description": f"description {index}"})])
        found = bench.editor.call(200, "GET", path)
        equal((found["name"], found["definition"]["description"], found["version"]),
              (f"name {index}", f"description {index}", 3 + 2 * index), "both changes")
    schedule = bench.editor.call(201, "POST", f"{POD}/schedules", json={
        "workflowId": made["id"], "cronExpression": "@yearly"})
    path = f"{POD}/schedules/{schedule['id']}"
    for count in (8, 7):
        before = bench.editor.call(200, "GET", path)["enabled"]
        equal({answer.status_code for answer in at_once([("PATCH", f"{path}/toggle", None)] * count)},
              {200}, "toggles")
        equal(bench.editor.call(200, "GET", path)["enabled"], before ^ (count % 2 == 1), "enabled")
    name = unique("new")
    answers = at_once([("POST", f"{POD}/workflows", {
        "id": name, "name": str(index), "nodes": graph["nodes"], "edges": graph["edges"]})
        for index in range(6)])
    equal(sorted(answer.status_code for answer in answers), [201] + [409] * 5, "the answers")
    equal(bench.editor.call(200, "GET", f"{POD}/workflows/{name}")["version"], 1, "the version")


@case("schedules are created, changed in part, toggled and deleted; what is wrong has the dialect's name")
def schedules(bench):
    for prefix in [POD, "/v1" + POD, POD.replace("pods", "spaces")]:
        made = bench.editor.call(201, "POST", f"{prefix}/schedules", json={
            "workflowId": "three-noops", "name": "Daily digest", "cronExpression": "0 9 * * 1-5",
            "timezone": "America/New_York", "input": {"n": 1}, "overlapPolicy": "buffer_one"})
        path = f"{prefix}/schedules/{made['id']}"
        equal((made["enabled"], made["cronExpr"], made["input"], made["lastRunAt"]),
              (True, "0 9 * * 1-5", {"n": 1}, None), "the schedule")
        expect(INSTANT.match(made["nextRunAt"]), made)
        listed = bench.viewer.call(200, "GET", f"{prefix}/schedules?workflowId=three-noops&limit=100")
        expect(made["id"] in [one["id"] for one in listed], listed)
        changed = bench.editor.call(200, "PATCH", path, json={"cronExpr": "0 8 * * *"})
        equal((changed["cronExpression"], changed["timezone"], changed["name"],
               changed["overlapPolicy"]),
              ("0 8 * * *", "America/New_York", "Daily digest", "buffer_one"), "what was kept")
        for body, enabled in [(None, False), (None, True), ({"enabled": True}, True),
                              ({"enabled": False}, False)]:
            found = bench.editor.call(200, "PATCH", f"{path}/toggle", json=body)
            equal(found["enabled"], enabled, f"toggled with {body}")
        equal(bench.editor.call(200, "PATCH", path, json={"enabled": True})["enabled"], True, "on")
        bench.editor.call(204, "DELETE", path)
        refused(bench.editor.delete(path), 404, "SCHEDULE_NOT_FOUND")
    body = refused(bench.editor.post(f"{POD}/schedules", json={
        "workflowId": "three-noops", "cronExpression": "0 25 * * *", "timezone": "PST"}), 400,
        "INVALID_ARGUMENT")
    equal(sorted(text.split(":")[0] for text in body["message"]), ["cronExpression", "timezone"],
          "the fields")
    body = refused(bench.editor.post(f"{POD}/schedules", json={
        "overlapPolicy": "sometimes", "enabled": "yes"}), 400)
    equal({text.split(":")[0] for text in body["message"]},
          {"workflowId", "cronExpression", "overlapPolicy", "enabled"}, "the fields")
    refused(bench.editor.post(f"{POD}/schedules", json={
        "workflowId": "nobody", "cronExpression": "@daily"}), 404, "WORKFLOW_NOT_FOUND")


@case("webhooks are created with a secret that is shown once, changed, fired, disabled and deleted")
def webhooks(bench):
    bench.admin.call(200, "POST", f"{POD}/workflows/three-noops/deploy")
    made = bench.editor.call(201, "POST", f"{POD}/webhooks", json={
        "workflowId": "three-noops", "name": "Orders"})
    path, fire = f"{POD}/webhooks/{made['id']}", made["url"]
    equal((made["verification"], made["response"], made["enabled"], fire),
          ("shared_secret", "accepted", True, f"/v1/webhooks/{made['id']}/trigger"), "the webhook")
    nobody = Door()
    nobody.call(401, "POST", fire, json={"n": 1})
    fired = nobody.call(202, "POST", fire, json={"n": 1},
                        headers={"x-webhook-secret": made["secret"]})
    bench.stream({"id": fired["executionId"]})
    run_by_it = bench.get({"id": fired["executionId"]})
    equal((run_by_it["triggeredBy"], run_by_it["input"]), ("webhook", {"n": 1}), "the execution")
    shown = bench.viewer.call(200, "GET", path)
    equal((shown["lastExecutionId"], "secret" in shown), (fired["executionId"], False), "shown")
    expect(INSTANT.match(shown["lastTriggeredAt"]), shown)
    listed = bench.viewer.call(200, "GET", f"{POD}/webhooks")
    expect(all("secret" not in one for one in listed) and listed, listed)
    changed = bench.editor.call(200, "PATCH", path, json={"secret": "another-secret", "name": "B"})
    equal((changed["name"], changed["verification"]), ("B", "shared_secret"), "changed")
    for secret, status in [(made["secret"], 401), ("another-secret", 202)]:
        nobody.call(status, "POST", fire, json={}, headers={"x-webhook-secret": secret})
    # Where one part of a change is refused, nothing of it is done.
    refused(bench.editor.patch(path, json={"secret": "a-third-secret", "workflowId": "nope"}), 404)
    nobody.call(202, "POST", fire, json={}, headers={"x-webhook-secret": "another-secret"})
    equal(bench.editor.call(200, "PATCH", path, json={"enabled": False})["enabled"], False, "off")
    nobody.call(404, "POST", fire, json={}, headers={"x-webhook-secret": "another-secret"})
    bench.editor.call(204, "DELETE", path)
    refused(bench.editor.get(path), 404, "WEBHOOK_NOT_FOUND")
    signed = bench.editor.call(201, "POST", f"{POD}/webhooks", json={
        "workflowId": "three-noops", "secret": "from-the-sender", "enabled": False})
    equal((signed["verification"], signed["secret"], signed["enabled"]),
          ("signature", "from-the-sender", False), "with a secret of one's own")
    body = refused(bench.editor.post(f"{POD}/webhooks", json={
        "workflowId": "three-noops", "verification": "magic", "response": "never"}), 400)
    equal({text.split(":")[0] for text in body["message"]}, {"verification", "response"}, "fields")
    refused(bench.editor.post(f"{POD}/webhooks", json={
        "workflowId": "three-noops", "secret": "short"}), 400)


if __name__ == "__main__":
    run("workspaces", Bench())

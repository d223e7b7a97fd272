#!/usr/bin/env python3
"""The examples of the teams page, run with curl and `requests`; and what its client libraries send."""
import csv
import datetime
import io
import json
import re

import grpc
from google.protobuf import duration_pb2

from cases import case, equal, expect, run
from connection import unique
from rest import Desk, Rest, chain, curl

VIEWER, OPERATOR, EDITOR, ADMIN = 1, 2, 3, 4
UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
SUMMARY = {"id", "workflowId", "workflowName", "status", "startedAt", "finishedAt", "durationMs",
           "triggerType", "nodeCount", "errorMessage"}
PAGE = {"content", "totalElements", "totalPages", "number", "size", "first", "last", "empty",
        "numberOfElements"}
DETAIL = {"id", "workflowId", "workflowName", "workflowVersion", "status", "trigger", "inputData",
          "outputData", "errorMessage", "createdAt", "startedAt", "completedAt", "durationMs",
          "nodeExecutions"}
NODE = {"id", "nodeId", "nodeName", "nodeType", "status", "startedAt", "completedAt", "durationMs",
        "inputData", "outputData", "errorMessage", "retryCount"}
COLUMNS = ("execution_id workflow_id workflow_name status trigger started_at completed_at "
           "duration_ms node_id node_type node_name node_status node_started_at node_completed_at "
           "node_duration_ms node_error").split()
RATE = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


class Bench(Desk):
    def __init__(self):
        super().__init__()
        from signalbox.v1 import admin_service_pb2 as pb
        from signalbox.v1 import admin_service_pb2_grpc, server_service_pb2
        admin = admin_service_pb2_grpc.AdminServiceStub(self.grpc.channel)
        self.team = unique("team")
        self.uuid = admin.CreateWorkspace(
            pb.CreateWorkspaceRequest(workspace_id=self.team)).uuid
        self.sdk = server_service_pb2.TOKEN_KIND_SDK
        self.tokens = {role: self.secret(f"r{role}", role, workspace=self.team, kind=self.sdk)
                       for role in (VIEWER, OPERATOR, EDITOR, ADMIN)}
        self.rest = Rest(token=self.tokens[ADMIN])
        self.order = self.make(
            {"id": "validate", "type": "if", "name": "Validate Order",
             "data": {"condition": "${.input.orderId == 42}"}}, name="Order Processing")
        self.ask = self.make({"id": "ask", "type": "approval", "data": {"message": "?"}})
        self.fail = self.make({"id": "refuse", "type": "fail", "name": "Refuse",
                               "data": {"code": "NO", "message": "no lamps left"}})

    def make(self, *nodes, name=None):
        return self.put(chain(unique("wf"), *nodes, name=name), workspace_id=self.team).id

    def run(self, workflow, data=None, wait=True):
        return self.trigger(workflow, data, wait, workspace_id=self.team)


def refused(answer, status, code, text=None):
    body = answer.json()
    equal((answer.status_code, body.get("code")), (status, code), f"refusal {body}")
    equal(set(body), {"status", "error", "message", "timestamp", "path", "code"}, "fields")
    equal(body["status"], status, "status in the body")
    expect(INSTANT.match(body["timestamp"]), f"found {body['timestamp']}")
    if text:
        expect(text in body["message"] and text in body["error"], f"{text!r} in {body}")
    return body


@case("the page's list of a team, by UUID and by id, with curl")
def _(b):
    done = b.run(b.order, {"orderId": 42})
    for team in (b.uuid, b.team):
        status, fields, body = curl(
            f"{b.rest.base}/api/executions/team/{team}?page=0&size=20&workflowId={b.order}",
            token=b.tokens[VIEWER])
        page = json.loads(body)
        equal((status, set(page)), (200, PAGE), "page")
        equal((page["totalElements"], page["totalPages"], page["number"], page["size"],
               page["first"], page["last"], page["empty"]), (1, 1, 0, 20, True, True, False), "page")
        one = page["content"][0]
        equal(set(one), SUMMARY, "fields")
        equal((one["id"], one["workflowName"], one["status"], one["triggerType"], one["nodeCount"],
               one["errorMessage"]), (done.id, "Order Processing", "SUCCESS", "API", 2, None), "run")
        for name in ("startedAt", "finishedAt"):
            expect(INSTANT.match(one[name]), f"{name}: found {one[name]}")
        expect(all(name.lower() in fields for name in RATE), f"rate fields, found {fields}")


@case("the page's detail, with curl: nodes with their data, ids that are UUIDs, the branch taken")
def _(b):
    done = b.run(b.order, {"orderId": 42, "customer": "Acme Corp"})
    status, _, body = curl(f"{b.rest.base}/api/executions/{done.id}", token=b.tokens[VIEWER])
    one = json.loads(body)
    equal(status, 200, "status")
    expect(DETAIL <= set(one), f"fields, missing {DETAIL - set(one)}")
    equal((one["status"], one["trigger"], one["workflowVersion"]), ("SUCCESS", "API", 1), "run")
    equal(one["inputData"], {"orderId": 42, "customer": "Acme Corp"}, "input")
    first, second = one["nodeExecutions"]
    for node in (first, second):
        expect(NODE <= set(node), f"fields, missing {NODE - set(node)}")
        expect(UUID.match(node["id"]) and UUID.match(node["nodeId"]), f"found {node}")
    equal((first["nodeName"], first["nodeType"]), ("Start", "MANUAL_TRIGGER"), "the first node")
    equal((second["nodeName"], second["nodeType"], second["status"], second["retryCount"]),
          ("Validate Order", "IF_ELSE", "SUCCESS", 0), "the second node")
    equal(second["outputData"]["branch"], "true", "branch")
    expect(isinstance(one["durationMs"], int) and one["durationMs"] >= 0, "a duration")
    equal(b.rest.get(f"/api/executions/{done.number}").json()["id"], done.id, "by number")
    equal(b.rest.get(f"/api/executions/exec-{done.number}").json()["id"], done.id, "by exec-")


@case("a failure shows its message on the execution and on the node, a skipped node in the detail")
def _(b):
    failed = b.run(b.fail)
    one = b.rest.get(f"/api/executions/{failed.id}").json()
    equal((one["status"], one["outputData"]), ("FAILED", None), "run")
    expect("no lamps left" in one["errorMessage"], f"found {one['errorMessage']}")
    expect("no lamps left" in one["nodeExecutions"][1]["errorMessage"], "on the node")
    definition = chain(unique("wf"), {"id": "c", "type": "if", "data": {"condition": "${false}"}})
    definition["nodes"] += [{"id": "yes", "type": "noop", "data": {}}]
    definition["edges"] += [{"source": "c", "sourceHandle": "true", "target": "yes"}]
    skipped = b.run(b.put(definition, workspace_id=b.team).id)
    one = b.rest.get(f"/api/executions/{skipped.id}").json()
    equal([node["status"] for node in one["nodeExecutions"]], ["SUCCESS", "SUCCESS", "SKIPPED"],
          "nodes")
    page = b.rest.get("/api/executions", workflowId=skipped.workflow_id).json()
    equal(page["content"][0]["nodeCount"], 2, "nodes that were not skipped")


@case("the page's list of a workflow; the libraries' list of a team; neither is 400")
def _(b):
    done = b.run(b.order, {"orderId": 1})
    page = b.rest.get("/api/executions", workflowId=b.order, page=0, size=20).json()
    equal(page["content"][0]["id"], done.id, "by workflow")
    page = b.rest.get("/api/executions", teamId=b.uuid, page=0, size=1).json()
    equal((page["numberOfElements"], page["size"], page["first"]), (1, 1, True), "by team")
    refused(b.rest.get("/api/executions"), 400, "INVALID_ARGUMENT", "workflowId")
    refused(b.rest.get("/api/executions", workflowId="nowhere"), 404, "WORKFLOW_NOT_FOUND",
            "Workflow not found")


@case("pages are numbered from 0 and agree with the total; size is held to 200")
def _(b):
    wf = b.make({"id": "n", "type": "noop", "data": {}})
    runs = [b.run(wf, wait=False).id for _ in range(7)]
    seen = []
    for number in range(4):
        page = b.rest.get("/api/executions", workflowId=wf, page=number, size=2).json()
        equal((page["totalElements"], page["totalPages"], page["number"]), (7, 4, number), "totals")
        equal((page["first"], page["last"]), (number == 0, number == 3), "ends")
        seen += [one["id"] for one in page["content"]]
    equal(seen, runs[::-1], "all of them, newest first")
    beyond = b.rest.get("/api/executions", workflowId=wf, page=99, size=2).json()
    equal((beyond["content"], beyond["empty"], beyond["totalElements"]), ([], True, 7), "beyond")
    equal(b.rest.get("/api/executions", workflowId=wf, size=5000).json()["size"], 200, "size")
    for bad in ({"page": -1}, {"size": 0}, {"page": "x"}, {"size": "1.5"}):
        refused(b.rest.get("/api/executions", workflowId=wf, **bad), 400, "INVALID_ARGUMENT")


@case("lists filter by status, PENDING too, and by a range of dates; what waits is RUNNING")
def _(b):
    wf = b.make({"id": "ask", "type": "approval", "data": {"message": "?"}})
    waiting = b.run(wf)
    running = b.rest.get("/api/executions", workflowId=wf, status="RUNNING").json()
    equal([one["id"] for one in running["content"]], [waiting.id], "RUNNING")
    for status in ("PENDING", "SUCCESS", "FAILED", "CANCELLED"):
        page = b.rest.get("/api/executions", workflowId=wf, status=status).json()
        equal((page["totalElements"], page["content"]), (0, []), status)
    refused(b.rest.get("/api/executions", workflowId=wf, status="DONE"), 400, "INVALID_ARGUMENT",
            "PENDING")
    day = running["content"][0]["startedAt"][:10]
    for bounds, count in (({"from": day, "to": day}, 1), ({"to": "2020-01-01"}, 0),
                          ({"from": "2999-01-01T00:00:00Z"}, 0), ({"from": day + "T00:00:00"}, 1)):
        page = b.rest.get("/api/executions", workflowId=wf, **bounds).json()
        equal((page["totalElements"], len(page["content"])), (count, count), f"{bounds}")
    refused(b.rest.get("/api/executions", workflowId=wf, **{"from": "soon"}), 400,
            "INVALID_ARGUMENT", "from")


@case("what has not started is PENDING, found by it and cancelled; what waits for a timer is RUNNING")
def _(b):
    later = b.trigger(b.order, None, False, workspace_id=b.team,
                      delay=duration_pb2.Duration(seconds=3600))
    found = b.rest.get("/api/executions", teamId=b.uuid, status="PENDING").json()
    expect(later.id in [one["id"] for one in found["content"]], f"PENDING: {found}")
    one = b.rest.get(f"/api/executions/{later.id}").json()
    equal((one["status"], one["startedAt"], one["durationMs"], one["nodeExecutions"]),
          ("PENDING", None, None, []), "the execution")
    equal(b.rest.post(f"/api/executions/{later.id}/cancel").status_code, 200, "its cancel")
    equal(b.rest.get(f"/api/executions/{later.id}").json()["status"], "CANCELLED", "status")
    # It has one row of its own, with nothing in the columns of nodes.
    text = b.rest.get(f"/api/executions/team/{b.uuid}/export", format="csv").text
    rows = [row for row in csv.reader(io.StringIO(text)) if row[0] == later.id]
    equal((len(rows), rows[0][3], rows[0][8:]), (1, "CANCELLED", [""] * 8), "its row")
    timer = b.make({"id": "w", "type": "wait", "data": {"duration": "1h"}})
    timed = b.run(timer, wait=False)
    while len(b.rest.get(f"/api/executions/{timed.id}").json()["nodeExecutions"]) < 2:
        pass
    found = b.rest.get("/api/executions", workflowId=timer, status="RUNNING").json()
    equal([one["id"] for one in found["content"]], [timed.id], "RUNNING")
    equal(b.rest.post(f"/api/executions/{timed.id}/cancel").status_code, 200, "its cancel")


@case("durations are from start to completion everywhere")
def _(b):
    done = b.run(b.order, {"orderId": 42})

    def between(start, end):
        start, end = (datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
                      for text in (start, end))
        return round((end - start).total_seconds() * 1000)

    one = b.rest.get(f"/api/executions/{done.id}").json()
    equal(one["durationMs"], between(one["startedAt"], one["completedAt"]), "the detail")
    for node in one["nodeExecutions"]:
        equal(node["durationMs"], between(node["startedAt"], node["completedAt"]), "a node")
    row = b.rest.get("/api/executions", workflowId=b.order, size=1).json()["content"][0]
    equal((row["id"], row["durationMs"]), (done.id, one["durationMs"]), "the list")
    equal(row["finishedAt"], one["completedAt"], "its end")
    exported = b.rest.get(f"/api/executions/team/{b.uuid}/export", format="json", days=1).json()
    equal([row["durationMs"] for row in exported if row["executionId"] == done.id],
          [one["durationMs"]], "the export")


@case("the page's cancel, with curl: 200 and nothing; what has ended answers 409")
def _(b):
    waiting = b.run(b.ask)
    url = f"{b.rest.base}/api/executions/{waiting.id}/cancel"
    status, _, body = curl("-X", "POST", url, token=b.tokens[OPERATOR])
    equal((status, body), (200, b""), "answer")
    equal(b.rest.get(f"/api/executions/{waiting.id}").json()["status"], "CANCELLED", "status")
    refused(b.rest.post(f"/api/executions/{waiting.id}/cancel"), 409, "EXECUTION_FINAL")


@case("the libraries' execute: the body is the input, none is an empty object")
def _(b):
    answer = b.rest.post(f"/api/workflows/{b.order}/execute", {"orderId": 42})
    equal(answer.status_code, 200, "status")
    one = answer.json()
    expect(SUMMARY | {"executionId"} == set(one), f"fields, found {sorted(one)}")
    equal(one["executionId"], one["id"], "id")
    done = b.rest.get(f"/api/executions/{one['id']}").json()
    equal((done["inputData"], done["trigger"]), ({"orderId": 42}, "API"), "input")
    empty = b.rest("POST", f"/api/workflows/{b.order}/execute",
                   headers={"Content-Type": "application/json"}).json()
    equal(b.rest.get(f"/api/executions/{empty['id']}").json()["inputData"], {}, "no body")
    keys = {"X-Idempotency-Key": unique("k")}
    twice = [b.rest("POST", f"/api/workflows/{b.order}/execute", json={}, headers=keys).json()["id"]
             for _ in range(2)]
    equal(twice[0], twice[1], "the same key")
    for bad in (b"[1]", b"3", b"{"):
        answer = b.rest("POST", f"/api/workflows/{b.order}/execute", data=bad,
                        headers={"Content-Type": "application/json"})
        expect(answer.status_code == 400, f"{bad}: found {answer.status_code}")
    refused(b.rest.post("/api/workflows/nowhere/execute", {}), 404, "WORKFLOW_NOT_FOUND")


@case("the libraries' workflows: a bare array of a team's, and one with its nodes")
def _(b):
    rows = b.rest.get("/api/workflows", teamId=b.uuid).json()
    expect(b.order in [row["id"] for row in rows], "the workflow")
    one = b.rest.get(f"/api/workflows/{b.order}").json()
    equal((one["name"], one["status"], len(one["nodes"])), ("Order Processing", "DRAFT", 2), "one")
    refused(b.rest.get("/api/workflows/nowhere"), 404, "WORKFLOW_NOT_FOUND")


@case("the page's export as CSV, with curl: a header row, a row per node, masked, by its name")
def _(b):
    wf = b.make({"id": "bad", "type": "fail", "name": "=Bad, \"node\"",
                 "data": {"code": "NO", "message": "mail ada@example.com now"}})
    failed = b.run(wf)
    status, fields, body = curl(
        f"{b.rest.base}/api/executions/team/{b.uuid}/export?format=csv&days=30",
        token=b.tokens[VIEWER])
    equal(status, 200, "status")
    expect(fields["content-type"].startswith("text/csv"), f"found {fields['content-type']}")
    expect(re.match(r'attachment; filename="[\w.-]+\.csv"$', fields["content-disposition"]),
           f"found {fields['content-disposition']}")
    rows = list(csv.reader(io.StringIO(body.decode())))
    equal(rows[0], COLUMNS, "header row")
    mine = [row for row in rows[1:] if row[0] == failed.id]
    equal([row[9] for row in mine], ["MANUAL_TRIGGER", "FAIL"], "node types")
    equal((mine[1][3], mine[1][4], mine[1][10]), ("FAILED", "API", "'=Bad, \"node\""), "cells")
    expect("ada@example.com" not in body.decode(), "masked")
    expect(all(len(row) == len(COLUMNS) for row in rows), "every row has every column")


@case("the page's export as JSON nests nodes; bad formats and days are refused")
def _(b):
    done = b.run(b.order, {"orderId": 42})
    answer = b.rest.get(f"/api/executions/team/{b.team}/export", format="json", days=1)
    equal(answer.status_code, 200, "status")
    one = next(one for one in answer.json() if one["executionId"] == done.id)
    equal(set(one), {"executionId", "workflowId", "workflowName", "status", "trigger", "startedAt",
                     "completedAt", "durationMs", "nodeExecutions"}, "fields")
    equal(set(one["nodeExecutions"][0]), {"nodeId", "nodeType", "nodeName", "status", "startedAt",
                                          "completedAt", "durationMs", "error"}, "fields of a node")
    equal((one["status"], one["nodeExecutions"][1]["nodeType"]), ("SUCCESS", "IF_ELSE"), "words")
    for bad in ({"format": "xml"}, {"days": 0}, {"days": "x"}):
        refused(b.rest.get(f"/api/executions/team/{b.team}/export", **bad), 400, "INVALID_ARGUMENT")
    refused(b.rest.get("/api/executions/team/default/export"), 403, "TEAM_FORBIDDEN")


@case("masking rules are a team's settings: set by an admin over RPC, read back, and kept to everywhere")
def _(b):
    from signalbox.v1 import admin_service_pb2 as pb
    from signalbox.v1 import admin_service_pb2_grpc
    admin = admin_service_pb2_grpc.AdminServiceStub(b.grpc.channel)
    wf = b.make({"id": "v", "type": "set", "data": {"value": "${ .input }"}},
                {"id": "f", "type": "fail", "data": {"message": "order ORD-1234 is lost"}})
    lost = b.run(wf, {"iban": "DE02", "note": "of ORD-1234"})

    def settings(policy, *rules):
        return pb.WorkspaceSettings(
            masking_rules=[pb.MaskingRule(**rule) for rule in rules],
            redaction=pb.RedactionSettings(policy=policy))

    def seen(role):
        rest = Rest(token=b.tokens[role])
        texts = {path: rest.get(path).text for path in (
            f"/api/executions/{lost.id}", f"/api/executions/team/{b.team}/export?format=csv",
            f"/api/executions/team/{b.team}/export?format=json", f"/api/executions?workflowId={wf}",
            f"/api/v1/executions/{lost.number}?includeData=true",
            f"/workspaces/{b.team}/pods/default/executions/{lost.id}",
            f"/workspaces/{b.team}/pods/default/executions/{lost.id}/logs")}
        return {path: [word for word in ("DE02", "ORD-1234") if word in text]
                for path, text in texts.items()}

    expect(any(seen(VIEWER).values()), "nothing is masked at first")
    rules = ({"name": "iban", "keys": ["IBAN"]},
             {"name": "order", "pattern": "ORD-[0-9]+", "replacement": "ORD-*"})
    given = settings(pb.REDACTION_POLICY_ALL, *rules)
    stored = admin.UpdateSettings(pb.UpdateSettingsRequest(workspace_id=b.team, settings=given))
    equal(stored, given, "the settings")
    equal(admin.GetSettings(pb.GetSettingsRequest(workspace_id=b.team)), given, "read back")
    # The definition of a workflow is no data of a run, and shows what its author wrote.
    for role in (VIEWER, ADMIN):
        for path, words in seen(role).items():
            if "includeData" not in path:
                equal(words, [], f"{path} as {role}")
    detail = Rest(token=b.tokens[VIEWER]).get(f"/api/executions/{lost.id}").json()
    equal((detail["inputData"], detail["errorMessage"]),
          ({"iban": "[masked]", "note": "of ORD-*"}, "order ORD-* is lost"), "what is shown")
    for bad in ({"name": "x", "pattern": "("}, {"name": "", "keys": ["k"]}):
        try:
            admin.UpdateSettings(pb.UpdateSettingsRequest(
                workspace_id=b.team, settings=settings(0, bad)))
        except grpc.RpcError as error:
            equal(error.code(), grpc.StatusCode.INVALID_ARGUMENT, f"{bad}")
        else:
            raise AssertionError(f"{bad} was taken")
    admin.UpdateSettings(pb.UpdateSettingsRequest(workspace_id=b.team, settings=settings(0)))


@case("another team's list is 403, its execution 404; a viewer may not cancel or execute")
def _(b):
    mine, theirs = b.run(b.ask), b.trigger("approval") if b.grpc.put("approval") else None
    for path in (f"/api/executions/team/default", "/api/executions?teamId=default",
                 "/api/workflows?teamId=default", "/api/executions/team/nowhere"):
        refused(b.rest.get(path), 403, "TEAM_FORBIDDEN", "User does not have access to this team")
    refused(b.rest.get(f"/api/executions/{theirs.id}"), 404, "EXECUTION_NOT_FOUND",
            "Execution not found")
    refused(b.rest.post(f"/api/executions/{theirs.id}/cancel"), 404, "EXECUTION_NOT_FOUND")
    refused(b.rest.get("/api/executions/abc"), 404, "EXECUTION_NOT_FOUND")
    viewer = Rest(token=b.tokens[VIEWER])
    refused(viewer.post(f"/api/executions/{mine.id}/cancel"), 403, "ROLE_INSUFFICIENT")
    refused(viewer.post(f"/api/workflows/{b.order}/execute", {}), 403, "ROLE_INSUFFICIENT")
    equal(viewer.get(f"/api/executions/{mine.id}").json()["status"], "RUNNING", "untouched")


@case("every answer tells the rate, also a refusal; past it there are 429 and a delay")
def _(b):
    token = b.secret(unique("slow"), VIEWER, workspace=b.team, calls_per_minute=3)
    slow = Rest(token=token)
    left = []
    for _ in range(3):
        answer = slow.get("/api/executions", teamId=b.uuid)
        equal(answer.headers["X-RateLimit-Limit"], "3", "limit")
        left.append(int(answer.headers["X-RateLimit-Remaining"]))
        expect(int(answer.headers["X-RateLimit-Reset"]) > 1_700_000_000, "seconds since 1970")
    equal(left, [2, 1, 0], "remaining")
    answer = slow.get("/api/executions", teamId=b.uuid)
    refused(answer, 429, "RATE_LIMITED")
    equal(answer.headers["X-RateLimit-Remaining"], "0", "remaining")
    expect(int(answer.headers["Retry-After"]) >= 1, "a delay")
    for answer in (Rest().get("/api/executions"), Rest(token="sdk_wrong").get("/api/workflows"),
                   b.rest.get("/api/executions/nowhere/nothing"),
                   b.rest("DELETE", "/api/executions")):
        expect(all(name in answer.headers for name in RATE),
               f"{answer.status_code}: found {dict(answer.headers)}")


@case("bad input has the dialect's shape: no token, unknown path, wrong method, type and size")
def _(b):
    refused(Rest().get("/api/executions"), 401, "UNAUTHENTICATED")
    refused(Rest(token="sdk_wrong").get("/api/executions"), 401, "TOKEN_REFUSED")
    refused(b.rest.get("/api/executions/a/b/c"), 404, "UNKNOWN_PATH")
    answer = b.rest("PUT", f"/api/executions/{unique()}/cancel")
    refused(answer, 405, "METHOD_NOT_ALLOWED")
    equal(answer.headers["Allow"], "POST, OPTIONS", "Allow")
    path = f"/api/workflows/{b.order}/execute"
    refused(b.rest("POST", path, data="a=1", headers={"Content-Type": "text/plain"}), 415,
            "UNSUPPORTED_MEDIA_TYPE")
    refused(b.rest("POST", path, data=b"{" * (11 << 20),
                   headers={"Content-Type": "application/json"}), 413, "BODY_TOO_LARGE")
    refused(b.rest("POST", path, data=b'{"a":', headers={"Content-Type": "application/json"}), 400,
            "MALFORMED_JSON")


run("teams", Bench())

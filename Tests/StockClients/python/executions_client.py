#!/usr/bin/env python3
"""The examples of the executions client's page, sent as its client library sends them.

The library's behaviour on the wire is rebuilt here: the base path, a JSON content type on every
request, flags as `true` and `false`, arrays as repeated keys, what is undefined left out, retries of
GET alone, and a resource that takes each answer as its new snapshot.
"""
import base64
import json

from google.protobuf import duration_pb2

from cases import case, equal, expect, run
from connection import unique
from rest import Desk, Rest, chain, curl

VIEWER, OPERATOR, EDITOR, ADMIN = 1, 2, 3, 4


class ApiError(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status} {body}")
        self.status, self.body = status, body


class Client:
    """`client.executions()` of the library."""

    RETRIED = {408, 429, 500, 502, 503, 504}

    def __init__(self, token, header="X-N8N-API-KEY"):
        self.rest = Rest(token=token, header=header)

    def send(self, method, path, params=None, body=None):
        query = []
        for name, value in (params or {}).items():
            for one in value if isinstance(value, list) else [value]:
                if one is not None:
                    query.append((name, str(one).lower() if isinstance(one, bool) else str(one)))
        for attempt in range(3 if method == "GET" else 1):
            answer = self.rest(
                method, "/api/v1" + path, params=query,
                headers={"Content-Type": "application/json"},
                data=None if body is None else json.dumps(body))
            if answer.status_code not in self.RETRIED:
                break
        if answer.status_code >= 300:
            raise ApiError(answer.status_code, answer.json())
        return answer.json()

    def list(self, **params):
        page = self.send("GET", "/executions", params)
        return page["data"], page.get("nextCursor")

    def get(self, id, **params):
        return self.send("GET", f"/executions/{id}", params)

    def delete(self, id):
        return self.send("DELETE", f"/executions/{id}")

    def stop(self, id):
        return self.send("POST", f"/executions/{id}/stop")

    def retry(self, id, **data):
        return self.send("POST", f"/executions/{id}/retry", body=data)

    def stop_many(self, **data):
        return self.send("POST", "/executions/stop", body=data)

    def get_tags(self, id):
        return self.send("GET", f"/executions/{id}/tags")

    def update_tags(self, id, tags):
        return self.send("PUT", f"/executions/{id}/tags", body=tags)

    def get_resource(self, id, **params):
        return Resource(self, self.get(id, **params), params)

    def list_resources(self, **params):
        keep = {k: params[k] for k in ("includeData", "redactExecutionData") if k in params}
        return [Resource(self, one, keep) for one in self.list(**params)[0]]


class Resource:
    """`ExecutionResource`: `data` is replaced by whatever a call answers."""

    def __init__(self, client, data, params):
        self.client, self.data, self.params = client, data, params

    @property
    def id(self):
        return self.data["id"]

    def refresh(self):
        self.data = self.client.get(self.id, **self.params)
        return self

    def stop(self):
        self.data = self.client.stop(self.id)
        return self

    def retry(self, **data):
        self.data = self.client.retry(self.id, **data)
        return self

    def delete(self):
        return self.client.delete(self.id)


class Bench(Desk):
    def __init__(self):
        super().__init__()
        self.client = Client(self.token)
        for name in ("three-noops", "failing", "approval"):
            self.grpc.put(name)

    def tenant(self, role=ADMIN):
        """A client in a workspace of its own, and the contract's connection to it."""
        from signalbox.v1 import admin_service_pb2 as pb
        from signalbox.v1 import admin_service_pb2_grpc
        workspace = unique("w")
        admin = admin_service_pb2_grpc.AdminServiceStub(self.grpc.channel)
        admin.CreateWorkspace(pb.CreateWorkspaceRequest(workspace_id=workspace))
        return workspace, Client(self.secret("t", role, workspace=workspace))

    def workflow(self, *nodes, workspace=""):
        definition = chain(unique("wf"), *nodes)
        return self.put(definition, workspace_id=workspace).id


def refused(expected, call, /, *arguments, message=None, code=None, **params):
    try:
        result = call(*arguments, **params)
    except ApiError as error:
        equal(error.status, expected, f"status of {error.body}")
        expect("message" in error.body and "code" in error.body, f"the shape, found {error.body}")
        if message is not None:
            expect(message in error.body["message"], f"{message!r} in {error.body}")
        if code is not None:
            equal(error.body["code"], code, "code")
        return error.body
    raise AssertionError(f"expected {expected}, found {result}")


LIST = {"id", "finished", "mode", "retryOf", "retrySuccessId", "status", "startedAt", "stoppedAt",
        "workflowId", "waitTill", "storedAt", "jsonSizeBytes", "workflowVersionId"}
SINGLE = LIST | {"createdAt", "deletedAt", "binaryDataSizeBytes", "tracingContext",
                 "deduplicationKey", "usedPrivateCredentials"}
DATA = {"data", "workflowData", "customData", "dataTooLargeToDisplay"}


@case("the page's list: failures of a workflow with their data, and the cursor to go on")
def _(b):
    wf = b.workflow({"id": "refuse", "type": "fail", "name": "Refuse",
                     "data": {"code": "OUT_OF_LAMPS", "message": "no lamps left"}})
    numbers = [b.trigger(wf).number for _ in range(3)]
    data, cursor = b.client.list(limit=2, status="error", workflowId=wf, includeData=True)
    equal([one["id"] for one in data], [str(n) for n in numbers[:0:-1]], "ids, newest first")
    expect(set(data[0]) == LIST | DATA, f"fields, found {sorted(data[0])}")
    equal((data[0]["status"], data[0]["finished"], data[0]["mode"]), ("error", False, "trigger"),
          "status")
    result = data[0]["data"]["resultData"]
    equal(list(result["runData"]), ["Start", "Refuse"], "runs by node name")
    equal(result["runData"]["Refuse"][0]["executionStatus"], "error", "the node")
    equal(result["lastNodeExecuted"], "Refuse", "last node")
    expect("no lamps left" in result["error"]["message"], f"found {result['error']}")
    equal(data[0]["workflowData"]["connections"],
          {"Start": {"main": [[{"node": "Refuse", "type": "main", "index": 0}]]}}, "connections")
    rest, end = b.client.list(cursor=cursor, limit=100, status="error", workflowId=wf)
    equal(([one["id"] for one in rest], end), ([str(numbers[0])], None), "the second page")
    expect(set(rest[0]) == LIST, f"fields without data, found {sorted(rest[0])}")


@case("the page's project that is not the caller's, or none at all, is an empty list")
def _(b):
    data, cursor = b.client.list(limit=25, status="error", workflowId="wf-123",
                                 projectId="proj-1", includeData=True)
    equal((data, cursor), ([], None), "list")
    equal(b.client.list(workflowId="wf-123")[0], [], "list of an unknown workflow")


@case("the page's get: with data and without, by number, UUID and exec- form")
def _(b):
    wf = b.workflow({"id": "double", "type": "set", "name": "Double",
                     "data": {"value": {"n": "${.input.n}"}}}, {"id": "end", "type": "end", "data": {}})
    execution = b.trigger(wf, {"n": 21})
    one = b.client.get(execution.number, includeData=True)
    expect(set(one) == SINGLE | DATA, f"fields, found {sorted(one)}")
    equal((one["id"], one["status"], one["finished"]), (str(execution.number), "success", True),
          "execution")
    run = one["data"]["resultData"]["runData"]["Double"][0]
    equal(run["data"]["main"], [[{"json": {"n": 21}}]], "items")
    for form in (execution.id, f"exec-{execution.number}"):
        found = b.client.get(form)
        expect(set(found) == SINGLE, f"fields without data, found {sorted(found)}")
        equal(found["id"], one["id"], form)


@case("the page's delete answers what was erased, with the id as a number")
def _(b):
    execution = b.trigger("three-noops")
    deleted = b.client.delete(execution.number)
    equal((deleted["id"], deleted["status"]), (execution.number, "success"), "deleted")
    refused(404, b.client.get, execution.number, code="EXECUTION_NOT_FOUND", message="Not Found")


@case("one that is running or waits is not deleted, and answers 400")
def _(b):
    execution = b.trigger("approval")
    refused(400, b.client.delete, execution.number,
            message="Cannot delete a running execution")
    b.client.stop(execution.number)


@case("the page's stop: the answer keeps what a resource needs to go on")
def _(b):
    execution = b.trigger("approval")
    resource = b.client.get_resource(execution.number)
    equal(resource.data["status"], "waiting", "before")
    expect(resource.data["stoppedAt"], "a waiting one has stopped running")
    resource.stop()
    equal(set(resource.data), {"id", "workflowId", "mode", "startedAt", "stoppedAt", "finished",
                               "status"}, "fields")
    equal((resource.id, resource.data["status"]), (str(execution.number), "canceled"), "stopped")
    resource.refresh()
    equal((resource.data["status"], resource.data["workflowId"]), ("canceled", "approval"),
          "refreshed")
    body = refused(409, b.client.stop, execution.number, code="EXECUTION_FINAL")
    expect("is currently canceled" in body["message"], f"found {body}")
    done = b.trigger("three-noops")
    refused(409, b.client.stop, done.number, message="is currently success")


@case("stopping what is not there says so; who has no workflow is told less")
def _(b):
    refused(404, b.client.stop, 999_999_999, message="Failed to find execution to stop")
    _, empty = b.tenant()
    body = refused(404, empty.stop, 999_999_999)
    equal(body["message"], "Not Found", "message")


@case("the page's stopMany: by status, workflow and start, and answers how many stopped")
def _(b):
    wf = b.workflow({"id": "ask", "type": "approval", "data": {"message": "?"}})
    first = b.trigger(wf)
    middle = b.client.get(b.trigger(wf).number)["startedAt"]
    last = b.trigger(wf)
    equal(b.client.stop_many(status=["running", "queued", "waiting"], workflowId=wf,
                             startedAfter="2024-01-01T00:00:00Z",
                             startedBefore="2024-01-02T00:00:00Z"), {"stopped": 0}, "long ago")
    equal(b.client.stop_many(status=["running", "queued"], workflowId=wf), {"stopped": 0},
          "of other states")
    equal(b.client.stop_many(status=["waiting"], workflowId=wf, startedBefore=middle),
          {"stopped": 2}, "both bounds are inclusive")
    equal(b.client.get(first.number)["status"], "canceled", "the first")
    equal(b.client.stop_many(status=["waiting"], workflowId=wf, startedAfter=middle),
          {"stopped": 1}, "the rest")
    equal(b.client.get(last.number)["status"], "canceled", "the last")
    _, other = b.tenant()
    equal(other.stop_many(status=["waiting"], workflowId="all"), {"stopped": 0}, "own nothing")


@case("stopMany refuses what it cannot stop, and names it")
def _(b):
    refused(400, b.client.stop_many, message="status")
    body = refused(400, b.client.stop_many, status=[])
    equal(body["message"], "request/body/status must include at least one status", "message")
    for status in (["success"], ["new"], "waiting", [1]):
        refused(400, b.client.stop_many, status=status, message="request/body/status")
    refused(400, b.client.stop_many, status=["waiting"], startedAfter="yesterday",
            message="startedAfter")
    refused(404, b.client.stop_many, status=["waiting"], workflowId="nowhere",
            message="Workflow not found or not accessible")


@case("the page's typical flow: an unfiltered list has waiting ones, several statuses go together")
def _(b):
    wf = b.workflow({"id": "ask", "type": "approval", "data": {"message": "?"}})
    waiting = b.trigger(wf)
    wait = b.put(chain(unique("wf"), {"id": "w", "type": "wait", "data": {"duration": "1h"}})).id
    timed = b.trigger(wait, wait=False)
    found = [one["id"] for one in b.client.list(limit=5)[0]]
    equal(found[:2], [str(timed.number), str(waiting.number)], "unfiltered")
    b.until(timed.id, "node_waiting")
    one = b.client.get(timed.number)
    equal(one["status"], "waiting", "a timer")
    expect(one["waitTill"] and one["waitTill"].endswith("Z"), f"found {one['waitTill']}")
    found = {one["status"] for one in b.client.list(status=["waiting", "success"])[0]}
    equal(found, {"waiting", "success"}, "two statuses")
    for resource in b.client.list_resources(status="waiting", limit=20):
        resource.stop().refresh()
        equal(resource.data["status"], "canceled", "stopped")
    equal(b.client.list(status="unknown")[0], [], "a status of nothing of ours")


@case("bad parameters are told by name: ids, limits, flags, statuses, instants")
def _(b):
    for bad in ("abc", "1.5", "-1", "0", "000"):
        refused(400, b.client.get, bad, message="request/params/id")
        refused(400, b.client.stop, bad, message="request/params/id")
        refused(400, b.client.delete, bad, message="request/params/id")
    for limit in (0, -1, 251, "ten"):
        refused(400, b.client.list, limit=limit, message="request/query/limit")
    refused(400, b.client.list, includeData="yes", message="request/query/includeData")
    refused(400, b.client.list, status="finished", message="request/query/status")
    for name in ("startedAfter", "startedBefore"):
        for text in ("2024-01-01T00:00:00", "yesterday", ""):
            refused(400, b.client.list, message=name, **{name: text})
        b.client.list(**{name: "2024-01-01T00:00:00+01:00"})


@case("cursors are not trusted: forged limits, scalars, offsets, and ids that are gone")
def _(b):
    def cursor(value):
        return base64.b64encode(json.dumps(value).encode()).decode()

    wf = b.workflow({"id": "n", "type": "noop", "data": {}})
    numbers = [b.trigger(wf).number for _ in range(4)]
    newest = [str(n) for n in reversed(numbers)]

    def ids(value):
        return [one["id"] for one in b.client.list(workflowId=wf, cursor=cursor(value))[0]]

    equal(ids({}), newest, "an empty object")
    equal(ids([]), newest, "an empty array")
    equal(ids({"limit": -1}), newest[:1], "a limit of -1")
    equal(ids({"limit": 0}), newest[:1], "a limit of 0")
    equal(ids({"limit": "many"}), newest, "a limit that is no number")
    equal(ids({"limit": 100_000}), newest, "a limit that is too large")
    equal(ids({"lastId": newest[1], "limit": 1}), newest[2:3], "after an id")
    equal(ids({"offset": 3, "limit": 10}), newest[3:], "the offset form")
    b.client.delete(newest[1])
    equal(ids({"lastId": newest[1], "limit": 10}), newest[2:], "after an id that is erased")
    for bad in ("5", "true", "null", '"x"', "[1]", '{"lastId":"x"}', "{"):
        text = base64.b64encode(bad.encode()).decode()
        refused(400, b.client.list, cursor=text, message="An invalid cursor was provided")
    refused(400, b.client.list, cursor="%%%", message="An invalid cursor was provided")


@case("the page's tags: the whole set is replaced, and lists find what has one")
def _(b):
    execution = b.trigger("three-noops")
    name = unique("tag")
    made = b.client.send("POST", "/tags", body={"name": name})
    equal((set(made), made["name"]), ({"id", "name", "createdAt", "updatedAt"}, name), "a tag")
    equal(b.client.get_tags(execution.number), [], "none yet")
    set_to = b.client.update_tags(execution.number, [{"id": made["id"]}])
    equal([tag["id"] for tag in set_to], [made["id"]], "set")
    equal([tag["name"] for tag in b.client.get_tags(execution.number)], [name], "read")
    equal([one["id"] for one in b.client.list(tags=name)[0]], [str(execution.number)], "found")
    equal(b.client.list(tags="nothing-has-it")[0], [], "an unknown tag")
    body = refused(404, b.client.update_tags, execution.number, [{"id": "nowhere"}])
    equal(body["message"], "Some tags not found", "message")
    for bad in ({"id": made["id"]}, [{"id": 1}], [{"id": made["id"], "name": "x"}], ["x"], [{}]):
        refused(400, b.client.update_tags, execution.number, bad, message="request/body")
    renamed = b.client.send("PUT", f"/tags/{made['id']}", body={"name": name + "2"})
    equal(renamed["name"], name + "2", "renamed")
    refused(409, b.client.send, "POST", "/tags", body={"name": name + "2"})
    equal(b.client.update_tags(execution.number, []), [], "cleared")
    equal(b.client.send("DELETE", f"/tags/{made['id']}")["id"], made["id"], "deleted")
    refused(404, b.client.send, "GET", f"/tags/{made['id']}")


@case("the page's retry: a new execution of the mended workflow, linked both ways")
def _(b):
    name = unique("wf")
    broken = chain(name, {"id": "n", "type": "set", "name": "N", "data": {"value": {"n": 1}}},
                   {"id": "r", "type": "set", "name": "R", "data": {"value": "${ error(\"no\") }"}})
    b.put(broken)
    failed = b.trigger(name)
    again = b.client.retry(failed.number)
    expect({"id", "mode", "startedAt", "workflowId", "finished", "retryOf", "status", "data",
            "workflowData", "customData", "storedAt"} <= set(again), f"fields, found {sorted(again)}")
    equal((again["mode"], again["retryOf"]), ("retry", str(failed.number)), "the retry")
    expect(again["id"] != str(failed.number), "a new one")
    mended = chain(name, {"id": "n", "type": "set", "name": "N", "data": {"value": {"n": 1}}},
                   {"id": "r", "type": "set", "name": "R", "data": {"value": {"ok": True}}})
    b.put(mended)
    resource = b.client.get_resource(failed.number).retry(loadWorkflow=True)
    b.until(resource.id)
    resource.refresh()
    equal((resource.data["status"], resource.data["retryOf"]), ("success", str(failed.number)),
          "mended")
    equal(b.client.get(failed.number)["retrySuccessId"], resource.id, "the link back")
    body = refused(409, b.client.retry, int(resource.id))
    equal(body["message"], "The execution succeeded, so it cannot be retried.", "message")
    waiting = b.trigger("approval")
    refused(409, b.client.retry, waiting.number)
    b.client.stop(waiting.number)
    refused(404, b.client.retry, 999_999_999)
    refused(400, b.client.retry, failed.number, loadWorkflow="yes", message="loadWorkflow")


@case("the page's redactExecutionData: true empties every item, false reveals to who may")
def _(b):
    wf = b.workflow({"id": "n", "type": "set", "name": "N", "data": {"value": "${ .input }"}})
    execution = b.trigger(wf, {"password": "hunter2", "mail": "ada@example.com"})
    masked = b.client.get(execution.number, includeData=True, redactExecutionData=True)
    equal(masked["data"]["redactionInfo"]["isRedacted"], True, "is redacted")
    equal(masked["data"]["redactionInfo"]["reason"], "user_requested", "reason")
    items = masked["data"]["resultData"]["runData"]["N"][0]["data"]["main"][0]
    equal(items, [{"json": {}, "redaction": {"redacted": True}}], "items")
    expect("hunter2" not in json.dumps(masked), "nothing of it is there")
    for value in (False, None):
        plain = b.client.get(execution.number, includeData=True, redactExecutionData=value)
        items = plain["data"]["resultData"]["runData"]["N"][0]["data"]["main"][0]
        equal(items[0]["json"]["mail"], "ada@example.com", f"{value}")
    listed, _ = b.client.list(workflowId=wf, includeData=True, redactExecutionData=True)
    expect("hunter2" not in json.dumps(listed), "lists too")
    viewer = Client(b.secret(unique("viewer"), VIEWER))
    viewer.get(execution.number, includeData=True, redactExecutionData=False)
    refused(400, b.client.get, execution.number, redactExecutionData="maybe",
            message="redactExecutionData")


@case("where the workspace's policy masks, data is masked unless who may asks to have it revealed")
def _(b):
    from signalbox.v1 import admin_service_pb2 as pb
    from signalbox.v1 import admin_service_pb2_grpc
    workspace, admin = b.tenant()
    admin_service_pb2_grpc.AdminServiceStub(b.grpc.channel).UpdateSettings(
        pb.UpdateSettingsRequest(workspace_id=workspace, settings=pb.WorkspaceSettings(
            redaction=pb.RedactionSettings(policy=pb.REDACTION_POLICY_ALL))))
    wf = b.workflow({"id": "n", "type": "set", "name": "N", "data": {"value": "${ .input }"}},
                    workspace=workspace)
    execution = b.trigger(wf, {"mail": "ada@example.com"}, workspace_id=workspace)
    viewer = Client(b.secret("viewer", VIEWER, workspace=workspace))
    for client, may in ((viewer, False), (admin, True)):
        found = client.get(execution.number, includeData=True)
        equal(found["data"]["redactionInfo"], {
            "isRedacted": True, "reason": "workflow_redaction_policy", "canReveal": may},
            "the policy's")
        expect("ada@example.com" not in json.dumps(found), "masked")
    refused(403, viewer.get, execution.number, includeData=True, redactExecutionData=False)
    refused(403, viewer.list, includeData=True, redactExecutionData=False)
    shown = admin.get(execution.number, includeData=True, redactExecutionData=False)
    expect("ada@example.com" in json.dumps(shown), "revealed")


@case("what has not started, and what was aborted before, is not retried, and the messages say why")
def _(b):
    wf = b.workflow({"id": "n", "type": "noop", "data": {}})
    later = b.trigger(wf, None, False, delay=duration_pb2.Duration(seconds=3600))
    found = b.client.get(later.number)
    equal((found["status"], found["startedAt"], found["stoppedAt"]), ("new", None, None), "queued")
    expect(str(later.number) in [one["id"] for one in b.client.list(status="new")[0]], "the list")
    body = refused(409, b.client.retry, later.number)
    equal(body["message"], "Execution is queued to run (not yet started) so it cannot be retried",
          "message")
    equal(b.client.stop_many(status=["queued"], workflowId=wf)["stopped"], 1, "stopped")
    body = refused(409, b.client.retry, later.number)
    equal(body["message"], "The execution was aborted before starting, so it cannot be retried",
          "message")


@case("checks come in the API's order, and what is not yours does not exist")
def _(b):
    execution = b.trigger("three-noops")
    rest = Rest()
    for method, path, status, message in (
            ("GET", "/api/v1/nowhere", 404, "not found"),
            ("POST", "/api/v1/executions", 405, "POST method not allowed"),
            ("GET", "/api/v1/executions/abc", 401, "'X-N8N-API-KEY' header required")):
        answer = rest(method, path)
        equal((answer.status_code, answer.json()["message"]), (status, message), path)
    equal(rest("POST", "/api/v1/executions").headers["Allow"], "GET, HEAD, OPTIONS", "Allow")
    bad = Client("wrong-" + "x" * 20)
    equal(refused(401, bad.list)["message"], "unauthorized", "a bad key")
    viewer = Client(b.secret(unique("viewer"), VIEWER))
    text = viewer.rest("POST", "/api/v1/executions/stop", data="{",
                       headers={"Content-Type": "application/json"})
    equal((text.status_code, text.json()["code"]), (400, "MALFORMED_JSON"), "JSON before the scope")
    refused(400, viewer.stop_many, status=[], message="at least one status")
    refused(403, viewer.stop_many, status=["waiting"], message="Forbidden")
    refused(403, viewer.stop, execution.number, message="Forbidden")
    refused(403, viewer.delete, execution.number, message="Forbidden")
    operator = Client(b.secret(unique("operator"), OPERATOR))
    refused(403, operator.delete, execution.number, message="Forbidden")
    answer = operator.rest("POST", "/api/v1/executions/stop", data="x=1",
                           headers={"Content-Type": "application/x-www-form-urlencoded"})
    equal((answer.status_code, answer.json()["code"]), (415, "UNSUPPORTED_MEDIA_TYPE"), "a form")
    _, other = b.tenant()
    for call in (other.get, other.stop, other.delete):
        refused(404, call, execution.number)
    equal(other.list()[0], [], "another's list")
    equal(b.client.get(execution.number)["status"], "success", "untouched")


@case("a key works in either header, and by curl")
def _(b):
    execution = b.trigger("three-noops")
    bearer = Client(b.token, header="Authorization")
    equal(bearer.get(execution.number)["id"], str(execution.number), "Bearer")
    url = f"{b.client.rest.base}/api/v1/executions/{execution.number}"
    status, fields, body = curl(url, "-H", "Content-Type: application/json", token=b.token,
                                header="X-N8N-API-KEY:")
    equal((status, fields["content-type"]), (200, "application/json"), "head")
    equal(json.loads(body)["id"], str(execution.number), "body")
    status, _, _ = curl("-X", "DELETE", url, token=b.token, header="X-N8N-API-KEY:")
    equal(status, 200, "delete by curl")


@case("a body that is too large is refused with 413, and pages through all never skip or repeat")
def _(b):
    answer = b.client.rest("POST", "/api/v1/executions/stop", data=b"[" * (11 << 20),
                           headers={"Content-Type": "application/json"})
    equal((answer.status_code, answer.json()["code"]), (413, "BODY_TOO_LARGE"), "too large")
    wf = b.workflow({"id": "n", "type": "noop", "data": {}})
    numbers = [str(b.trigger(wf, wait=False).number) for _ in range(25)]
    seen, cursor = [], None
    while True:
        data, cursor = b.client.list(workflowId=wf, limit=4, cursor=cursor)
        seen += [one["id"] for one in data]
        if cursor is None:
            break
        b.trigger(wf, wait=False)
    equal(seen, numbers[::-1], "ids")


run("executions_client", Bench())

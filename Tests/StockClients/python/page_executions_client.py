#!/usr/bin/env python3
"""Every example of the executions client's page, as its library puts it on the wire, run with curl.

The page prints calls of a library; beside each stands the request that the library makes of it: flags as
`true` and `false`, arrays as repeated keys, a JSON content type on everything. Needs the environment of
with_server.py.
"""
from cases import case, equal, expect, run
from page import BASE, Page, like
from rest import chain

API = BASE + "/api/v1/executions"
JSON = "-H 'Content-Type: application/json'"
EXECUTION = {"id": "123", "finished": True, "mode": "manual", "retryOf": None,
             "retrySuccessId": None, "status": "error", "startedAt": "", "stoppedAt": "",
             "workflowId": "wf-123", "waitTill": None}
DATA = {"data": {"resultData": {"runData": {}}}, "workflowData": {"nodes": [], "connections": {}},
        "customData": {}}
TAG = {"id": "tag-1", "name": "x", "createdAt": "", "updatedAt": ""}


class Bench(Page):
    header = "X-N8N-API-KEY:"

    def __init__(self):
        super().__init__()
        from signalbox.v1 import admin_service_pb2 as pb
        from signalbox.v1 import admin_service_pb2_grpc
        admin_service_pb2_grpc.AdminServiceStub(self.grpc.channel).CreatePod(
            pb.CreatePodRequest(pod_id="proj-1"))
        self.save("${ error(\"no\") }")
        self.put(chain("ask", {"id": "ask", "type": "approval", "data": {"message": "?"}}))

    def save(self, value):
        self.put(chain("wf-123", {"id": "n", "type": "set", "name": "N", "data": {"value": value}}),
                 pod_id="proj-1")

    def failed(self):
        return self.trigger("wf-123").number


@case("list(params?)")
def _(b):
    number = b.failed()
    # list({limit: 25, status: 'error', workflowId: 'wf-123', projectId: 'proj-1',
    #       includeData: true, redactExecutionData: false})
    found = b.curl(f"curl '{API}?limit=25&status=error&workflowId=wf-123&projectId=proj-1"
                   f"&includeData=true&redactExecutionData=false' {JSON}")
    like(found, {"data": [{**EXECUTION, **DATA}], "nextCursor": None})
    equal(found["data"][0]["id"], str(number), "the newest")


@case("get(id, params?)")
def _(b):
    number = b.failed()
    # get(123, {includeData: true, redactExecutionData: false})
    found = b.curl(f"curl '{API}/{number}?includeData=true&redactExecutionData=false' {JSON}")
    like(found, {**EXECUTION, **DATA, "createdAt": "", "deletedAt": None})


@case("delete(id)")
def _(b):
    number = b.failed()
    found = b.curl(f"curl -X DELETE '{API}/{number}' {JSON}")
    like(found, {**EXECUTION, "id": 123})
    equal(found["id"], number, "the id")
    b.curl(f"curl '{API}/{number}' {JSON}", 404)


@case("retry(id, data?)")
def _(b):
    number = b.failed()
    # retry(123, {loadWorkflow: true})
    found = b.curl(f"curl -X POST '{API}/{number}/retry' {JSON} -d '{{\"loadWorkflow\":true}}'")
    like(found, {"id": "124", "mode": "retry", "startedAt": "", "workflowId": "wf-123",
                 "finished": False, "retryOf": "123", "status": "running", **DATA})
    equal(found["retryOf"], str(number), "the source")


@case("stop(id)")
def _(b):
    number = b.trigger("ask").number
    found = b.curl(f"curl -X POST '{API}/{number}/stop' {JSON}")
    like(found, {"id": "123", "mode": "manual", "startedAt": "", "stoppedAt": "",
                 "finished": False, "status": "canceled"})


@case("stopMany(data)")
def _(b):
    b.trigger("ask")
    # stopMany({status: ['running', 'queued', 'waiting'], workflowId: 'wf-123', startedAfter: ...,
    #           startedBefore: ...})
    body = ('{"status":["running","queued","waiting"],"workflowId":"wf-123",'
            '"startedAfter":"2024-01-01T00:00:00Z","startedBefore":"2024-01-02T00:00:00Z"}')
    equal(b.curl(f"curl -X POST '{API}/stop' {JSON} -d '{body}'"), {"stopped": 0}, "of long ago")
    body = body.replace("wf-123", "ask").replace(',"startedBefore":"2024-01-02T00:00:00Z"', "")
    expect(b.curl(f"curl -X POST '{API}/stop' {JSON} -d '{body}'")["stopped"] >= 1, "now")


@case("getTags(id) / updateTags(id, tags)")
def _(b):
    number = b.failed()
    tag = b.curl(f"curl -X POST '{BASE}/api/v1/tags' {JSON} -d '{{\"name\":\"tag-1\"}}'", 201)["id"]
    # updateTags(123, [{id: 'tag-1'}])
    found = b.curl(f"curl -X PUT '{API}/{number}/tags' {JSON} -d '[{{\"id\":\"{tag}\"}}]'")
    like(found, [TAG])
    equal(b.curl(f"curl '{API}/{number}/tags' {JSON}"), found, "getTags")


@case("Typical Flow: what failed is retried with the mended workflow, and each is read again")
def _(b):
    b.failed()
    b.save({"ok": True})
    failed = b.curl(f"curl '{API}?status=error&limit=20' {JSON}")["data"]
    expect(failed, "nothing failed")
    for one in failed:
        again = b.curl(f"curl -X POST '{API}/{one['id']}/retry' {JSON} "
                       "-d '{\"loadWorkflow\":true}'")
        b.until(again["id"])
        fresh = b.curl(f"curl '{API}/{again['id']}' {JSON}")
        equal((fresh["status"], fresh["retryOf"]), ("success", one["id"]), "the retry")


if __name__ == "__main__":
    run("executions client page", Bench())

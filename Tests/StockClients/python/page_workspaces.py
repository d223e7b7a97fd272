#!/usr/bin/env python3
"""Every example and every row of the table of calls of the workspaces page, run as they are printed.

Needs the environment of with_server.py.
"""
import json
import os

from cases import case, equal, expect, run
from connection import WORKFLOWS
from page import BASE, Page, like
from rest import chain
from shape import shell

EDITOR = 3
STATUSES = {"queued", "running", "suspended", "completed", "failed", "cancelled"}
EXECUTION = {"id": "uuid", "status": "queued", "workflowId": "wf_abc123", "triggeredBy": "manual"}


class Bench(Page):
    def __init__(self):
        super().__init__()
        self.editor = self.secret("page", EDITOR)
        self.put(chain("wf_abc123", {"id": "node_abc", "type": "set", "name": "Set",
                                     "data": {"value": "${ .input }"}},
                       {"id": "end", "type": "end", "data": {}}))
        self.put({**json.loads((WORKFLOWS / "approval.json").read_text()), "id": "wf_gate"})
        self.put({**json.loads((WORKFLOWS / "long-wait.json").read_text()), "id": "wf_long"})

    def ask(self, text, status=200, **ids):
        return self.printed(text, status, self.editor, wId="default", podId="default", **ids)

    def events(self, execution):
        """What the event stream sends, by curl, to its end."""
        text = shell(
            f"curl -sSN --max-time 20 --cacert \"$SIGNALBOX_CA\" "
            f"-H 'Authorization: Bearer {self.editor}' "
            f"'{BASE}/workspaces/default/pods/default/executions/{execution}/events'",
            **os.environ)
        return [json.loads(line[5:]) for line in text.split("\n") if line.startswith("data:")]


@case("Triggering an Execution, via the API")
def _(b):
    found = b.ask("""POST /workspaces/:wId/pods/:podId/executions
Authorization: Bearer <token>

{ "workflowId": "wf_abc123", "input": { "key": "value" } }""", 201)
    like(found, EXECUTION)
    expect(found["status"] in ("queued", "running"), found)
    b.until(found["id"])
    found = b.ask("GET /workspaces/:wId/pods/:podId/executions/:id", id=found["id"])
    like(found, {**EXECUTION, "input": {"key": "value"}, "output": {"key": "value"},
                 "error": None, "createdAt": "", "startedAt": "", "completedAt": "",
                 "nodeResults": {"node_abc": {"status": "completed"}}})


@case("List executions (?status=, ?workflowId=)")
def _(b):
    b.trigger("wf_abc123")
    for query in ("", "?status=completed", "?workflowId=wf_abc123"):
        found = b.ask(f"GET /workspaces/:wId/pods/:podId/executions{query}")
        expect(found, f"{query}: nothing")
        like(found, [EXECUTION])
    expect({one["status"] for one in b.ask("GET /workspaces/:wId/pods/:podId/executions")}
           <= STATUSES, "a status that the page does not know")


@case("Get structured node logs")
def _(b):
    found = b.ask("GET /workspaces/:wId/pods/:podId/executions/:id/logs",
                  id=b.trigger("wf_abc123").id)
    like(found, [{"nodeId": "node_abc", "status": "completed", "durationMs": 5}])


@case("Live Event Streaming: the event types of a run that completes, fails, is suspended")
def _(b):
    update = {"type": "node_update", "nodeId": "node_abc", "status": "completed"}
    seen = b.events(b.trigger("wf_abc123", {"key": "value"}).id)
    like([event for event in seen if event["type"] == "node_update"], [update])
    expect({"running", "completed"} <= {event.get("status") for event in seen}, seen)
    ended = next(event for event in seen if event.get("status") == "completed"
                 and event["nodeId"] == "node_abc")
    like(ended, {"output": {"key": "value"}, "durationMs": 5})
    equal(seen[-1], {"type": "execution_complete", "output": {"key": "value"}}, "the end")
    gate = b.trigger("wf_gate")
    b.ask("PATCH /workspaces/:wId/pods/:podId/executions/:id/respond\n\n"
          '{ "approved": false }', id=gate.id)
    seen = b.events(gate.id)
    like(next(event for event in seen if event["type"] == "execution_suspended"),
         {"type": "execution_suspended", "interrupt": {"id": "uuid"}})
    like(seen[-1], {"type": "execution_failed", "error": "rejected"})


@case("Resuming Suspended Executions")
def _(b):
    for body in ('{ "approved": true }', '{ "approved": false }'):
        found = b.ask(f"PATCH /workspaces/:wId/pods/:podId/executions/:id/respond\n\n{body}",
                      id=b.trigger("wf_gate").id)
        like(found, {**EXECUTION, "workflowId": "wf_gate"})


@case("Replay, from a node and from the beginning with the original input")
def _(b):
    source = b.trigger("wf_abc123", {"key": "value"})
    for body in ('\n\n{ "fromNodeId": "node_abc" }', ""):
        found = b.ask(f"POST /workspaces/:wId/pods/:podId/executions/:id/replay{body}", 201,
                      id=source.id)
        like(found, EXECUTION)
        expect(found["id"] != source.id, "the same execution")
        b.until(found["id"])
        again = b.ask("GET /workspaces/:wId/pods/:podId/executions/:id", id=found["id"])
        equal((again["status"], again["input"]), ("completed", {"key": "value"}), "the replay")


@case("Cancel")
def _(b):
    execution = b.trigger("wf_long", wait=False)
    equal(b.ask("DELETE /workspaces/:wId/pods/:podId/executions/:id", 204, id=execution.id), None,
          "the answer")
    found = b.ask("GET /workspaces/:wId/pods/:podId/executions/:id", id=execution.id)
    equal(found["status"], "cancelled", "the status")


@case("Schedules & Webhooks: what the page points to runs a workflow, too")
def _(b):
    b.curl(f"curl -X POST '{BASE}/workspaces/default/pods/default/workflows/wf_abc123/deploy'")
    found = b.ask("""POST /workspaces/:wId/pods/:podId/schedules

{ "workflowId": "wf_abc123", "name": "Daily digest", "cronExpression": "0 9 * * 1-5", "timezone": "America/New_York", "enabled": true }""", 201)
    like(found, {"id": "uuid", "workflowId": "wf_abc123", "name": "Daily digest",
                 "cronExpression": "0 9 * * 1-5", "timezone": "America/New_York", "enabled": True,
                 "nextRunAt": "", "createdAt": "", "updatedAt": ""})
    listed = b.ask("GET /workspaces/:wId/pods/:podId/schedules")
    equal([one["id"] for one in listed], [found["id"]], "the list")
    off = b.ask("PATCH /workspaces/:wId/pods/:podId/schedules/:id/toggle", id=found["id"])
    equal((off["enabled"], off["nextRunAt"]), (False, None), "toggled")
    equal(b.ask("DELETE /workspaces/:wId/pods/:podId/schedules/:id", 204, id=found["id"]), None,
          "deleted")
    hook = b.ask('POST /workspaces/:wId/pods/:podId/webhooks\n\n{ "workflowId": "wf_abc123" }', 201)
    like(hook, {"id": "uuid", "spaceId": "uuid", "workflowId": "uuid", "secret": "whsec_...",
                "createdAt": ""})
    shown = b.ask("GET /workspaces/:wId/pods/:podId/webhooks")
    expect(all("secret" not in one for one in shown), "a list holds a secret")
    fired = b.curl(f"curl -X POST '{BASE}/v1/webhooks/{hook['id']}/trigger' "
                   f"-H 'x-webhook-secret: {hook['secret']}' -d '{{\"key\": 1}}' "
                   "-H 'Content-Type: application/json'", 202)
    found = b.ask("GET /workspaces/:wId/pods/:podId/executions/:id", id=fired["executionId"])
    equal((found["triggeredBy"], found["input"]), ("webhook", {"key": 1}), "what it started")


if __name__ == "__main__":
    run("workspaces page", Bench())

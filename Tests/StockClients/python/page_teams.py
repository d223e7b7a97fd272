#!/usr/bin/env python3
"""Every example of the teams page, run with curl, gives the shape printed there.

Needs the environment of with_server.py.
"""
import csv
import io

from cases import case, equal, expect, run
from connection import unique
from page import BASE, Page, like
from rest import chain

ADMIN = 4
LIST = {"content": [
    {"id": "uuid", "workflowId": "uuid", "workflowName": "Order Processing", "status": "SUCCESS",
     "startedAt": "2026-02-17T10:30:00.000Z", "finishedAt": "2026-02-17T10:30:02.350Z",
     "durationMs": 2350, "triggerType": "WEBHOOK", "nodeCount": 8, "errorMessage": None}],
    "totalElements": 156, "totalPages": 8, "number": 0, "size": 20}
NODE = {"id": "uuid", "nodeId": "uuid", "nodeName": "Webhook Trigger",
        "nodeType": "WEBHOOK_TRIGGER", "status": "SUCCESS",
        "startedAt": "2026-02-17T10:30:00.050Z", "completedAt": "2026-02-17T10:30:00.120Z",
        "durationMs": 70, "inputData": {"body": {"orderId": 42}}, "outputData": None,
        "errorMessage": None, "retryCount": 0}
DETAIL = {"id": "uuid", "workflowId": "uuid", "workflowName": "Order Processing",
          "workflowVersion": 3, "status": "SUCCESS", "trigger": "WEBHOOK",
          "inputData": {"body": {"orderId": 42}}, "outputData": {"result": "processed"},
          "errorMessage": None, "createdAt": "2026-02-17T10:30:00.000Z",
          "startedAt": "2026-02-17T10:30:00.050Z", "completedAt": "2026-02-17T10:30:02.350Z",
          "durationMs": 2300, "nodeExecutions": [NODE]}
EXPORT = [{"executionId": "uuid", "workflowId": "uuid", "workflowName": "Order Processing",
           "status": "SUCCESS", "trigger": "WEBHOOK", "startedAt": "2026-02-17T10:30:00.000Z",
           "completedAt": "2026-02-17T10:30:02.350Z", "durationMs": 2350, "nodeExecutions": [
               {"nodeId": "uuid", "nodeType": "WEBHOOK_TRIGGER", "nodeName": "Webhook Trigger",
                "status": "SUCCESS", "startedAt": "2026-02-17T10:30:00.000Z",
                "completedAt": "2026-02-17T10:30:00.120Z", "durationMs": 120, "error": None}]}]
COLUMNS = """execution_id, workflow_id, workflow_name, status, trigger,
started_at, completed_at, duration_ms, node_id, node_type,
node_name, node_status, node_started_at, node_completed_at,
node_duration_ms, node_error""".replace("\n", " ").split(", ")


class Bench(Page):
    """A team of its own, in which a webhook has run `Order Processing`."""

    def __init__(self):
        super().__init__()
        from signalbox.v1 import admin_service_pb2 as admin
        from signalbox.v1 import admin_service_pb2_grpc, server_service_pb2
        from signalbox.v1 import webhook_service_pb2 as pb
        from signalbox.v1 import webhook_service_pb2_grpc
        from signalbox.v1 import workflow_service_pb2 as workflows
        self.team = unique("team")
        self.uuid = admin_service_pb2_grpc.AdminServiceStub(self.grpc.channel).CreateWorkspace(
            admin.CreateWorkspaceRequest(workspace_id=self.team)).uuid
        self.token = self.secret("sdk", ADMIN, workspace=self.team,
                                 kind=server_service_pb2.TOKEN_KIND_SDK)
        expect(self.token.startswith("sdk_"), "an SDK token")
        self.workflow = self.put(chain(
            unique("wf"), {"id": "validate", "type": "if", "name": "Validate Order",
                           "data": {"condition": "${ .input.body.orderId == 42 }"}},
            name="Order Processing"), workspace_id=self.team).id
        self.ask = self.put(chain(unique("wf"), {"id": "a", "type": "approval",
                                                 "data": {"message": "?"}}),
                            workspace_id=self.team).id
        self.grpc.workflows.Deploy(workflows.DeployWorkflowRequest(
            workspace_id=self.team, workflow_id=self.workflow))
        hook = webhook_service_pb2_grpc.WebhookServiceStub(self.grpc.channel).CreateWebhook(
            pb.CreateWebhookRequest(workspace_id=self.team, spec=pb.WebhookSpec(
                workflow_id=self.workflow, verification=pb.WEBHOOK_VERIFICATION_NONE,
                response=pb.WEBHOOK_RESPONSE_OUTPUT))).webhook
        self.curl(f"curl -X POST '{BASE}{hook.path}' -H 'Content-Type: application/json' "
                  "-d '{\"body\": {\"orderId\": 42}}'")

    def ask_for(self, text, status=200, **ids):
        return self.printed(text, status, teamId=self.uuid, workflowId=self.workflow, **ids)


@case("List Executions")
def _(b):
    for query in ("", "?page=0&size=20&status=SUCCESS&workflowId=:workflowId"
                  "&from=2026-01-01&to=2126-01-01T00:00:00Z"):
        found = b.ask_for(f"GET /api/executions/team/:teamId{query}")
        like(found, LIST)
        one = found["content"][0]
        equal((one["status"], one["triggerType"], one["workflowName"]),
              ("SUCCESS", "WEBHOOK", "Order Processing"), "the execution")
    for status in ("SUCCESS", "FAILED", "RUNNING", "CANCELLED"):
        like(b.ask_for(f"GET /api/executions/team/:teamId?status={status}"), LIST)


@case("Get Execution Details")
def _(b):
    execution = b.ask_for("GET /api/executions/team/:teamId")["content"][0]["id"]
    found = b.ask_for("GET /api/executions/:id", id=execution)
    like(found, {**DETAIL, "outputData": None})
    trigger, validate = found["nodeExecutions"][0], found["nodeExecutions"][1]
    equal((trigger["nodeType"], validate["nodeType"]), ("WEBHOOK_TRIGGER", "IF_ELSE"), "types")
    equal((found["inputData"], validate["outputData"]["branch"]),
          ({"body": {"orderId": 42}}, "true"), "the data")


@case("List Executions by Workflow")
def _(b):
    like(b.ask_for("GET /api/executions?workflowId=:workflowId"), LIST)
    like(b.ask_for("GET /api/executions?workflowId=:workflowId&page=0&size=20"), LIST)


@case("Cancel Execution: 200 and an empty body")
def _(b):
    execution = b.trigger(b.ask, workspace_id=b.team)
    equal(b.ask_for("POST /api/executions/:id/cancel", id=execution.id), None, "the body")
    found = b.ask_for("GET /api/executions/:id", id=execution.id)
    equal(found["status"], "CANCELLED", "the status")


@case("Export Executions, as CSV and as JSON")
def _(b):
    for query in ("", "?format=csv&days=30"):
        text = b.ask_for(f"GET /api/executions/team/:teamId/export{query}")
        rows = list(csv.reader(io.StringIO(text)))
        equal(rows[0], COLUMNS, "the columns")
        expect(len(rows) >= 3 and all(len(row) == len(COLUMNS) for row in rows), "the rows")
    like(b.ask_for("GET /api/executions/team/:teamId/export?format=json"), EXPORT)


@case("Error Codes: 403 for another team, 404 for no execution")
def _(b):
    for path, status in (("/api/executions/team/default", 403),
                         (f"/api/executions/{b.uuid}", 404)):
        found = b.ask_for(f"GET {path}", status)
        like(found, {"status": 403, "error": "", "message": "", "timestamp": "", "path": ""})
        equal(found["status"], status, "status")


if __name__ == "__main__":
    run("teams page", Bench())

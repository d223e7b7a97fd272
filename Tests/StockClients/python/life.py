#!/usr/bin/env python3
"""A stock Python gRPC client on what becomes of executions after their end: retry and edited replay,
redaction and export, retention and large payloads.

Reads SIGNALBOX_SERVER, SIGNALBOX_CA and SIGNALBOX_TOKEN; with_server.py provides them.
"""
import csv
import io
import json

import grpc
from google.protobuf import duration_pb2, timestamp_pb2

from cases import case, equal, expect, run
from connection import Connection, refused, unique
from signalbox.v1 import admin_service_pb2 as admin_pb
from signalbox.v1 import admin_service_pb2_grpc, execution_pb2, export_service_pb2
from signalbox.v1 import export_service_pb2_grpc, retention_service_pb2
from signalbox.v1 import retention_service_pb2_grpc, server_service_pb2, tag_service_pb2
from signalbox.v1 import tag_service_pb2_grpc, workflow_service_pb2
from signalbox.v1 import execution_service_pb2 as es

Code = grpc.StatusCode
MINUTE = duration_pb2.Duration(seconds=60)
FULL = execution_pb2.EXECUTION_VIEW_FULL
COMPLETED = execution_pb2.EXECUTION_STATUS_COMPLETED
FAILED = execution_pb2.EXECUTION_STATUS_FAILED
SUSPENDED = execution_pb2.EXECUTION_STATUS_SUSPENDED
RETRY = execution_pb2.TRIGGER_KIND_RETRY
REDACT, REVEAL = execution_pb2.REDACTION_MODE_REDACT, execution_pb2.REDACTION_MODE_REVEAL
CSV, JSON = export_service_pb2.EXPORT_FORMAT_CSV, export_service_pb2.EXPORT_FORMAT_JSON
VIEWER, ADMIN = 1, 4
COLUMNS = ("execution_id,workflow_id,workflow_name,status,trigger,started_at,completed_at,"
           "duration_ms,node_id,node_type,node_name,node_status,node_started_at,"
           "node_completed_at,node_duration_ms,node_error").split(",")


def graph(name, *nodes, edges=()):
    """A chain of nodes between start and end; further edges where it is none."""
    listed = [{"id": "s", "type": "start"}, *nodes, {"id": "e", "type": "end"}]
    chain = [(a["id"], b["id"]) for a, b in zip(listed, listed[1:])]
    return json.dumps({"id": name, "nodes": listed, "edges": [
        {"source": source, "target": target} for source, target in chain + list(edges)]})


def put(c, definition):
    return c.workflows.Put(workflow_service_pb2.PutWorkflowRequest(definition_json=definition))


def triggered(c, workflow, **fields):
    return c.executions.Trigger(
        es.TriggerRequest(workflow_id=workflow, wait=MINUTE, **fields)).execution


def get(c, execution_id):
    return c.executions.Get(es.GetExecutionRequest(execution_id=execution_id, view=FULL))


def ended(c, execution_id):
    """Follows the events to the end, or until it suspends."""
    stream = c.executions.Watch(es.WatchRequest(execution_id=execution_id))
    for batch in stream:
        if any(event.WhichOneof("kind") == "execution_suspended" for event in batch.events):
            stream.cancel()
            break
    return get(c, execution_id)


def reused(execution):
    return {node.node_id for node in execution.node_executions if node.reused}


@case("a retry takes over what completed, and a fixed version is used where it is asked for")
def _(c):
    name = unique("retry")
    noop = {"id": "n", "type": "noop"}
    put(c, graph(name, noop, {"id": "v", "type": "set", "data": {"value": "${.input | error}"}}))
    failed = triggered(c, name, input_json='{"x":7}')
    equal(failed.status, FAILED, "status")
    again = ended(c, c.executions.Retry(es.RetryRequest(execution_id=failed.id)).id)
    equal(again.status, FAILED, "status of the retry of the same version")
    put(c, graph(name, noop, {"id": "v", "type": "set", "data": {"value": "${.input.x}"}}))
    fixed = ended(c, c.executions.Retry(
        es.RetryRequest(execution_id=failed.id, current_version=True)).id)
    equal((fixed.status, fixed.output_json, fixed.workflow_version), (COMPLETED, "7", 2), "retry")
    equal((fixed.trigger, fixed.source_id, fixed.source_number),
          (RETRY, failed.id, failed.number), "link to the source")
    equal(reused(fixed), {"s", "n"}, "results taken over")
    source = get(c, failed.id)
    equal((source.retried_by.id, source.retry_success.number), (fixed.id, fixed.number), "links")
    listed = c.executions.List(es.ListExecutionsRequest(
        filter=es.ExecutionFilter(workflow_ids=[name]))).executions
    equal({row.id: row.retried_by.id for row in listed}[failed.id], fixed.id, "link in the list")


@case("a retry names the nodes that the current version does not have")
def _(c):
    name = unique("retry")
    put(c, graph(name, {"id": "gone", "type": "fail", "data": {"message": "no"}}))
    failed = triggered(c, name)
    put(c, graph(name))
    details = refused(
        Code.FAILED_PRECONDITION, c.executions.Retry,
        es.RetryRequest(execution_id=failed.id, current_version=True), reason="NODES_MISSING")
    expect("gone" in str(details), f"expected the node's id, found {details}")


@case("only what failed or was cancelled is retried, and a repeat gets the first result")
def _(c):
    name = unique("retry")
    put(c, graph(name))
    completed = triggered(c, name)
    refused(Code.FAILED_PRECONDITION, c.executions.Retry,
            es.RetryRequest(execution_id=completed.id), reason="EXECUTION_COMPLETED")
    c.put("approval")
    waiting = triggered(c, "approval")
    refused(Code.FAILED_PRECONDITION, c.executions.Retry,
            es.RetryRequest(execution_id=waiting.id), reason="EXECUTION_NOT_FINAL")
    c.executions.Cancel(es.CancelExecutionRequest(execution_id=waiting.id))
    request = es.RetryRequest(execution_id=waiting.id, request_id=unique())
    first = c.executions.Retry(request)
    equal(c.executions.Retry(request).id, first.id, "the repeat")
    equal(ended(c, first.id).status, SUSPENDED, "the approval is asked again")
    refused(Code.NOT_FOUND, c.executions.Retry, es.RetryRequest(execution_id="999999999"))


@case("a replay takes another input, or other results before its node")
def _(c):
    name = unique("replay")
    put(c, graph(name, {"id": "n", "type": "noop"},
                 {"id": "v", "type": "set", "data": {"value": {"got": "${.input.x}"}}}))
    first = triggered(c, name, input_json='{"x":1}')
    other = ended(c, c.executions.Replay(
        es.ReplayRequest(execution_id=first.id, input_json='{"x":2}')).id)
    equal((other.input_json, other.output_json), ('{"x":2}', '{"got":2}'), "edited input")
    output = es.NodeOutput(node_id="n", output_json='{"x":3}')
    third = ended(c, c.executions.Replay(es.ReplayRequest(
        execution_id=first.id, from_node_id="v", outputs=[output])).id)
    equal(third.output_json, '{"got":3}', "edited output")
    equal([node.node_id for node in third.node_executions if node.edited], ["n"], "edited nodes")
    for fields in (
            {"input_json": "{"}, {"input_json": "1", "from_node_id": "v"}, {"outputs": [output]},
            {"from_node_id": "v", "outputs": [es.NodeOutput(node_id="v", output_json="1")]},
            {"from_node_id": "v", "outputs": [es.NodeOutput(node_id="n", output_json="{")]}):
        refused(Code.INVALID_ARGUMENT, c.executions.Replay,
                es.ReplayRequest(execution_id=first.id, **fields))


@case("what people decided in a child is never edited in a replay, and what nobody was asked for may be")
def _(c):
    asks, plain = unique("asks"), unique("plain")
    put(c, graph(asks, {"id": "q", "type": "ask", "data": {"message": "how much?"}}))
    put(c, graph(plain, {"id": "n", "type": "noop"}))
    for child in (asks, plain):
        name = unique("parent")
        put(c, graph(name, {"id": "call", "type": "workflow", "data": {"workflowId": child}},
                     {"id": "after", "type": "noop"}))
        made = c.executions.Trigger(
            es.TriggerRequest(workflow_id=name, input_json="1")).execution
        for batch in c.executions.Watch(es.WatchRequest(execution_id=made.id)):
            for event in batch.events:
                if child == asks and event.WhichOneof("kind") == "node_delegated":
                    called = event.node_delegated.reference
                    ended(c, called)
                    c.executions.Respond(es.RespondRequest(
                        execution_id=called, data_json="7"))
        output = es.NodeOutput(node_id="call", output_json="1000000")
        request = es.ReplayRequest(
            execution_id=made.id, from_node_id="after", outputs=[output])
        if child == asks:
            equal(get(c, made.id).output_json, "7", "what was decided")
            refused(Code.INVALID_ARGUMENT, c.executions.Replay, request,
                    reason="DECISION_NOT_EDITABLE")
        else:
            equal(ended(c, c.executions.Replay(request).id).output_json, "1000000", "the edit")


# Each case in a workspace of its own, so that policies concern nobody else.

SECRETS = ("ada@example.com", "hunter2", "4111 1111 1111 1111", "AKIAIOSFODNN7EXAMPLE")


class Workspace:
    """A workspace and connections to it with tokens of two roles."""

    def __init__(self, c):
        self.id = unique("w")
        self.settings = admin_service_pb2_grpc.AdminServiceStub(c.channel)
        self.settings.CreateWorkspace(admin_pb.CreateWorkspaceRequest(workspace_id=self.id))
        self.admin, self.viewer = (Connection.from_environment(
            token=c.server.CreateToken(server_service_pb2.CreateTokenRequest(
                workspace_id=self.id, name=name, role=role)).secret)
            for name, role in (("admin", ADMIN), ("viewer", VIEWER)))

    def policy(self, policy, **fields):
        self.settings.UpdateSettings(admin_pb.UpdateSettingsRequest(
            workspace_id=self.id, settings=admin_pb.WorkspaceSettings(
                redaction=admin_pb.RedactionSettings(policy=policy), **fields)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.admin.close()
        self.viewer.close()


def secretive(c):
    put(c, graph(
        "secretive",
        {"id": "v", "type": "set", "data": {"value": {
            "mail": SECRETS[0], "password": SECRETS[1], "n": 12345678901234567890, "k": [1.50]}}},
        {"id": "l", "type": "log", "data": {"message": f"card {SECRETS[2]}"}},
        {"id": "f", "type": "fail", "name": "=cmd()", "data": {"message": f"key {SECRETS[3]}"}}))
    return triggered(c, "secretive", input_json=json.dumps({"to": SECRETS[0]}))


def readings(c, execution_id, mode=0):
    """Everything that can be read of an execution, as text, by call."""
    e = c.executions
    watched = e.Watch(es.WatchRequest(execution_id=execution_id, redaction=mode))
    return {
        "Get": e.Get(es.GetExecutionRequest(
            execution_id=execution_id, view=FULL, redaction=mode)),
        "List": e.List(es.ListExecutionsRequest(view=FULL, redaction=mode)),
        "ListNodeExecutions": e.ListNodeExecutions(es.ListNodeExecutionsRequest(
            execution_id=execution_id, view=FULL, redaction=mode)),
        "GetNodeExecution": e.GetNodeExecution(es.GetNodeExecutionRequest(
            execution_id=execution_id, node_path="v", redaction=mode)),
        "GetLogs": e.GetLogs(es.GetLogsRequest(execution_id=execution_id, redaction=mode)),
        "Watch": [batch for batch in watched],
    }


def found(value):
    return [secret for secret in SECRETS if secret in str(value)]


@case("no reading shows what the policy masks, and what is left is the document it was")
def _(c):
    with Workspace(c) as w:
        execution = secretive(w.admin)
        for name, value in readings(w.viewer, execution.id).items():
            expect(found(value), f"{name} shows nothing before there is a policy")
        w.policy(admin_pb.REDACTION_POLICY_ALL)
        for name, value in readings(w.viewer, execution.id).items():
            equal(found(value), [], name)
        node = readings(w.viewer, execution.id)["GetNodeExecution"]
        equal(node.output_json, '{"mail":"[masked]","password":"[masked]",'
              '"n":12345678901234567890,"k":[1.5]}', "the masked document")
        equal((node.redaction.is_redacted, node.redaction.can_reveal), (True, False), "info")


@case("revealing needs the permission and is audited; asking for masked values needs nothing")
def _(c):
    with Workspace(c) as w:
        execution = secretive(w.admin)
        for name, value in readings(w.viewer, execution.id, REDACT).items():
            equal(found(value), [], name)
        w.policy(admin_pb.REDACTION_POLICY_NON_MANUAL)
        e = w.viewer.executions
        for call, request in (
                (e.Get, es.GetExecutionRequest(execution_id=execution.id)),
                (e.List, es.ListExecutionsRequest()),
                (e.Watch, es.WatchRequest(execution_id=execution.id)),
                (e.GetLogs, es.GetLogsRequest(execution_id=execution.id))):
            request.redaction = REVEAL
            refused(Code.PERMISSION_DENIED, call, request, reason="ROLE_INSUFFICIENT")
        for name, value in readings(w.admin, execution.id, REVEAL).items():
            expect(found(value), f"{name} shows nothing to the admin")
        entries = w.settings.ListAuditEntries(admin_pb.ListAuditEntriesRequest(
            workspace_id=w.id, operation="Bridge/Reveal")).entries
        equal([entry.outcome for entry in entries],
              ["OK"] * 6 + ["ROLE_INSUFFICIENT"] * 4, "the audit log")


@case("rules of the workspace mask besides those that are built in, at once, and built-in ones are left out")
def _(c):
    with Workspace(c) as w:
        put(w.admin, graph("orders", {"id": "v", "type": "set", "data": {"value": {
            "order": "ORD-12345", "margin": 7, "mail": SECRETS[0]}}}))
        execution = triggered(w.admin, "orders")

        def shown():
            return json.loads(get(w.viewer, execution.id).output_json)
        w.policy(admin_pb.REDACTION_POLICY_ALL)
        equal(shown(), {"order": "ORD-12345", "margin": 7, "mail": "[masked]"}, "built-in rules")
        rules = [admin_pb.MaskingRule(name="orders", pattern="ORD-[0-9]+", replacement="<order>"),
                 admin_pb.MaskingRule(name="margins", keys=["Margin"])]
        w.settings.UpdateSettings(admin_pb.UpdateSettingsRequest(
            workspace_id=w.id, settings=admin_pb.WorkspaceSettings(
                redaction=admin_pb.RedactionSettings(
                    policy=admin_pb.REDACTION_POLICY_ALL, without_rules=["email"]),
                masking_rules=rules)))
        equal(shown(), {"order": "<order>", "margin": "[masked]", "mail": SECRETS[0]}, "its own")


def exported(c, **fields):
    stub = export_service_pb2_grpc.ExportServiceStub(c.channel)
    chunks = list(stub.Export(export_service_pb2.ExportRequest(**fields)))
    return b"".join(chunk.data for chunk in chunks).decode(), chunks


@case("the CSV export has the documented columns, one row per node execution, masked")
def _(c):
    with Workspace(c) as w:
        execution = secretive(w.admin)
        text, chunks = exported(w.viewer, format=CSV)
        equal(chunks[0].content_type, "text/csv; charset=utf-8", "content type")
        rows = list(csv.reader(io.StringIO(text, newline="")))
        equal(rows[0], COLUMNS, "header")
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in rows[1:]]
        equal([row["node_id"] for row in rows], ["s", "v", "l", "f"], "a row per node")
        equal({row["execution_id"] for row in rows}, {execution.id}, "execution ids")
        equal((rows[3]["node_name"], rows[3]["node_error"], rows[3]["node_status"]),
              ("'=cmd()", "key [masked]", "FAILED"), "the failed node")
        equal(found(text), [], "secrets in the file")
        text, _ = exported(w.viewer, format=JSON)
        parsed = json.loads(text)
        equal([node["nodeType"] for node in parsed[0]["nodeExecutions"]],
              ["start", "set", "log", "fail"], "node types")
        equal(found(text), [], "secrets in the JSON")
        text, _ = exported(w.viewer, format=JSON, filter=es.ExecutionFilter(
            triggers=[execution_pb2.TRIGGER_KIND_WEBHOOK]))
        equal(json.loads(text), [], "a filter that selects nothing")
        before, after = execution.create_time.seconds, execution.create_time.seconds + 1
        for bounds, ids in (((before, after), [execution.id]), ((after, after + 60), []),
                            ((before - 60, before), [])):
            text, _ = exported(w.viewer, format=JSON, filter=es.ExecutionFilter(
                created_from=timestamp_pb2.Timestamp(seconds=bounds[0]),
                created_before=timestamp_pb2.Timestamp(seconds=bounds[1])))
            equal([row["executionId"] for row in json.loads(text)], ids, f"a range of dates: {bounds}")
        refused(Code.INVALID_ARGUMENT, lambda: exported(w.viewer, days=-1))
        entries = w.settings.ListAuditEntries(admin_pb.ListAuditEntriesRequest(
            workspace_id=w.id, operation="ExportService/Export")).entries
        equal(len(entries), 6, "audit entries")


@case("retention erases what is too many, and spares what has not ended")
def _(c):
    with Workspace(c) as w:
        name = put(w.admin, graph("plain")).id
        put(w.admin, json.dumps({
            "id": "asks", "nodes": [{"id": "s", "type": "start"}, {
                "id": "a", "type": "approval", "data": {"message": "?"}}, {
                    "id": "e", "type": "end"}],
            "edges": [{"source": "s", "target": "a"}, {
                "source": "a", "sourceHandle": "approved", "target": "e"}]}))
        waiting = triggered(w.admin, "asks")
        made = [triggered(w.admin, name).id for _ in range(5)]
        tags = tag_service_pb2_grpc.TagServiceStub(w.admin.channel)
        tags.CreateTag(tag_service_pb2.CreateTagRequest(name="keep"))
        tags.SetExecutionTags(tag_service_pb2.SetExecutionTagsRequest(
            execution_id=made[1], add=["keep"]))
        w.settings.UpdateSettings(admin_pb.UpdateSettingsRequest(
            workspace_id=w.id, settings=admin_pb.WorkspaceSettings(
                retention=admin_pb.RetentionSettings(executions_max=2))))
        stub = retention_service_pb2_grpc.RetentionServiceStub(w.admin.channel)
        apply = retention_service_pb2.ApplyRetentionRequest
        dry = stub.Apply(apply(dry_run=True))
        done = stub.Apply(apply())
        # The server applies it by itself, too, and may have come first.
        expect(dry.erased in (0, 2) and done.erased <= dry.erased, f"found {dry} and {done}")
        again = stub.Apply(apply())
        equal((again.erased, again.spared), (0, 1), "what is left")
        listed = w.viewer.executions.List(es.ListExecutionsRequest()).executions
        equal([row.id for row in listed], [*reversed(made[3:]), made[1], waiting.id], "what stays")
        refused(Code.NOT_FOUND, w.viewer.executions.Get,
                es.GetExecutionRequest(execution_id=made[0]))
        viewer = retention_service_pb2_grpc.RetentionServiceStub(w.viewer.channel)
        refused(Code.PERMISSION_DENIED, viewer.Apply, apply(), reason="ROLE_INSUFFICIENT")
        refused(Code.INVALID_ARGUMENT, w.settings.UpdateSettings, admin_pb.UpdateSettingsRequest(
            workspace_id=w.id, settings=admin_pb.WorkspaceSettings(
                retention=admin_pb.RetentionSettings(days=-1))))


@case("large payloads come back whole, to one node at a time where they do not fit together")
def _(c):
    with Workspace(c) as w:
        text = json.dumps("large \u00e9 " * 60_000)
        nodes = [{"id": f"n{i}", "type": "noop"} for i in range(5)]
        put(w.admin, json.dumps({
            "id": "wide", "nodes": [{"id": "s", "type": "start"}, *nodes, {
                "id": "join", "type": "set", "data": {"value": 1}}, {"id": "e", "type": "end"}],
            "edges": [{"source": "s", "target": node["id"]} for node in nodes]
            + [{"source": node["id"], "target": "join"} for node in nodes]
            + [{"source": "join", "target": "e"}]}))
        execution = triggered(w.admin, "wide", input_json=text)
        equal(execution.data_too_large, True, "FULL view leaves something out")

        def node(path):
            return w.viewer.executions.GetNodeExecution(es.GetNodeExecutionRequest(
                execution_id=execution.id, node_path=path))
        equal((node("n3").output_json, node("n3").data_too_large), (text, False), "one node")
        joined = node("join")
        equal((joined.input_json, joined.output_json, joined.data_too_large), ("", "1", True),
              "an input of more than one message")
        events = [event for batch in w.viewer.executions.Watch(
            es.WatchRequest(execution_id=execution.id)) for event in batch.events]
        outputs = [event.node_completed.output_json for event in events
                   if event.WhichOneof("kind") == "node_completed"]
        equal(outputs.count(text), 6, "outputs in the events")
        light = list(w.viewer.executions.Watch(
            es.WatchRequest(execution_id=execution.id, without_payloads=True)))
        expect(sum(batch.ByteSize() for batch in light) < 10_000, "events without payloads")
        rows = w.viewer.executions.List(es.ListExecutionsRequest())
        expect(rows.ByteSize() < 2_000, "a list without payloads")


if __name__ == "__main__":
    with Connection.from_environment() as connection:
        run("life", connection)

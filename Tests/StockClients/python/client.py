#!/usr/bin/env python3
"""A stock Python gRPC client (grpcio, stubs generated from proto/) uses every call of the contract.

Reads SIGNALBOX_SERVER, SIGNALBOX_CA, SIGNALBOX_PID and SIGNALBOX_TOKEN; with_server.py provides
them.
"""
import gzip
import json
import os
import pathlib
import re
import threading

import grpc
from google.protobuf import duration_pb2, timestamp_pb2
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from cases import case, equal, expect, run
from connection import Connection, refused, unique, unpack
from raw_call import raw_call
from signalbox.v1 import event_pb2, execution_pb2, server_service_pb2, workflow_service_pb2
from signalbox.v1 import execution_service_pb2 as es

Code = grpc.StatusCode
MINUTE = duration_pb2.Duration(seconds=60)
UUID7 = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
FULL, BASIC = execution_pb2.EXECUTION_VIEW_FULL, execution_pb2.EXECUTION_VIEW_BASIC
COMPLETED = execution_pb2.EXECUTION_STATUS_COMPLETED
SUSPENDED = execution_pb2.EXECUTION_STATUS_SUSPENDED
CANCELLED = execution_pb2.EXECUTION_STATUS_CANCELLED
FAILED = execution_pb2.EXECUTION_STATUS_FAILED
APPROVE, REJECT = es.DECISION_APPROVE, es.DECISION_REJECT


def trigger(c, workflow, wait=True, **fields):
    request = es.TriggerRequest(workflow_id=workflow, **fields)
    if wait:
        request.wait.CopyFrom(MINUTE)
    return c.executions.Trigger(request)


def triggered(c, workflow, **fields):
    return trigger(c, workflow, **fields).execution


def get(c, execution_id, view=FULL):
    return c.executions.Get(es.GetExecutionRequest(execution_id=execution_id, view=view))


def watch(c, execution_id, after=0, **fields):
    stream = c.executions.Watch(
        es.WatchRequest(execution_id=execution_id, after_sequence=after, **fields))
    for batch in stream:
        yield from batch.events


def kinds(events):
    return [event.WhichOneof("kind") for event in events]


def gapless(events, after=0):
    equal([event.sequence for event in events],
          list(range(after + 1, after + 1 + len(events))), "sequence numbers")


@case("GetInfo names the version, the caller and the node kinds")
def _(c):
    info = c.server.GetInfo(server_service_pb2.GetInfoRequest())
    expect(re.match(r"^\d+\.\d+\.\d+", info.version), f"a version, found {info.version!r}")
    expect(info.principal.name.startswith("token:"), f"a token, found {info.principal.name!r}")
    equal(info.principal.role, server_service_pb2.ROLE_ADMIN, "role of the first token")
    expect({"start", "end", "http", "approval", "noop"} <= set(info.node_kinds),
           f"node kinds, found {list(info.node_kinds)}")
    expect(len(info.limits) > 0, "limits, found none")


@case("a call without a token is UNAUTHENTICATED")
def _(c):
    with Connection.from_environment(token=None) as stranger:
        refused(Code.UNAUTHENTICATED, stranger.executions.Get,
                es.GetExecutionRequest(execution_id="1"))


@case("a call with an unknown token is UNAUTHENTICATED")
def _(c):
    with Connection.from_environment(token="no-such-token") as stranger:
        refused(Code.UNAUTHENTICATED, stranger.executions.List, es.ListExecutionsRequest())


@case("health needs no token, and reflection lists the services")
def _(c):
    with Connection.from_environment(token=None) as stranger:
        answer = health_pb2_grpc.HealthStub(stranger.channel).Check(
            health_pb2.HealthCheckRequest(), timeout=10)
        equal(answer.status, health_pb2.HealthCheckResponse.SERVING, "health")
    stub = reflection_pb2_grpc.ServerReflectionStub(c.raw)
    requests = [reflection_pb2.ServerReflectionRequest(list_services="")]
    answers = list(stub.ServerReflectionInfo(iter(requests), timeout=10))
    names = {service.name for service in answers[0].list_services_response.service}
    expect({"signalbox.v1.ExecutionService", "grpc.health.v1.Health"} <= names,
           f"our services, found {names}")


@case("equal text makes no new version, other text makes the next one")
def _(c):
    name = unique("versions")
    text = json.dumps({"id": name, "nodes": [{"id": "start", "type": "start"},
                                              {"id": "end", "type": "end"}],
                       "edges": [{"source": "start", "target": "end"}]})
    put = lambda text, **rest: c.workflows.Put(  # noqa: E731
        workflow_service_pb2.PutWorkflowRequest(definition_json=text, **rest))
    equal(put(text).version, 1, "first version")
    equal(put(text).version, 1, "version after equal text")
    equal(put(text + " ").version, 2, "version after other text")
    refused(Code.ABORTED, put, text + "  ", expected_version=1)
    request = workflow_service_pb2.GetWorkflowRequest(workflow_id=name, version=1)
    equal(c.workflows.Get(request).definition_json, text, "the text exactly as it was saved")
    versions = c.workflows.ListVersions(
        workflow_service_pb2.ListWorkflowVersionsRequest(workflow_id=name)).versions
    equal([version.version for version in versions], [2, 1], "versions, newest first")
    deployed = c.workflows.Deploy(
        workflow_service_pb2.DeployWorkflowRequest(workflow_id=name, version=1))
    equal(deployed.deployed_version, 1, "deployed version")
    c.workflows.Delete(workflow_service_pb2.DeleteWorkflowRequest(workflow_id=name))
    refused(Code.NOT_FOUND, c.workflows.Get, request)


@case("a bad definition is refused with every fault listed")
def _(c):
    text = json.dumps({"id": "bad", "nodes": [{"id": "a", "type": "start"},
                                               {"id": "a", "type": "noop"},
                                               {"id": "b", "type": "no-such-kind"}],
                       "edges": [{"source": "a", "target": "nowhere"}]})
    details = refused(Code.INVALID_ARGUMENT, c.workflows.Put,
                      workflow_service_pb2.PutWorkflowRequest(definition_json=text))
    bad = [unpack(detail, error_details_pb2.BadRequest) for detail in details]
    bad = [detail for detail in bad if detail]
    expect(bad and len(bad[0].field_violations) >= 3, f"three faults at least, found {bad}")
    faults = c.workflows.Validate(
        workflow_service_pb2.ValidateWorkflowRequest(definition_json=text)).faults
    equal(len(faults), len(bad[0].field_violations), "faults of Validate")
    expect(all(fault.code and fault.message for fault in faults), "a code and a message in each")


@case("Trigger returns once the execution is committed")
def _(c):
    execution = triggered(c, "three-noops", wait=False, input_json='{"a": 1}')
    expect(UUID7.match(execution.id), f"a UUIDv7, found {execution.id!r}")
    expect(execution.number > 0, f"a number, found {execution.number}")
    equal(execution.workflow_id, "three-noops", "workflow")
    equal(execution.trigger, execution_pb2.TRIGGER_KIND_API, "trigger")
    expect(execution.triggered_by.startswith("token:"), f"who, found {execution.triggered_by!r}")
    equal(list(kinds(watch(c, execution.id)))[-1], "execution_completed", "last event")


@case("Trigger with wait runs the workflow and returns its output")
def _(c):
    execution = triggered(c, "echo", input_json='{"text": "hällo ☃"}')
    equal(execution.status, COMPLETED, "status")
    equal(json.loads(execution.output_json), {"said": "hällo ☃"}, "output")


@case("Trigger with wait returns a suspended execution as it is")
def _(c):
    execution = triggered(c, "approval")
    equal(execution.status, SUSPENDED, "status")
    equal(execution.reason, execution_pb2.EXECUTION_REASON_APPROVAL, "reason")
    equal(len(execution.interrupts), 1, "open interrupts")
    equal(execution.interrupts[0].message, "Let it through?", "what is asked")
    expect(execution.next_wake_up, "what it waits for, found nothing")
    c.executions.Cancel(es.CancelExecutionRequest(execution_id=execution.id))


@case("Get answers to id and number; BASIC has no payloads, FULL has all")
def _(c):
    made = triggered(c, "echo", input_json='{"text":  "x", "n": 1.0000000000000000001}')
    basic, full = get(c, made.id, BASIC), get(c, str(made.number))
    equal(full.id, made.id, "found by number")
    equal((basic.input_json, basic.output_json, len(basic.node_executions)), ("", "", 0), "BASIC")
    equal(full.input_json, '{"text":  "x", "n": 1.0000000000000000001}', "input as it was sent")
    equal([node.node_id for node in full.node_executions], ["start", "shape", "line", "end"],
          "node executions")
    expect(all(node.status == execution_pb2.NODE_STATUS_COMPLETED
               for node in full.node_executions), "all nodes completed")
    expect(full.create_time.ToNanoseconds() <= full.start_time.ToNanoseconds()
           <= full.end_time.ToNanoseconds(), "times in order")


@case("node executions are listed in pages and read one by one")
def _(c):
    made = triggered(c, "three-noops")
    found, token = [], ""
    for _ in range(10):
        page = c.executions.ListNodeExecutions(es.ListNodeExecutionsRequest(
            execution_id=made.id, page_size=2, page_token=token, view=FULL))
        expect(len(page.node_executions) <= 2, "at most two in a page")
        found += [node.node_path for node in page.node_executions]
        token = page.next_page_token
        if not token:
            break
    equal(found, ["start", "one", "two", "three", "end"], "node paths over all pages")
    node = c.executions.GetNodeExecution(es.GetNodeExecutionRequest(
        execution_id=made.id, node_path="two"))
    equal((node.kind, node.attempt, node.status),
          ("noop", 1, execution_pb2.NODE_STATUS_COMPLETED), "kind, attempt, status")
    refused(Code.NOT_FOUND, c.executions.GetNodeExecution, es.GetNodeExecutionRequest(
        execution_id=made.id, node_path="nobody"))


@case("a repeated request_id returns the first execution, another request with it is refused")
def _(c):
    request_id = unique("request")
    first = trigger(c, "three-noops", request_id=request_id)
    again = trigger(c, "three-noops", request_id=request_id)
    equal((again.execution.id, first.existing, again.existing),
          (first.execution.id, False, True), "the first execution again")
    refused(Code.ALREADY_EXISTS, trigger, c, "three-noops", request_id=request_id,
            input_json="{}")


@case("a key in use is refused with FAIL and attached to with ATTACH")
def _(c):
    key = unique("key")
    first = triggered(c, "approval", key=key)
    refused(Code.ALREADY_EXISTS, trigger, c, "approval", key=key)
    attached = trigger(c, "approval", key=key, conflict_policy=es.CONFLICT_POLICY_ATTACH)
    equal((attached.execution.id, attached.existing), (first.id, True), "attached")
    c.executions.Cancel(es.CancelExecutionRequest(execution_id=first.id))
    second = triggered(c, "approval", key=key)
    expect(second.id != first.id, "a new execution after the end of the first")
    c.executions.Cancel(es.CancelExecutionRequest(execution_id=second.id))


@case("List pages newest first and agrees with Count under every filter")
def _(c):
    name, key = unique("listed"), unique("key")
    text = json.loads(open_fixture("three-noops"))
    text["id"] = name
    c.workflows.Put(workflow_service_pb2.PutWorkflowRequest(definition_json=json.dumps(text)))
    made = [triggered(c, name, trigger=execution_pb2.TRIGGER_KIND_MANUAL) for _ in range(7)]
    made.append(triggered(c, name, key=key))
    mine = es.ExecutionFilter(workflow_ids=[name])

    def listed(filter, page_size=3):
        found, token = [], ""
        for _ in range(20):
            page = c.executions.List(es.ListExecutionsRequest(
                filter=filter, page_size=page_size, page_token=token))
            found += [execution.id for execution in page.executions]
            token = page.next_page_token
            if not token:
                return found
        raise AssertionError("the list has no end")

    def count(filter):
        return c.executions.Count(es.CountExecutionsRequest(filter=filter)).count

    equal(listed(mine), [execution.id for execution in reversed(made)], "all, newest first")
    at = lambda n: timestamp_pb2.Timestamp(  # noqa: E731
        seconds=made[n].create_time.seconds, nanos=made[n].create_time.nanos)
    rows = [
        ("completed", es.ExecutionFilter(states=[es.StateFilter(status=COMPLETED)]), 8),
        ("failed", es.ExecutionFilter(states=[es.StateFilter(status=FAILED)]), 0),
        ("either", es.ExecutionFilter(states=[es.StateFilter(status=COMPLETED),
                                              es.StateFilter(status=FAILED)]), 8),
        ("manual", es.ExecutionFilter(triggers=[execution_pb2.TRIGGER_KIND_MANUAL]), 7),
        ("from the first", es.ExecutionFilter(created_from=at(0)), 8),
        ("before the first", es.ExecutionFilter(created_before=at(0)), 0),
        ("key", es.ExecutionFilter(key=key), 1),
        ("error text", es.ExecutionFilter(error_contains="nothing has this"), 0),
    ]
    for title, filter, expected in rows:
        filter.workflow_ids.append(name)
        equal((len(listed(filter)), count(filter)), (expected, expected), title)
    refused(Code.INVALID_ARGUMENT, c.executions.List, es.ListExecutionsRequest(page_size=1001))
    refused(Code.INVALID_ARGUMENT, c.executions.List,
            es.ListExecutionsRequest(page_token="no token of ours"))


def open_fixture(name):
    from connection import WORKFLOWS
    return (WORKFLOWS / f"{name}.json").read_text()


@case("errors are found by a part of their text")
def _(c):
    execution = triggered(c, "failing")
    equal((execution.status, execution.reason),
          (FAILED, execution_pb2.EXECUTION_REASON_NODE_FAILED), "status and reason")
    equal((execution.error.code, execution.error.message, execution.error.node_path),
          ("OUT_OF_LAMPS", "no lamps left", "refuse"), "error")
    page = c.executions.List(es.ListExecutionsRequest(
        filter=es.ExecutionFilter(error_contains="NO LAMPS")))
    expect(execution.id in [found.id for found in page.executions], "found by its error")


@case("Watch from 0 gives every event once and in order, and from n the rest")
def _(c):
    made = triggered(c, "three-noops")
    events = list(watch(c, made.id))
    gapless(events)
    equal(len(events), made.last_sequence, "events")
    found = kinds(events)
    equal((found[0], found[-1]), ("execution_created", "execution_completed"), "first and last")
    equal(found.count("node_completed"), 5, "completed nodes")
    for node in ("one", "two", "three"):
        steps = [event.WhichOneof("kind") for event in events
                 if node in (event.node_started.node_id, event.node_completed.node_id)]
        equal(steps, ["node_started", "node_completed"], f"steps of {node}")
    rest = list(watch(c, made.id, after=4))
    gapless(rest, after=4)
    equal(rest, events[4:], "the rest")
    equal(list(watch(c, made.id, after=made.last_sequence)), [], "events after the last")
    refused(Code.OUT_OF_RANGE, c.executions.Watch, es.WatchRequest(
        execution_id=made.id, after_sequence=made.last_sequence + 1))
    refused(Code.NOT_FOUND, c.executions.Watch, es.WatchRequest(execution_id=unique()))


def large_journal(c):
    """An execution whose journal holds 42 copies of its input, 36 MB; and the input."""
    name, copies = unique("large"), [f"copy{n}" for n in range(40)]
    ids = ["start", *copies, "end"]
    c.workflows.Put(workflow_service_pb2.PutWorkflowRequest(definition_json=json.dumps({
        "id": name,
        "nodes": [{"id": "start", "type": "start"}, {"id": "end", "type": "end"}]
                 + [{"id": copy, "type": "set", "data": {"value": "${ .nodes.start.output }"}}
                    for copy in copies],
        "edges": [{"source": source, "target": target} for source, target in zip(ids, ids[1:])]})))
    text = json.dumps("x" * 900_000)
    return triggered(c, name, input_json=text), text


@case("a journal of many megabytes arrives in messages that a client's default limit takes")
def _(c):
    made, text = large_journal(c)
    equal(made.status, COMPLETED, "status")
    events = list(watch(c, made.id))
    gapless(events)
    equal(len(events), made.last_sequence, "events")
    outputs = [event.node_completed.output_json == text
               for event in events if event.HasField("node_completed")]
    equal(outputs, [True] * 42, "outputs")


@case("40 watchers that do not read cost the server little memory, disturb nobody and lose nothing")
def _(c):
    def megabytes():
        status = pathlib.Path(f"/proc/{os.environ['SIGNALBOX_PID']}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) // 1024

    made, _ = large_journal(c)
    before = megabytes()
    own_channel = [("grpc.use_local_subchannel_pool", 1)]
    with Connection.from_environment(options=own_channel) as one, \
            Connection.from_environment(options=own_channel) as other:
        streams = [slow.executions.Watch(es.WatchRequest(execution_id=made.id))
                   for slow in (one, other) for _ in range(20)]
        first = [next(stream) for stream in streams]
        # All that they could be sent, 1.4 GB, would show; a message or two each do not.
        expect(megabytes() - before < 200, f"{before} MB before, found {megabytes()} MB")
        equal(triggered(c, "three-noops").status, COMPLETED, "status of another execution")
        late = list(first[0].events) + [event for batch in streams[0] for event in batch.events]
        gapless(late)
        equal(len(late), made.last_sequence, "events of a watcher that reads late")


@case("Watch without payloads leaves them out")
def _(c):
    made = triggered(c, "echo", input_json='{"text": "secret"}')
    with_payloads = b"".join(event.SerializeToString() for event in watch(c, made.id))
    without = b"".join(event.SerializeToString()
                       for event in watch(c, made.id, without_payloads=True))
    expect(b"secret" in with_payloads and b"secret" not in without, "payloads left out")


@case("a live watcher sees the interrupt, the answer and the end")
def _(c):
    made = triggered(c, "approval", wait=False)
    events, opened = [], threading.Event()

    def follow():
        for event in watch(c, made.id):
            events.append(event)
            if event.WhichOneof("kind") == "execution_suspended":
                opened.set()

    follower = threading.Thread(target=follow)
    follower.start()
    expect(opened.wait(15), f"a suspension, found {kinds(events)}")
    c.executions.Respond(es.RespondRequest(
        execution_id=made.id, decision=APPROVE, reason="looks right", data_json='{"by": "us"}'))
    follower.join(15)
    expect(not follower.is_alive(), "the stream ends after the final event")
    gapless(events)
    closed = [event.interrupt_closed for event in events
              if event.WhichOneof("kind") == "interrupt_closed"]
    equal(len(closed), 1, "closed interrupts")
    equal((closed[0].outcome, closed[0].reason, json.loads(closed[0].data_json)),
          (event_pb2.INTERRUPT_OUTCOME_APPROVED, "looks right", {"by": "us"}), "the answer")
    expect(closed[0].responded_by.startswith("token:"), f"who, found {closed[0].responded_by!r}")
    equal(kinds(events)[-1], "execution_completed", "last event")


@case("an answer is taken once")
def _(c):
    made = triggered(c, "approval")
    interrupt = made.interrupts[0].id
    request = es.RespondRequest(execution_id=made.id, interrupt_id=interrupt, decision=APPROVE,
                                request_id=unique("answer"))
    c.executions.Respond(request)
    c.executions.Respond(request)
    refused(Code.FAILED_PRECONDITION, c.executions.Respond, es.RespondRequest(
        execution_id=made.id, interrupt_id=interrupt, decision=REJECT))
    list(watch(c, made.id))
    equal(get(c, made.id).status, COMPLETED, "status")


@case("a rejection without an edge for it fails the execution")
def _(c):
    made = triggered(c, "approval")
    ended = c.executions.Respond(es.RespondRequest(
        execution_id=made.id, decision=REJECT, reason="too dear"))
    equal((ended.status, ended.reason), (FAILED, execution_pb2.EXECUTION_REASON_REJECTED),
          "status and reason")
    equal(ended.end_reason, "too dear", "the reason given")
    expect(ended.ended_by.startswith("token:"), f"who, found {ended.ended_by!r}")


@case("with two open interrupts one has to be named")
def _(c):
    made = triggered(c, "two-approvals")
    equal(sorted(interrupt.node_id for interrupt in made.interrupts), ["left", "right"], "open")
    refused(Code.FAILED_PRECONDITION, c.executions.Respond, es.RespondRequest(
        execution_id=made.id, decision=APPROVE), reason="INTERRUPT_AMBIGUOUS")
    for interrupt in made.interrupts:
        c.executions.Respond(es.RespondRequest(
            execution_id=made.id, interrupt_id=interrupt.id, decision=APPROVE))
    list(watch(c, made.id))
    equal(json.loads(get(c, made.id).output_json), {"both": True}, "output")


@case("an answer that violates the question's schema is refused and the question stays open")
def _(c):
    made = triggered(c, "question")
    equal(made.reason, execution_pb2.EXECUTION_REASON_QUESTION, "reason")
    for bad in ('{"age": -1}', '{"age": "old"}', "{}", "no json"):
        refused(Code.INVALID_ARGUMENT, c.executions.Respond, es.RespondRequest(
            execution_id=made.id, data_json=bad))
    equal(get(c, made.id).status, SUSPENDED, "status after bad answers")
    c.executions.Respond(es.RespondRequest(execution_id=made.id, data_json='{"age": 41}'))
    list(watch(c, made.id))
    equal(json.loads(get(c, made.id).output_json), {"age": 41}, "output")


@case("nothing open is NOT_SUSPENDED")
def _(c):
    made = triggered(c, "long-wait", wait=False)
    refused(Code.FAILED_PRECONDITION, c.executions.Respond, es.RespondRequest(
        execution_id=made.id, decision=APPROVE), reason="NOT_SUSPENDED")
    c.executions.Cancel(es.CancelExecutionRequest(execution_id=made.id))


@case("Cancel is final at once, and only once")
def _(c):
    made = triggered(c, "long-wait", wait=False)
    ended = c.executions.Cancel(es.CancelExecutionRequest(
        execution_id=made.id, reason="changed my mind"))
    equal((ended.status, ended.end_reason), (CANCELLED, "changed my mind"), "status and reason")
    expect(ended.ended_by.startswith("token:"), f"who, found {ended.ended_by!r}")
    refused(Code.FAILED_PRECONDITION, c.executions.Cancel,
            es.CancelExecutionRequest(execution_id=made.id), reason="EXECUTION_FINAL")
    events = list(watch(c, made.id))
    gapless(events)
    equal(kinds(events)[-1], "execution_cancelled", "last event")


@case("Replay runs again from the start or from a node, and links to its source")
def _(c):
    source = triggered(c, "three-noops", input_json='{"n": 3}')
    again = c.executions.Replay(es.ReplayRequest(execution_id=source.id))
    equal((again.source_id, again.trigger), (source.id, execution_pb2.TRIGGER_KIND_REPLAY), "link")
    list(watch(c, again.id))
    full = get(c, again.id)
    equal((full.status, full.input_json), (COMPLETED, '{"n": 3}'), "status and input")
    equal([node.reused for node in full.node_executions], [False] * 5, "nothing taken over")
    part = c.executions.Replay(es.ReplayRequest(execution_id=source.id, from_node_id="two"))
    list(watch(c, part.id))
    reused = {node.node_id: node.reused for node in get(c, part.id).node_executions}
    equal(reused, {"start": True, "one": True, "two": False, "three": False, "end": False},
          "taken over")
    refused(Code.INVALID_ARGUMENT, c.executions.Replay,
            es.ReplayRequest(execution_id=source.id, from_node_id="nobody"))
    replays = c.executions.Count(es.CountExecutionsRequest(
        filter=es.ExecutionFilter(source_id=source.id)))
    equal(replays.count, 2, "replays of the source")


@case("what is not final can be neither replayed nor erased; what is erased is gone")
def _(c):
    made = triggered(c, "approval")
    refused(Code.FAILED_PRECONDITION, c.executions.Replay,
            es.ReplayRequest(execution_id=made.id), reason="EXECUTION_NOT_FINAL")
    refused(Code.FAILED_PRECONDITION, c.executions.Delete,
            es.DeleteExecutionRequest(execution_id=made.id), reason="EXECUTION_NOT_FINAL")
    c.executions.Cancel(es.CancelExecutionRequest(execution_id=made.id))
    c.executions.Delete(es.DeleteExecutionRequest(execution_id=made.id))
    for call, request in [(c.executions.Get, es.GetExecutionRequest),
                          (c.executions.Watch, es.WatchRequest),
                          (c.executions.GetLogs, es.GetLogsRequest),
                          (c.executions.Cancel, es.CancelExecutionRequest),
                          (c.executions.Delete, es.DeleteExecutionRequest)]:
        refused(Code.NOT_FOUND, call, request(execution_id=made.id))


@case("calls at once with one request_id make one execution")
def _(c):
    for _ in range(5):
        request = es.TriggerRequest(workflow_id="echo", input_json='{"text": "once"}',
                                    request_id=unique("race"))
        answers = [call.result() for call in
                   [c.executions.Trigger.future(request) for _ in range(20)]]
        equal(len({answer.execution.id for answer in answers}), 1, "executions")
        equal([answer.existing for answer in answers].count(False), 1, "answers that say it is new")


@case("of calls at once with one key one makes the execution, and the others are refused")
def _(c):
    for _ in range(5):
        request = es.TriggerRequest(workflow_id="approval", key=unique("race"))
        made = outcomes([c.executions.Trigger.future(request) for _ in range(20)],
                        Code.ALREADY_EXISTS)
        equal(len(made), 1, "executions made")
        c.executions.Cancel(es.CancelExecutionRequest(execution_id=made[0].execution.id))


@case("of an approval, a rejection and a cancel at once one wins, and the journal tells one story")
def _(c):
    for turn in range(20):
        made = triggered(c, "approval")
        interrupt = made.interrupts[0].id
        racers = [
            lambda: c.executions.Respond.future(es.RespondRequest(
                execution_id=made.id, interrupt_id=interrupt, decision=APPROVE)),
            lambda: c.executions.Respond.future(es.RespondRequest(
                execution_id=made.id, interrupt_id=interrupt, decision=REJECT)),
            lambda: c.executions.Cancel.future(es.CancelExecutionRequest(execution_id=made.id))]
        first = turn % 3
        calls = [racer() for racer in racers[first:] + racers[:first]]
        won = outcomes(calls, Code.FAILED_PRECONDITION)
        events = list(watch(c, made.id))
        gapless(events)
        found, closed = get(c, made.id), [event.interrupt_closed.outcome for event in events
                                          if event.HasField("interrupt_closed")]
        equal(len(closed), 1, "how often the interrupt was closed")
        last = {COMPLETED: "execution_completed", FAILED: "execution_failed",
                CANCELLED: "execution_cancelled"}[found.status]
        ended = [kind for kind in kinds(events) if kind in (
            "execution_completed", "execution_failed", "execution_cancelled")]
        equal((ended, kinds(events)[-1]), ([last], last), "final events")
        # A cancel may still come between an approval and the end it leads to.
        approved = closed[0] == event_pb2.INTERRUPT_OUTCOME_APPROVED
        equal(len(won), 2 if approved and found.status == CANCELLED else 1, "calls that won")


@case("of an approval and its deadline at once one wins, and the journal tells one story")
def _(c):
    seen = set()
    for turn in range(30):
        made = triggered(c, "short-approval")
        # From before the deadline of 200 ms to after it.
        threading.Event().wait(0.140 + 0.004 * turn)
        calls = [c.executions.Respond.future(es.RespondRequest(
            execution_id=made.id, interrupt_id="approve#1", decision=APPROVE))]
        won = outcomes(calls, Code.FAILED_PRECONDITION)
        events = list(watch(c, made.id))
        gapless(events)
        closed = [event.interrupt_closed.outcome for event in events
                  if event.HasField("interrupt_closed")]
        equal(closed, [event_pb2.INTERRUPT_OUTCOME_APPROVED if won
                       else event_pb2.INTERRUPT_OUTCOME_EXPIRED], "how it was closed")
        found = get(c, made.id)
        equal(found.status, COMPLETED, "status")
        equal(json.loads(found.output_json), "approved" if won else "late", "output")
        seen.add(bool(won))
    equal(seen, {True, False}, "both sides won at some time")


@case("of a cancel and a deadline at once one wins, and the journal tells one story")
def _(c):
    seen = set()
    for turn in range(30):
        made = triggered(c, "short-approval")
        # From before the deadline of 200 ms to after it.
        threading.Event().wait(0.140 + 0.004 * turn)
        won = outcomes([c.executions.Cancel.future(es.CancelExecutionRequest(
            execution_id=made.id))], Code.FAILED_PRECONDITION)
        events = list(watch(c, made.id))
        gapless(events)
        closed = [event.interrupt_closed.outcome for event in events
                  if event.HasField("interrupt_closed")]
        # Whoever comes second finds nothing to close: there is one word on it.
        equal(len(closed), 1, "how often it was closed")
        is_late = closed == [event_pb2.INTERRUPT_OUTCOME_EXPIRED]
        found = get(c, made.id)
        equal(found.status, CANCELLED if won else COMPLETED, "status")
        equal(kinds(events)[-1], "execution_cancelled" if won else "execution_completed", "last event")
        if not won:
            expect(is_late, f"closed as {closed}")
            equal(json.loads(found.output_json), "late", "output")
        seen.add(bool(won))
    equal(seen, {True, False}, "both sides won at some time")


def outcomes(calls, refusal):
    """The answers of the calls that succeeded; every other one must fail with that code."""
    answers = []
    for call in calls:
        try:
            answers.append(call.result())
        except grpc.RpcError as error:
            equal(error.code(), refusal, f"code ({error.details()})")
    return answers


@case("a repeated request_id of Respond, Cancel and Replay gives the first result again")
def _(c):
    made = triggered(c, "approval")
    answer = es.RespondRequest(execution_id=made.id, decision=REJECT, request_id=unique("respond"))
    first, again = c.executions.Respond(answer), c.executions.Respond(answer)
    equal((again.id, again.status), (first.id, FAILED), "the first answer's result")
    answer.decision = APPROVE
    refused(Code.ALREADY_EXISTS, c.executions.Respond, answer)
    replay = es.ReplayRequest(execution_id=made.id, request_id=unique("replay"))
    first, again = c.executions.Replay(replay), c.executions.Replay(replay)
    equal(again.id, first.id, "the first replay")
    cancel = es.CancelExecutionRequest(execution_id=first.id, request_id=unique("cancel"))
    ends = [c.executions.Cancel(cancel).status for _ in range(2)]
    equal(ends, [CANCELLED, CANCELLED], "the first cancel's result")
    cancel.reason = "another reason"
    refused(Code.ALREADY_EXISTS, c.executions.Cancel, cancel)


@case("what cannot be done has its reason")
def _(c):
    asked, held, done = (triggered(c, name) for name in ("question", "approval", "three-noops"))
    rejected = triggered(c, "approval")
    c.executions.Respond(es.RespondRequest(execution_id=rejected.id, decision=REJECT))
    for code, reason, call, request in (
            (Code.INVALID_ARGUMENT, "ANSWER_REQUIRED", c.executions.Respond,
             es.RespondRequest(execution_id=asked.id)),
            (Code.INVALID_ARGUMENT, "DECISION_REQUIRED", c.executions.Respond,
             es.RespondRequest(execution_id=held.id)),
            (Code.OUT_OF_RANGE, "SEQUENCE_OUT_OF_RANGE", c.executions.Watch,
             es.WatchRequest(execution_id=done.id, after_sequence=1_000_000)),
            (Code.INVALID_ARGUMENT, "UNKNOWN_NODE", c.executions.Replay,
             es.ReplayRequest(execution_id=done.id, from_node_id="nobody")),
            (Code.INVALID_ARGUMENT, "NODE_NOT_REACHED", c.executions.Replay,
             es.ReplayRequest(execution_id=rejected.id, from_node_id="end"))):
        refused(code, call, request, reason=reason)
    equal([get(c, each.id).status for each in (asked, held)], [SUSPENDED] * 2, "nothing was done")
    for each in (asked, held):
        c.executions.Cancel(es.CancelExecutionRequest(execution_id=each.id))


@case("a call's traceparent is kept on the execution")
def _(c):
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    made = c.executions.Trigger(es.TriggerRequest(workflow_id="three-noops", wait=MINUTE),
                                metadata=[("traceparent", parent)]).execution
    expect(get(c, made.id).traceparent.startswith(parent[:35]),
           f"trace {parent[3:35]}, found {get(c, made.id).traceparent!r}")


@case("the log holds a log node's line")
def _(c):
    made = triggered(c, "echo", input_json='{"text": "x"}')
    entries = c.executions.GetLogs(es.GetLogsRequest(execution_id=made.id)).entries
    mine = [entry for entry in entries if entry.message == "echoing"]
    equal([(entry.node_id, entry.level) for entry in mine],
          [("line", execution_pb2.LOG_LEVEL_INFO)], "the line")
    numbers = [entry.sequence for entry in entries]
    equal(numbers, sorted(numbers), "lines in order")


@case("bad input is INVALID_ARGUMENT, unknown names are NOT_FOUND")
def _(c):
    for bad in ("{", "nul", "[1,]", '{"text": 5}', "{}", '{"text": "a", "text": "b"}'):
        refused(Code.INVALID_ARGUMENT, trigger, c, "echo", input_json=bad)
    refused(Code.NOT_FOUND, trigger, c, unique("nobody"))
    refused(Code.NOT_FOUND, trigger, c, "echo", version=999, input_json='{"text": "x"}')
    refused(Code.NOT_FOUND, c.executions.Get, es.GetExecutionRequest(execution_id=unique()))
    refused(Code.NOT_FOUND, trigger, c, "echo", workspace_id="somebody-else",
            input_json='{"text": "x"}')


@case("an input over 1 MiB is INVALID_ARGUMENT, a message over 4 MiB RESOURCE_EXHAUSTED")
def _(c):
    largest = json.dumps({"text": "x" * (1024 * 1024 - len('{"text": ""}'))})
    made = triggered(c, "echo", input_json=largest)
    equal((made.status, get(c, made.id).input_json == largest), (COMPLETED, True), "at the limit")
    refused(Code.INVALID_ARGUMENT, trigger, c, "echo", input_json=largest + " ")
    try:
        trigger(c, "echo", input_json=json.dumps({"text": "x" * (5 * 1024 * 1024)}))
    except grpc.RpcError as error:
        equal(error.code(), Code.RESOURCE_EXHAUSTED, "code")
    else:
        raise AssertionError("a message of 5 MiB was accepted")


@case("a message that is no protobuf, or no UTF-8, or holds a NUL, is INVALID_ARGUMENT")
def _(c):
    call = c.raw.unary_unary("/signalbox.v1.ExecutionService/Get",
                             request_serializer=None, response_deserializer=None)
    for bad in (b"\x1a\xff", b"\x1a\x02\xff\xfe", b"\x1a\x03a\x00b", b"\xff" * 40):
        refused(Code.INVALID_ARGUMENT, call, bad, timeout=10)


@case("unknown methods and services are UNIMPLEMENTED")
def _(c):
    for path in ("/signalbox.v1.ExecutionService/Nothing", "/nobody.v1.Service/Get"):
        try:
            c.raw.unary_unary(path)(b"", timeout=10)
        except grpc.RpcError as error:
            equal(error.code(), Code.UNIMPLEMENTED, path)
        else:
            raise AssertionError(f"{path} was answered")


@case("a deadline ends the call and not the execution")
def _(c):
    key = unique("deadline")
    request = es.TriggerRequest(workflow_id="long-wait", key=key, wait=MINUTE)
    try:
        c.executions.Trigger(request, timeout=0.5)
    except grpc.RpcError as error:
        equal(error.code(), Code.DEADLINE_EXCEEDED, "code")
    else:
        raise AssertionError("an hour passed in half a second")
    found = c.executions.List(es.ListExecutionsRequest(filter=es.ExecutionFilter(key=key)))
    equal([execution.status for execution in found.executions],
          [execution_pb2.EXECUTION_STATUS_RUNNING], "status of the execution")
    expect(found.executions[0].waiting_until.seconds > 0, "when its timer fires")
    c.executions.Cancel(es.CancelExecutionRequest(execution_id=found.executions[0].id))


@case("a cancelled stream frees the connection for the next call")
def _(c):
    made = triggered(c, "approval")
    for _ in range(50):
        stream = c.executions.Watch(es.WatchRequest(execution_id=made.id))
        next(stream)
        stream.cancel()
    equal(get(c, made.id).status, SUSPENDED, "status")
    c.executions.Cancel(es.CancelExecutionRequest(execution_id=made.id))


@case("gzip is understood both ways")
def _(c):
    with Connection.from_environment(compression=grpc.Compression.Gzip) as zipped:
        text = "zip " * 20_000
        execution = triggered(zipped, "echo", input_json=json.dumps({"text": text}))
        equal(json.loads(execution.output_json), {"said": text}, "output")


@case("who says gzip is answered in gzip, but where a message is too small to gain; nobody else is")
def _(c):
    text = "zip " * 20_000
    made = triggered(c, "echo", input_json=json.dumps({"text": text}))
    service = "/signalbox.v1.ExecutionService/"
    own = ("authorization", f"Bearer {os.environ['SIGNALBOX_TOKEN']}")
    accepts, says = ("grpc-accept-encoding", "identity,gzip"), ("grpc-encoding", "gzip")
    request = es.GetExecutionRequest(execution_id=made.id, view=FULL)

    def flag(method, request, *headers, compressed=False):
        head, [(flag, data)], trailers = raw_call(service + method, request, [own, *headers], compressed)
        equal(trailers.get("grpc-status"), "0", "status")
        return flag, head.get("grpc-encoding"), data

    for compressed in (True, False):
        found, encoding, data = flag("Get", request, accepts, says, compressed=compressed)
        equal((found, encoding), (1, "gzip"), "flag and encoding")
        expect(len(data) < len(text) / 10, f"found {len(data)} bytes")
        inside = execution_pb2.Execution.FromString(gzip.decompress(data))
        equal(json.loads(inside.output_json), {"said": text}, "output")
        equal(flag("Count", es.CountExecutionsRequest(), accepts, says, compressed=compressed)[0], 0,
              "flag of a small message")
    equal(flag("Get", request, accepts)[:2], (0, None), "a client that sends plain messages")
    equal(flag("Get", request, says)[:2], (0, None), "a client that takes plain messages")


@case("many calls at once on one connection each get their own answer")
def _(c):
    calls = [c.executions.Trigger.future(es.TriggerRequest(
        workflow_id="echo", input_json=json.dumps({"text": str(n)}), wait=MINUTE))
        for n in range(200)]
    for n, call in enumerate(calls):
        equal(json.loads(call.result().execution.output_json), {"said": str(n)}, f"call {n}")


@case("a token's role bounds what it may do, and a revoked token may nothing")
def _(c):
    secrets = {}
    for role in ("VIEWER", "OPERATOR", "EDITOR"):
        made = c.server.CreateToken(server_service_pb2.CreateTokenRequest(
            name=unique(role.lower()), role=getattr(server_service_pb2, f"ROLE_{role}")))
        secrets[role] = made.secret
        if role == "VIEWER":
            viewer_id = made.token.id
    execution = triggered(c, "three-noops")
    text = open_fixture("three-noops")
    calls = [
        ("VIEWER", lambda k: get(k, execution.id)),
        ("OPERATOR", lambda k: trigger(k, "three-noops")),
        ("EDITOR", lambda k: k.workflows.Put(
            workflow_service_pb2.PutWorkflowRequest(definition_json=text))),
        ("ADMIN", lambda k: k.server.ListTokens(server_service_pb2.ListTokensRequest())),
    ]
    order = ["VIEWER", "OPERATOR", "EDITOR", "ADMIN"]
    for role, secret in secrets.items():
        with Connection.from_environment(token=secret) as caller:
            for needed, call in calls:
                if order.index(role) >= order.index(needed):
                    call(caller)
                else:
                    refused(Code.PERMISSION_DENIED, call, caller)
    listed = c.server.ListTokens(server_service_pb2.ListTokensRequest(page_size=1000))
    expect(not any(secret in str(listed) for secret in secrets.values()), "no secret in a list")
    c.server.RevokeToken(server_service_pb2.RevokeTokenRequest(token_id=viewer_id))
    with Connection.from_environment(token=secrets["VIEWER"]) as caller:
        refused(Code.UNAUTHENTICATED, get, caller, execution.id)


def main():
    with Connection.from_environment() as connection:
        grpc.channel_ready_future(connection.raw).result(timeout=20)
        for name in ("three-noops", "echo", "approval", "two-approvals", "question", "long-wait",
                     "failing", "short-approval"):
            connection.put(name)
        run("python grpcio", connection)


main()

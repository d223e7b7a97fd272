#!/usr/bin/env python3
"""A stock client stops at breakpoints, pauses, steps on and looks into executions, also over kill -9.

Starts its own server, which some cases kill.
"""
import json
import sys

import grpc
from google.protobuf import duration_pb2

from cases import case, equal, expect, run
from connection import ROOT, Connection, refused, unique

sys.path.insert(0, str(ROOT / "Tests" / "StockClients"))
from with_server import CERTS, Server  # noqa: E402  (after the path that holds it)

from signalbox.v1 import control_service_pb2 as control  # noqa: E402
from signalbox.v1 import control_service_pb2_grpc  # noqa: E402
from signalbox.v1 import execution_pb2 as ex  # noqa: E402
from signalbox.v1 import execution_service_pb2 as es  # noqa: E402
from signalbox.v1 import interrupt_service_pb2 as inbox  # noqa: E402
from signalbox.v1 import interrupt_service_pb2_grpc  # noqa: E402
from signalbox.v1 import server_service_pb2 as server_pb  # noqa: E402
from signalbox.v1 import workflow_service_pb2 as ws  # noqa: E402

Code = grpc.StatusCode
CONTINUE, STOP, SKIP, WITHOUT = 1, 2, 3, 4


class Bench:
    """One server for all cases; restartable."""

    def __init__(self):
        self.server = Server()
        self.server.start()
        self.connect()

    def connect(self):
        self.root = Connection(self.server.address, CERTS / "ca.pem", self.server.token)
        self.executions = self.root.executions
        self.control = control_service_pb2_grpc.ControlServiceStub(self.root.channel)
        self.interrupts = interrupt_service_pb2_grpc.InterruptServiceStub(self.root.channel)

    def person(self, *groups):
        """Somebody of role operator, in these groups: a name and a connection."""
        token = self.root.server.CreateToken(server_pb.CreateTokenRequest(
            name=unique("person"), role=server_pb.ROLE_OPERATOR, groups=groups))
        return (f"token:{token.token.name}",
                Connection(self.server.address, CERTS / "ca.pem", token.secret))

    def inbox(self, channel=None, **filter):
        """All that an inbox holds, through pages of two."""
        stub = interrupt_service_pb2_grpc.InterruptServiceStub(channel) if channel \
            else self.interrupts
        found, token = [], ""
        while True:
            page = stub.ListInterrupts(inbox.ListInterruptsRequest(
                filter=inbox.InterruptFilter(**filter), page_size=2, page_token=token))
            found += page.interrupts
            token = page.next_page_token
            if not token:
                return found

    def crash(self):
        """kill -9, then the same server again."""
        address = self.server.address
        self.root.close()
        self.server.kill()
        self.server.start(address)
        self.connect()

    def put(self, nodes, edges):
        name = unique("step")
        self.root.workflows.Put(ws.PutWorkflowRequest(definition_json=json.dumps({
            "id": name,
            "nodes": [{"id": node, "type": kind, "data": data} for node, kind, data in nodes],
            "edges": [dict(zip(("source", "target"), edge)) for edge in edges]})))
        return name

    def chain(self, *kinds):
        """start → each of (id, kind, data) → end."""
        nodes = [("start", "start", {}), *kinds, ("end", "end", {})]
        return self.put(nodes, [(a[0], b[0]) for a, b in zip(nodes, nodes[1:])])

    def trigger(self, name, **more):
        return self.executions.Trigger(es.TriggerRequest(
            workflow_id=name, input_json='{"n":1}', wait=duration_pb2.Duration(seconds=20),
            **more)).execution

    def get(self, execution):
        return self.executions.Get(es.GetExecutionRequest(
            execution_id=execution.id, view=ex.EXECUTION_VIEW_FULL))

    def rest(self, execution):
        """Follows the events until it has ended or is suspended, and returns it."""
        now = self.get(execution)
        while now.status in (ex.EXECUTION_STATUS_QUEUED, ex.EXECUTION_STATUS_RUNNING):
            for batch in self.executions.Watch(es.WatchRequest(
                    execution_id=execution.id, after_sequence=now.last_sequence)):
                kinds = [event.WhichOneof("kind") for event in batch.events]
                if "execution_suspended" in kinds:
                    break
            now = self.get(execution)
        return now

    def go(self, execution, action=CONTINUE, **more):
        self.control.PauseControl(control.PauseControlRequest(
            execution_id=execution.id, action=action, **more))
        return self.rest(execution)

    def logs(self, execution, level=ex.LOG_LEVEL_DEBUG):
        return list(self.executions.GetLogs(es.GetLogsRequest(
            execution_id=execution.id, level=level, page_size=1_000)).entries)

    def end(self):
        self.root.close()
        self.server.stop()
        self.server.remove()


def stops(at=ex.BREAKPOINT_PLACE_UNSPECIFIED, nodes=ex.BREAKPOINT_SCOPE_ALL):
    return ex.Breakpoints(enabled=True, at=at, nodes=nodes)


@case("every node is held before its start, and its continue is recorded")
def _(bench):
    held = bench.trigger(bench.chain(("a", "noop", {})), breakpoints=stops())
    seen = []
    while held.status == ex.EXECUTION_STATUS_SUSPENDED:
        equal(held.reason, ex.EXECUTION_REASON_BREAKPOINT, "reason")
        equal(held.pause_reason, ex.PAUSE_REASON_BREAKPOINT, "pause reason")
        expect(held.next_wake_up, "expected a next wake-up")
        seen.append(held.paused_node_id)
        held = bench.go(held, reason="looked")
    equal(seen, ["start", "a", "end"], "held nodes")
    equal(held.status, ex.EXECUTION_STATUS_COMPLETED, "status")
    closed = [event.interrupt_closed for batch in bench.executions.Watch(
        es.WatchRequest(execution_id=held.id)) for event in batch.events
        if event.WhichOneof("kind") == "interrupt_closed"]
    equal({(c.outcome, c.responded_by != "", c.reason) for c in closed},
          {(45, True, "looked")}, "how breakpoints were closed")


@case("a marked node is held behind its end with its result, over kill -9")
def _(bench):
    name = bench.chain(("a", "noop", {}), ("b", "noop", {"breakpoint": "post"}), ("c", "noop", {}))
    held = bench.trigger(name, breakpoints=stops(nodes=ex.BREAKPOINT_SCOPE_MARKED))
    equal(held.paused_node_id, "b", "held node")
    bench.crash()
    held = bench.get(held)
    equal((held.paused_node_id, held.current_node_id), ("b", "b"), "held and current node")
    node = next(node for node in held.node_executions if node.node_id == "b")
    equal((node.status, json.loads(node.output_json)),
          (ex.NODE_STATUS_COMPLETED, {"n": 1}), "the held node")
    equal([n.node_id for n in held.node_executions if n.node_id == "c"], [], "what follows")
    equal(bench.go(held).status, ex.EXECUTION_STATUS_COMPLETED, "status")


@case("a node is held on both sides, and one that is marked for one side on that alone")
def _(bench):
    def sides(name, at, nodes):
        held, seen = bench.trigger(name, breakpoints=stops(at, nodes)), []
        while held.status == ex.EXECUTION_STATUS_SUSPENDED:
            seen += [(i.node_id, i.place) for i in held.interrupts]
            held = bench.go(held)
        equal(held.status, ex.EXECUTION_STATUS_COMPLETED, "status")
        return seen
    pre, post, both = (
        ex.BREAKPOINT_PLACE_PRE, ex.BREAKPOINT_PLACE_POST, ex.BREAKPOINT_PLACE_BOTH)
    one = bench.chain(("a", "noop", {}))
    equal(sides(one, both, ex.BREAKPOINT_SCOPE_ALL),
          [(node, side) for node in ("start", "a", "end") for side in (pre, post)], "all, both")
    marks = bench.chain(("a", "noop", {"breakpoint": "both"}), ("b", "noop", {"breakpoint": "pre"}),
                        ("c", "noop", {"breakpoint": "post"}), ("d", "noop", {}))
    equal(sides(marks, ex.BREAKPOINT_PLACE_UNSPECIFIED, ex.BREAKPOINT_SCOPE_MARKED),
          [("a", pre), ("a", post), ("b", pre), ("c", post)], "as they are marked")
    equal(sides(marks, post, ex.BREAKPOINT_SCOPE_MARKED), [("a", post), ("c", post)],
          "as they are marked, behind nodes only")


@case("nodes within a loop are held in each body, by their paths, over kill -9")
def _(bench):
    body = {"nodes": [{"id": "s", "type": "start"},
                      {"id": "x", "type": "noop", "data": {"breakpoint": True}},
                      {"id": "e", "type": "end"}],
            "edges": [{"source": "s", "target": "x"}, {"source": "x", "target": "e"}]}
    name = bench.chain(("each", "foreach", {"items": [10, 20], "concurrency": 2, "body": body}))
    held = bench.trigger(name, breakpoints=stops(nodes=ex.BREAKPOINT_SCOPE_MARKED))
    ids = ["each[0].x#1", "each[1].x#1"]
    equal([i.id for i in held.interrupts], ids, "held nodes")
    refused(Code.FAILED_PRECONDITION, lambda: bench.go(held), reason="INTERRUPT_AMBIGUOUS")
    bench.crash()
    held = bench.go(held, interrupt_id=ids[1])
    equal([i.id for i in held.interrupts], ids[:1], "held nodes")
    held = bench.go(held, SKIP)
    equal((held.status, json.loads(held.output_json)),
          (ex.EXECUTION_STATUS_COMPLETED, [10, 20]), "how it ended")


@case("a skip bypasses the node and nothing else")
def _(bench):
    name = bench.chain(("a", "set", {"value": {"n": 2}, "breakpoint": True}))
    held = bench.trigger(name, breakpoints=stops(nodes=ex.BREAKPOINT_SCOPE_MARKED))
    ended = bench.go(held, SKIP)
    equal((ended.status, json.loads(ended.output_json)),
          (ex.EXECUTION_STATUS_COMPLETED, {"n": 1}), "the end")


@case("a skip passes over no child that may ask people, and one that nobody waits for")
def _(bench):
    asks = bench.chain(("ok", "approval", {"message": "go?"}))
    for wait in (True, False):
        call = {"workflowId": asks, "wait": wait, "breakpoint": True}
        name = bench.chain(("call", "workflow", call))
        held = bench.trigger(name, breakpoints=stops(nodes=ex.BREAKPOINT_SCOPE_MARKED))
        skip = control.PauseControlRequest(execution_id=held.id, action=SKIP)
        if wait:
            refused(Code.FAILED_PRECONDITION, bench.control.PauseControl, skip,
                    reason="SKIP_IMPOSSIBLE")
            bench.go(held, STOP)
        else:
            ended = bench.go(held, SKIP)
            equal((ended.status, json.loads(ended.output_json)),
                  (ex.EXECUTION_STATUS_COMPLETED, {"n": 1}), "the end")


@case("a stop cancels, and continue-without-breakpoint stops nowhere any more")
def _(bench):
    name = bench.chain(("a", "noop", {}), ("b", "noop", {}))
    stopped = bench.go(bench.trigger(name, breakpoints=stops()), STOP)
    equal(stopped.status, ex.EXECUTION_STATUS_CANCELLED, "status after stop")
    ended = bench.go(bench.trigger(name, breakpoints=stops()), WITHOUT)
    equal(ended.status, ex.EXECUTION_STATUS_COMPLETED, "status after continue")


@case("a bypassed node and one that is not marked are not held")
def _(bench):
    name = bench.chain(("a", "set", {"value": 5, "bypass": True}), ("b", "noop", {}))
    ended = bench.trigger(name, breakpoints=stops(nodes=ex.BREAKPOINT_SCOPE_MARKED))
    equal((ended.status, json.loads(ended.output_json)),
          (ex.EXECUTION_STATUS_COMPLETED, {"n": 1}), "the end")


@case("an answer does not continue a breakpoint, and pause control answers no approval")
def _(bench):
    name = bench.chain(("ok", "approval", {"message": "go?", "breakpoint": True}))
    held = bench.trigger(name, breakpoints=stops(nodes=ex.BREAKPOINT_SCOPE_MARKED))
    approve = es.RespondRequest(execution_id=held.id, decision=es.DECISION_APPROVE)
    refused(Code.FAILED_PRECONDITION, bench.executions.Respond, approve,
            reason="INTERRUPT_NEEDS_CONTINUE")
    go = control.PauseControlRequest(execution_id=held.id, action=SKIP)
    refused(Code.FAILED_PRECONDITION, bench.control.PauseControl, go, reason="SKIP_IMPOSSIBLE")
    waiting = bench.go(held)
    equal(waiting.reason, ex.EXECUTION_REASON_APPROVAL, "reason")
    equal(waiting.pause_reason, ex.PAUSE_REASON_UNSPECIFIED, "pause reason of an approval")
    for action in (CONTINUE, STOP, SKIP, WITHOUT):
        go.action = action
        refused(Code.FAILED_PRECONDITION, bench.control.PauseControl, go, reason="NOT_PAUSED")
    go.interrupt_id = waiting.interrupts[0].id
    refused(Code.FAILED_PRECONDITION, bench.control.PauseControl, go,
            reason="INTERRUPT_NEEDS_ANSWER")
    bench.executions.Respond(approve)
    refused(Code.FAILED_PRECONDITION, bench.control.PauseControl, control.PauseControlRequest(
        execution_id=held.id, action=CONTINUE), reason="EXECUTION_FINAL")


@case("a pause holds the whole execution over kill -9, and is resumed once")
def _(bench):
    name = bench.chain(("w", "wait", {"duration": "1h"}))
    waiting = bench.executions.Trigger(es.TriggerRequest(workflow_id=name)).execution
    paused = bench.control.Pause(control.PauseRequest(
        execution_id=waiting.id, reason="look", request_id="p"))
    equal((paused.status, paused.reason, paused.pause_reason),
          (ex.EXECUTION_STATUS_SUSPENDED, ex.EXECUTION_REASON_PAUSE, ex.PAUSE_REASON_PAUSE),
          "how it stands")
    refused(Code.FAILED_PRECONDITION, bench.control.Pause,
            control.PauseRequest(execution_id=waiting.id), reason="ALREADY_PAUSED")
    bench.crash()
    again = bench.control.Pause(control.PauseRequest(
        execution_id=waiting.id, reason="look", request_id="p"))
    equal(again.reason, ex.EXECUTION_REASON_PAUSE, "a repeat with its request id")
    refused(Code.FAILED_PRECONDITION, bench.executions.Respond, es.RespondRequest(
        execution_id=waiting.id, decision=es.DECISION_APPROVE), reason="INTERRUPT_NEEDS_CONTINUE")
    resumed = bench.control.Resume(control.ResumeRequest(execution_id=waiting.id))
    equal(resumed.status, ex.EXECUTION_STATUS_RUNNING, "status after resume")
    expect(resumed.HasField("waiting_until"), "expected the timer to be pending")
    refused(Code.FAILED_PRECONDITION, bench.control.Resume,
            control.ResumeRequest(execution_id=waiting.id), reason="NOT_PAUSED")
    bench.executions.Cancel(es.CancelExecutionRequest(execution_id=waiting.id))


@case("of a pause and a cancel, an end is an end")
def _(bench):
    name = bench.chain(("w", "wait", {"duration": "1h"}))
    waiting = bench.executions.Trigger(es.TriggerRequest(workflow_id=name)).execution
    bench.control.Pause(control.PauseRequest(execution_id=waiting.id))
    ended = bench.executions.Cancel(es.CancelExecutionRequest(execution_id=waiting.id))
    equal((ended.status, len(ended.interrupts), ended.next_wake_up),
          (ex.EXECUTION_STATUS_CANCELLED, 0, ""), "the end")
    for call, request in ((bench.control.Pause, control.PauseRequest),
                          (bench.control.Resume, control.ResumeRequest),
                          (bench.control.SetTraceLogs, control.SetTraceLogsRequest)):
        refused(Code.FAILED_PRECONDITION, call, request(execution_id=waiting.id),
                reason="EXECUTION_FINAL")


@case("trace logs, turned on in a live run, tell what nodes got and gave, also after kill -9")
def _(bench):
    name = bench.chain(("a", "noop", {}), ("b", "set", {"value": {"x": "${.input.n}"}}))
    held = bench.trigger(name, breakpoints=stops())
    equal([line for line in bench.logs(held) if line.input_json], [], "untraced lines")
    expect(bench.control.SetTraceLogs(control.SetTraceLogsRequest(
        execution_id=held.id, enabled=True)).trace_logs, "expected trace_logs")
    bench.crash()
    ended = bench.go(held, WITHOUT)
    lines = bench.logs(ended)
    got = {line.node_id: json.loads(line.input_json) for line in lines if line.input_json}
    gave = {line.node_id: json.loads(line.output_json) for line in lines if line.output_json}
    equal(got["b"], {"n": 1}, "what b got")
    equal(gave["b"], {"x": 1}, "what b gave")
    expect(all(line.level == ex.LOG_LEVEL_DEBUG for line in lines
               if line.input_json or line.output_json), "expected DEBUG lines")


@case("two of three people approve, each once, and partial votes are seen, also over kill -9")
def _(bench):
    name = bench.chain(("ok", "approval", {"message": "go?", "approvals": 2, "groups": ["ops"]}))
    held = bench.trigger(name)
    (first, one), (second, two), (_, stranger) = (
        bench.person("ops"), bench.person("ops", "more"), bench.person("other"))
    approve = es.RespondRequest(
        execution_id=held.id, decision=es.DECISION_APPROVE, reason="fine", data_json='{"n":1}')
    refused(Code.PERMISSION_DENIED, stranger.executions.Respond, approve, reason="NOT_ASSIGNED")
    after = one.executions.Respond(approve)
    equal((after.status, [vote.principal for vote in after.interrupts[0].votes]),
          (ex.EXECUTION_STATUS_SUSPENDED, [first]), "after one vote")
    refused(Code.FAILED_PRECONDITION, one.executions.Respond, approve, reason="ALREADY_VOTED")
    for connection in (one, two, stranger):
        connection.close()
    bench.crash()
    vote = bench.get(held).interrupts[0].votes[0]
    equal((vote.principal, vote.reason, vote.data_json), (first, "fine", '{"n":1}'), "the vote")
    expect(vote.HasField("time"), "expected when")
    again = bench.person("ops")
    third, connection = again
    ended = connection.executions.Respond(approve)
    connection.close()
    equal(ended.status, ex.EXECUTION_STATUS_COMPLETED, "status")
    output = json.loads(bench.get(held).output_json)
    equal([vote["respondedBy"] for vote in output["approvals"]], [first, third], "who approved")


@case("whoever triggered an execution may not approve it where that is asked for")
def _(bench):
    name = bench.chain(("ok", "approval", {"noSelfApproval": True}))
    held = bench.trigger(name)
    approve = es.RespondRequest(execution_id=held.id, decision=es.DECISION_APPROVE)
    refused(Code.PERMISSION_DENIED, bench.executions.Respond, approve, reason="SELF_APPROVAL")
    _, other = bench.person()
    equal(other.executions.Respond(approve).status, ex.EXECUTION_STATUS_COMPLETED, "status")
    other.close()


@case("the data of an approval satisfies its schema")
def _(bench):
    schema = {"type": "object", "required": ["cost"], "properties": {"cost": {"type": "integer"}}}
    held = bench.trigger(bench.chain(("ok", "approval", {"schema": schema})))
    equal(json.loads(held.interrupts[0].schema_json), schema, "the schema shown")
    approve = es.RespondRequest(execution_id=held.id, decision=es.DECISION_APPROVE)
    for data in ("", '{"cost":"x"}'):
        approve.data_json = data
        refused(Code.INVALID_ARGUMENT, bench.executions.Respond, approve, reason="ANSWER_INVALID")
    approve.data_json = '{"cost":3}'
    equal(bench.executions.Respond(approve).status, ex.EXECUTION_STATUS_COMPLETED, "status")


@case("a deadline is reminded of before it comes, and its action is taken")
def _(bench):
    name = bench.chain(("ok", "approval", {
        "deadline": "900ms", "onDeadline": "approve",
        "reminders": [{"after": "200ms"}, {"before": "300ms"}]}))
    held = bench.trigger(name)
    events = [event for batch in bench.executions.Watch(es.WatchRequest(execution_id=held.id))
              for event in batch.events]
    kinds = [event.WhichOneof("kind") for event in events]
    equal(kinds.count("interrupt_reminded"), 2, "reminders")
    equal(kinds[-1], "execution_completed", "the end")
    expect(kinds.index("interrupt_closed") > kinds.index("interrupt_reminded"), "in order")


@case("a deadline approves, rejects, fails or leads another way, as the node says")
def _(bench):
    nodes = [("start", "start", {}), ("ok", "approval", {}), ("yes", "set", {"value": "yes"}),
             ("no", "set", {"value": "no"}), ("late", "set", {"value": "late"}), ("end", "end", {})]

    def ended(action):
        name = unique("deadline")
        data = {"message": "go?", "deadline": "50ms", "onDeadline": action}
        ways = [("approved", "yes"), ("rejected", "no")]
        if action == "route":
            ways.append(("deadline", "late"))
        listed = [node for node in nodes if action == "route" or node[0] != "late"]
        bench.root.workflows.Put(ws.PutWorkflowRequest(definition_json=json.dumps({
            "id": name, "nodes": [{"id": node, "type": kind, "data": data if node == "ok" else more}
                                  for node, kind, more in listed],
            "edges": [{"source": "start", "target": "ok"}]
            + [{"source": "ok", "sourceHandle": way, "target": node} for way, node in ways]
            + [{"source": node, "target": "end"} for _, node in ways]})))
        made = bench.executions.Trigger(es.TriggerRequest(workflow_id=name)).execution
        for _ in bench.executions.Watch(es.WatchRequest(execution_id=made.id)):
            pass
        return bench.get(made)
    for action, output in (("approve", "yes"), ("reject", "no"), ("route", "late")):
        equal(json.loads(ended(action).output_json), output, action)
    failed = ended("fail")
    equal((failed.status, failed.reason, failed.error.code),
          (ex.EXECUTION_STATUS_FAILED, ex.EXECUTION_REASON_TIMED_OUT, "DEADLINE_PASSED"), "fail")


@case("the inbox lists what is open, by whom it is meant for, by type and by workflow")
def _(bench):
    person, connection = bench.person("inbox-group")
    mine = bench.trigger(bench.chain(("a", "approval", {"assignees": [person]})))
    group = bench.trigger(bench.chain(("a", "approval", {"groups": ["inbox-group"]})))
    theirs = bench.trigger(bench.chain(("a", "ask", {"assignees": ["token:nobody"]})))
    held = bench.trigger(bench.chain(("a", "noop", {})), breakpoints=stops())

    def ids(**filter):
        return [open.execution_id for open in bench.inbox(**filter)]

    equal(ids(assignee=person), [mine.id], "by assignee")
    equal(ids(group="inbox-group"), [group.id], "by group")
    equal(ids(workflow_id=theirs.workflow_id), [theirs.id], "by workflow")
    expect(held.id in ids(types=[ex.INTERRUPT_TYPE_BREAKPOINT]), "expected the breakpoint")
    expect(theirs.id in ids(types=[ex.INTERRUPT_TYPE_QUESTION]), "expected the question")
    own = [open.execution_id for open in bench.inbox(connection.channel, mine=True)]
    expect({mine.id, group.id, held.id} <= set(own) and theirs.id not in own, f"mine: {own}")
    every = ids()
    equal(len(every), len(set(every)), "repeats")
    expect({mine.id, group.id, theirs.id, held.id} <= set(every), "expected all")
    connection.executions.Respond(es.RespondRequest(
        execution_id=mine.id, decision=es.DECISION_APPROVE))
    equal(ids(assignee=person), [], "after the answer")
    bench.crash()
    connection.close()
    equal(ids(group="inbox-group"), [group.id], "after a crash")
    refused(Code.INVALID_ARGUMENT, bench.interrupts.ListInterrupts, inbox.ListInterruptsRequest(
        filter=inbox.InterruptFilter(assignee="a", mine=True)))
    bench.go(held, STOP)


@case("what a pause control asks must be said")
def _(bench):
    held = bench.trigger(bench.chain(("a", "noop", {})), breakpoints=stops())
    refused(Code.INVALID_ARGUMENT, bench.control.PauseControl,
            control.PauseControlRequest(execution_id=held.id))
    refused(Code.NOT_FOUND, bench.control.PauseControl, control.PauseControlRequest(
        execution_id=held.id, action=CONTINUE, interrupt_id="zz#1"),
        reason="INTERRUPT_NOT_FOUND")
    refused(Code.INVALID_ARGUMENT, bench.executions.Trigger, es.TriggerRequest(
        workflow_id="x", breakpoints=ex.Breakpoints(enabled=True, at=99)))
    bench.go(held, STOP)


if __name__ == "__main__":
    shared = Bench()
    try:
        run("step", shared)
    finally:
        shared.end()

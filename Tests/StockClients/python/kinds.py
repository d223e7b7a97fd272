#!/usr/bin/env python3
"""Stock clients run workflows with loops, caught errors, children, pauses and events."""
import json
import os
import pathlib

import grpc

from cases import case, equal, expect, run
from connection import Connection, refused, unique

from signalbox.v1 import event_service_pb2 as ev
from signalbox.v1 import execution_pb2 as ex
from signalbox.v1 import execution_service_pb2 as es
from signalbox.v1 import workflow_service_pb2 as ws

Code = grpc.StatusCode
LOOPS = 3
# What one loop after another may add, in MiB.
GROWN_MAX = 24


def chain(*nodes):
    """A graph start → nodes … → end."""
    everything = [{"id": "start", "type": "start"}, *nodes, {"id": "end", "type": "end"}]
    return {"nodes": everything, "edges": [
        {"source": a["id"], "target": b["id"]} for a, b in zip(everything, everything[1:])]}


def node(id, type, **data):
    return {"id": id, "type": type, "data": data}


def save(c, graph, id=None):
    id = id or unique("kinds")
    c.workflows.Put(ws.PutWorkflowRequest(definition_json=json.dumps({"id": id, **graph})))
    return id


def trigger(c, workflow, input=None, wait=20):
    request = es.TriggerRequest(workflow_id=workflow, input_json=json.dumps(input))
    if wait:
        request.wait.FromSeconds(wait)
    return c.executions.Trigger(request, timeout=wait + 10).execution


def get(c, id, view=ex.EXECUTION_VIEW_FULL):
    return c.executions.Get(es.GetExecutionRequest(execution_id=id, view=view))


def events(c, id):
    for batch in c.executions.Watch(es.WatchRequest(execution_id=id)):
        yield from batch.events


def ended(c, id):
    """The execution once its stream has ended."""
    for _ in events(c, id):
        pass
    return get(c, id)


def respond(c, id, **fields):
    return c.executions.Respond(es.RespondRequest(execution_id=id, **fields))


@case("a loop yields its items' outputs in order, and every node of its bodies can be listed")
def _(c):
    body = chain(node("twice", "set", value="${ .item * 2 }"), node("work", "noop"))
    flow = save(c, chain(node("each", "foreach", items="${ .input }", concurrency=3, body=body)))
    execution = trigger(c, flow, list(range(20)))
    equal(execution.status, ex.EXECUTION_STATUS_COMPLETED, "status")
    equal(json.loads(execution.output_json), [2 * n for n in range(20)], "output")
    found, token = {}, ""
    while True:
        page = c.executions.ListNodeExecutions(es.ListNodeExecutionsRequest(
            execution_id=execution.id, page_size=7, page_token=token,
            view=ex.EXECUTION_VIEW_FULL))
        expect(len(page.node_executions) <= 7, "at most seven a page")
        found.update({n.node_path: n for n in page.node_executions})
        token = page.next_page_token
        if not token:
            break
    for n in range(20):
        equal(found[f"each[{n}].twice"].input_json, str(n), "a body's input")
        equal(found[f"each[{n}].work"].output_json, str(2 * n), "a body's output")
    one = c.executions.GetNodeExecution(es.GetNodeExecutionRequest(
        execution_id=execution.id, node_path="each[7].twice"))
    equal(one, found["each[7].twice"], "the one and the listed")


@case("a watcher sees at most as many bodies at once as the loop allows")
def _(c):
    flow = save(c, chain(node("each", "foreach", items="${ .input }", concurrency=2,
                              body=chain(node("work", "noop")))))
    execution = trigger(c, flow, list(range(30)))
    active = most = begun = 0
    for event in events(c, execution.id):
        if event.HasField("body_started"):
            equal(event.body_started.index, begun, "the next item")
            begun += 1
            active += 1
            most = max(most, active)
        elif event.HasField("body_ended"):
            active -= 1
    equal((begun, most, active), (30, 2, 0), "begun, at once, left")


@case("an item that fails fails the loop, or is collected")
def _(c):
    body = chain(node("check", "if", condition="${ .item == 2 }"))
    body["nodes"].insert(2, node("boom", "fail", code="BOOM", message="two"))
    body["edges"] = [
        {"source": "start", "target": "check"},
        {"source": "check", "sourceHandle": "true", "target": "boom"},
        {"source": "check", "sourceHandle": "false", "target": "end"}]
    strict = save(c, chain(node("each", "foreach", items="${ .input }", body=body)))
    failed = trigger(c, strict, [1, 2, 3])
    equal((failed.status, failed.error.code, failed.error.node_path),
          (ex.EXECUTION_STATUS_FAILED, "BOOM", "each[1].boom"), "the failure")
    lenient = save(c, chain(node("each", "foreach", items="${ .input }", body=body,
                                 onItemError="collect")))
    output = json.loads(trigger(c, lenient, [1, 2, 3]).output_json)
    equal(output, [{"output": 1}, {"error": {"code": "BOOM", "message": "two"}}, {"output": 3}],
          "what was collected")


@case("interrupts within bodies are answered by their path, and a cancel reaches them")
def _(c):
    flow = save(c, chain(node("each", "foreach", items="${ .input }",
                              body=chain(node("ok", "ask", message="${ .item }")))))
    held = trigger(c, flow, ["a", "b", "c"])
    equal((held.status, held.reason), (ex.EXECUTION_STATUS_SUSPENDED,
                                       ex.EXECUTION_REASON_QUESTION), "state")
    equal([i.id for i in held.interrupts], [f"each[{n}].ok#1" for n in range(3)], "interrupts")
    expect("each[0].ok#1" in held.next_wake_up, f"the wake-up, found {held.next_wake_up}")
    for n in (2, 0):
        respond(c, held.id, interrupt_id=f"each[{n}].ok#1", data_json=str(n))
    refused(Code.FAILED_PRECONDITION, respond, c, held.id, interrupt_id="each[2].ok#1",
            data_json="5", reason="INTERRUPT_CLOSED")
    respond(c, held.id, data_json="1")
    equal(json.loads(ended(c, held.id).output_json), [0, 1, 2], "output")
    other = trigger(c, flow, ["a", "b"])
    c.executions.Cancel(es.CancelExecutionRequest(execution_id=other.id, reason="enough"))
    over = get(c, other.id)
    equal((over.status, len(over.interrupts)), (ex.EXECUTION_STATUS_CANCELLED, 0), "cancelled")
    states = {n.node_path: n.status for n in over.node_executions}
    equal(states["each[1].ok"], ex.NODE_STATUS_CANCELLED, "the node of a body")


@case("an error is caught by its code, and finally runs whatever happened")
def _(c):
    guard = node("guard", "try",
                 body=chain(node("boom", "fail", code="BOOM", message="${ .input }")),
                 catch=[{"on": ["OTHER"], "body": chain(node("no", "noop"))},
                        {"on": ["BOOM"], "body": chain(
                            node("note", "set", value="${ .input.code + \" \" + .error.message }"))}],
                 **{"finally": chain(node("last", "log", message="done"))})
    execution = trigger(c, save(c, chain(guard)), "why")
    equal(execution.output_json, '"BOOM why"', "output")
    states = {n.node_path: n.status for n in execution.node_executions}
    equal(states["guard.try.boom"], ex.NODE_STATUS_FAILED, "what failed")
    equal(states["guard.finally.last"], ex.NODE_STATUS_COMPLETED, "what ran at last")
    expect("guard.catch[0].no" not in states, "the other clause did not run")
    log = c.executions.GetLogs(es.GetLogsRequest(execution_id=execution.id))
    expect(any(e.message == "done" for e in log.entries), "the log of finally")


@case("a body with faults is refused with the paths of its nodes")
def _(c):
    graph = chain(node("each", "foreach", items=[], body=chain(node("x", "set"))))
    faults = c.workflows.Validate(ws.ValidateWorkflowRequest(
        definition_json=json.dumps(graph))).faults
    equal([(f.code, f.node_id) for f in faults], [("MISSING_FIELD", "each[].x")], "faults")


def resident():
    """MiB of memory that the server has in use."""
    status = pathlib.Path(f"/proc/{os.environ['SIGNALBOX_PID']}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


@case("loops of ten thousand items end, one after the other, and memory stays flat")
def _(c):
    flow = save(c, chain(node("each", "foreach", items="${ [range(10000)] }", concurrency=50,
                              body=chain(node("next", "set", value="${ .item }"),
                                         node("work", "noop")))))
    memory = []
    for _ in range(LOOPS):
        execution, most = trigger(c, flow, wait=0), 0
        last = None
        for batch in c.executions.Watch(es.WatchRequest(execution_id=execution.id), timeout=300):
            last, most = batch.events[-1], max(most, resident())
        equal(json.loads(last.execution_completed.output_json), list(range(10000)), "output")
        memory.append(most)
    told = ", ".join(f"{most:.0f}" for most in memory)
    print(f"          resident at most, of each loop: {told} MiB")
    expect(memory[-1] < memory[0] + GROWN_MAX, f"flat memory, found {told} MiB")


def publish(c, name, key="", data=None, id=""):
    return c.events.PublishEvent(ev.PublishEventRequest(
        name=name, key=key, data_json=json.dumps(data), event_id=id))


@case("a child's output is the node's; while it is waited for, the parent names it")
def _(c):
    child = save(c, chain(node("ask", "ask", message="?")))
    flow = save(c, chain(node("call", "workflow", workflowId=child, input={"n": "${ .input }"})))
    parent = trigger(c, flow, 4, wait=0)
    for event in events(c, parent.id):
        if event.HasField("node_delegated"):
            child_id = event.node_delegated.reference
            break
    held = get(c, child_id)
    equal((held.parent_id, held.trigger, json.loads(held.input_json)),
          (parent.id, ex.TRIGGER_KIND_PARENT, {"n": 4}), "the child")
    waiting = get(c, parent.id)
    equal(waiting.status, ex.EXECUTION_STATUS_RUNNING, "the parent")
    expect(child_id in waiting.next_wake_up, f"the wake-up, found {waiting.next_wake_up}")
    call = next(n for n in waiting.node_executions if n.node_path == "call")
    equal(call.child_id, child_id, "the node's child")
    for event in events(c, child_id):
        if event.HasField("execution_suspended"):
            break
    respond(c, child_id, data_json='"yes"')
    equal(ended(c, parent.id).output_json, '"yes"', "output")


@case("a cancel of the parent reaches the child, unless the child is abandoned")
def _(c):
    child = save(c, chain(node("ask", "ask", message="?")))
    for policy, status in (("cancel", ex.EXECUTION_STATUS_CANCELLED),
                           ("abandon", ex.EXECUTION_STATUS_SUSPENDED)):
        flow = save(c, chain(node("call", "workflow", workflowId=child, onParentEnd=policy)))
        parent = trigger(c, flow, wait=0)
        for event in events(c, parent.id):
            if event.HasField("node_delegated"):
                child_id = event.node_delegated.reference
                break
        for event in events(c, child_id):
            if event.HasField("execution_suspended"):
                break
        c.executions.Cancel(es.CancelExecutionRequest(execution_id=parent.id))
        if policy == "cancel":
            equal(ended(c, child_id).ended_by, f"execution:{parent.id}", "who ended it")
        equal(get(c, child_id).status, status, policy)


@case("a child that fails is caught by its code, and one that is not waited for goes on alone")
def _(c):
    failing = save(c, {"nodes": [{"id": "s", "type": "start"},
                                 node("f", "fail", code="BOOM", message="no")],
                       "edges": [{"source": "s", "target": "f"}]})
    guard = node("guard", "try", body=chain(node("call", "workflow", workflowId=failing)),
                 catch=[{"on": ["BOOM"], "body": chain(node("note", "set", value="caught"))}])
    equal(trigger(c, save(c, chain(guard))).output_json, '"caught"', "output")
    free = save(c, chain(node("call", "workflow", workflowId=failing, wait=False)))
    parent = trigger(c, free)
    equal(parent.status, ex.EXECUTION_STATUS_COMPLETED, "the parent")
    child = ended(c, json.loads(parent.output_json)["id"])
    equal((child.status, child.error.code), (ex.EXECUTION_STATUS_FAILED, "BOOM"), "the child")


@case("a workflow that is its own child ends at the depth limit")
def _(c):
    name = unique("deep")
    flow = save(c, chain(node("call", "workflow", workflowId=name)), name)
    deep = ended(c, trigger(c, flow, wait=0).id)
    equal((deep.status, deep.error.code), (ex.EXECUTION_STATUS_FAILED, "CHILD_TOO_DEEP"), "how")
    expect("16" in deep.error.message, f"the limit is named: {deep.error.message}")


@case("a pause lasts until Respond lets it go on")
def _(c):
    held = trigger(c, save(c, chain(node("look", "wait", pause=True, message="look"))), 5)
    equal((held.status, held.reason), (ex.EXECUTION_STATUS_SUSPENDED, ex.EXECUTION_REASON_PAUSE),
          "state")
    equal((held.interrupts[0].type, held.interrupts[0].message),
          (ex.INTERRUPT_TYPE_PAUSE, "look"), "the interrupt")
    respond(c, held.id)
    equal(ended(c, held.id).output_json, "5", "output")


@case("an event reaches the nodes that wait for its name and key, once for its id")
def _(c):
    name = unique("paid")
    flow = save(c, chain(node("paid", "event", event=name, key="${ .input }")))
    held = [trigger(c, flow, key) for key in ("a", "a", "b")]
    equal({(h.status, h.reason) for h in held},
          {(ex.EXECUTION_STATUS_SUSPENDED, ex.EXECUTION_REASON_EVENT)}, "state")
    expect(name in held[0].next_wake_up, f"the wake-up, found {held[0].next_wake_up}")
    equal((held[2].interrupts[0].event_name, held[2].interrupts[0].correlation_key),
          (name, "b"), "the interrupt")
    first = publish(c, name, "a", {"n": 1}, id=unique("event"))
    equal(list(first.event.recipients), sorted(h.number for h in held[:2]), "recipients")
    again = publish(c, name, "a", {"n": 1}, id=first.event.event_id)
    equal((again.existing, again.event), (True, first.event), "a repeat")
    refused(Code.ALREADY_EXISTS, publish, c, name, "a", {"n": 2}, id=first.event.event_id,
            reason="EVENT_MISMATCH")
    equal([ended(c, h.id).output_json for h in held[:2]], ['{"n": 1}'] * 2, "outputs")
    equal(get(c, held[2].id).status, ex.EXECUTION_STATUS_SUSPENDED, "the other key")


@case("an event that comes early is kept and taken once, the oldest first")
def _(c):
    name = unique("early")
    ids = [publish(c, name, "k", n).event.event_id for n in (1, 2)]
    kept = [e for e in c.events.ListKeptEvents(ev.ListKeptEventsRequest(page_size=1000)).events
            if e.name == name]
    equal([(e.event_id, e.data_json) for e in kept], list(zip(ids, ("1", "2"))), "what is kept")
    flow = save(c, chain(node("wait", "event", event=name, key="k")))
    equal([ended(c, trigger(c, flow).id).output_json for _ in range(2)], ["1", "2"], "taken")
    equal(trigger(c, flow).status, ex.EXECUTION_STATUS_SUSPENDED, "none is left")


@case("a bad event is refused with what is wrong")
def _(c):
    for fields in ({}, {"name": "n" * 129}, {"name": "n", "key": "k" * 257},
                   {"name": "n", "data_json": "{"}, {"name": "n", "event_id": "i" * 129}):
        refused(Code.INVALID_ARGUMENT, c.events.PublishEvent, ev.PublishEventRequest(**fields))


def main():
    with Connection.from_environment() as c:
        grpc.channel_ready_future(c.raw).result(timeout=20)
        run("kinds", c)


main()

#!/usr/bin/env python3
"""kill -9 under load at random moments, over and over on one store, then what must hold.

    crash_test.py [--rounds 20] [--seed N] [--callers 8]

A stock grpcio client triggers, answers and reads while the server is killed. Everything that was
acknowledged is remembered on this side. Afterwards, and after the last restart has let every
execution come to rest:
  1. every acknowledged trigger is there, under its id, and not in a worse place than acknowledged
  2. every acknowledged answer is in the journal, as it was given, exactly once, and what was
     acknowledged as cancelled has stayed cancelled
  3. no recorded step ran again: a node completes once, its attempts count up by one, an attempt
     starts again only after the journal says it was interrupted, and the outside saw a node's
     effect at most once per attempt, always with the same token
  4. watching from sequence 0 gives every event once, in order, ending in the final one; and what a
     watcher saw before a crash is what the journal still says
  5. a loop ran one body for each item and yields them in order, a caught error ran its clause and
     `finally` once, and a node's child was made once: parents have the children their journals name,
     and no child is without its parent's word
  6. an unacknowledged trigger repeated with its request_id makes one execution and no second one
  7. the kills were hard: they did hit steps that were running
"""
import argparse
import json
import pathlib
import random
import re
import sys
import threading
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "StockClients"),
                str(HERE.parent / "StockClients" / "python")]

import grpc  # noqa: E402  (after the paths)
from google.protobuf import duration_pb2  # noqa: E402

from connection import Connection, unique  # noqa: E402
from effects import Effects  # noqa: E402
from with_server import CERTS, Server  # noqa: E402
from signalbox.v1 import event_pb2, execution_pb2, workflow_service_pb2  # noqa: E402
from signalbox.v1 import execution_service_pb2 as es  # noqa: E402

LIVE_SECONDS = (0.3, 1.5)
REST_SECONDS_MAX = 120
# As the workflows write node paths into URLs.
BRACKETS = r"[].[]"
LOOP_ITEMS, FAMILY_ITEMS = 6, 3
CANCELLED = execution_pb2.EXECUTION_STATUS_CANCELLED
FINAL = {execution_pb2.EXECUTION_STATUS_COMPLETED, execution_pb2.EXECUTION_STATUS_FAILED,
         CANCELLED}


def is_lost(error):
    """Whether a call failed because the server is gone, and not because it answered wrongly."""
    if error.code() in (grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL):
        return "stream removed" in (error.details() or "").lower()
    return error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)


def definition(name, nodes, edges):
    return json.dumps({
        "id": name,
        "nodes": [{"id": node, "type": kind, "data": data} for node, kind, data in nodes],
        "edges": [dict(zip(("source", "target") if len(edge) == 2
                           else ("source", "sourceHandle", "target"), edge)) for edge in edges]})


def definitions(effects):
    """Steps without and with effects, one that is held at an approval between two effects, a loop of
    effects, an error that is caught, children of a loop, and one that waits for times."""
    call = lambda step: {"method": "GET", "url":  # noqa: E731
                         f"http://{effects}/{step}/" + "${ .execution.id }"}
    return [
        definition("steps",
                   [("start", "start", {}), ("a", "noop", {}), ("b", "noop", {}), ("c", "noop", {}),
                    ("end", "end", {})],
                   [("start", "a"), ("a", "b"), ("b", "c"), ("c", "end")]),
        definition("effects",
                   [("start", "start", {}), ("first", "http", call("first")),
                    ("left", "http", call("left")), ("right", "http", call("right")),
                    ("end", "end", {})],
                   [("start", "first"), ("first", "left"), ("first", "right"),
                    ("left", "end"), ("right", "end")]),
        definition("held",
                   [("start", "start", {}), ("before", "http", call("before")),
                    ("approve", "approval", {"message": "go on?"}),
                    ("after", "http", call("after")), ("end", "end", {})],
                   [("start", "before"), ("before", "approve"), ("approve", "approved", "after"),
                    ("after", "end")]),
        # What waits for a time, in each way there is, so that kills meet timers.
        definition("timed",
                   [("start", "start", {}), ("pause", "wait", {"duration": "300ms"}),
                    ("ask", "approval", {"message": "go on?", "deadline": "300ms", "onDeadline": "approve"}),
                    ("flaky", "http", {**call("flaky"), "url": call("flaky")["url"] + "?fails=1",
                                       "retry": {"attempts": 9, "delay": "200ms"}}),
                    ("end", "end", {})],
                   [("start", "pause"), ("pause", "ask"), ("ask", "flaky"), ("flaky", "end")]),
        definition("loop",
                   [("start", "start", {}),
                    ("each", "foreach", {"items": list(range(LOOP_ITEMS)), "concurrency": 3,
                                         "body": body([("work", "http", {
                                             "method": "GET", "url": f"http://{effects}/each-"
                                             + "${ .index }--work/${ .execution.id }"}),
                                             ("value", "set", {"value": "${ .item }"})])}),
                    ("end", "end", {})],
                   [("start", "each"), ("each", "end")]),
        definition("caught",
                   [("start", "start", {}),
                    ("guard", "try", {
                        "body": body([("step", "noop", {}), ("boom", "fail", {"code": "BOOM"})]),
                        "catch": [{"on": ["BOOM"], "body": body([("note", "http", {
                            "method": "GET", "url": f"http://{effects}/guard-catch-0--note/"
                            + "${ .execution.id }"})])}],
                        "finally": body([("last", "noop", {})])}),
                    ("end", "end", {})],
                   [("start", "guard"), ("guard", "end")]),
        definition("family",
                   [("start", "start", {}),
                    ("each", "foreach", {"items": list(range(FAMILY_ITEMS)), "concurrency": 2,
                                         "body": body([("call", "workflow",
                                                        {"workflowId": "steps"})])}),
                    ("free", "workflow", {"workflowId": "steps", "wait": False}),
                    ("end", "end", {})],
                   [("start", "each"), ("each", "free"), ("free", "end")]),
    ]


def body(nodes):
    """A body of these nodes in a row."""
    nodes = [("start", "start", {}), *nodes]
    if nodes[-1][1] != "fail":
        nodes.append(("end", "end", {}))
    graph = json.loads(definition("body", nodes, [
        (first[0], second[0]) for first, second in zip(nodes, nodes[1:])]))
    del graph["id"]
    return graph


class Truth:
    """What this side was promised."""

    def __init__(self):
        self.lock = threading.Lock()
        self.triggered = {}    # execution id -> the status that was acknowledged
        self.unanswered = {}   # request id -> workflow: sent, and no answer came
        self.attempted = {}    # request id -> execution id, once known
        self.answers = {}      # execution id -> the reason given with the acknowledged answer
        self.cancelling = set()  # execution ids whose cancel was sent
        self.cancelled = set()   # and those whose cancel was acknowledged
        self.seen = {}         # execution id -> {sequence: bytes} of what a watcher saw

    def waiting(self):
        with self.lock:
            return [key for key in self.triggered
                    if key not in self.answers and key not in self.cancelling]


def caller(address, token, truth, stop, dice, stub_calls):
    """Triggers, answers and watches until told to stop; a lost connection ends it."""
    with Connection(address, CERTS / "ca.pem", token) as connection:
        while not stop.is_set():
            try:
                dice.choice(stub_calls)(connection.executions, truth, dice)
            except grpc.RpcError as error:
                if is_lost(error):
                    return
                # A call that hung until its deadline is a fault, unless the server just died.
                if not (stop.is_set() and error.code() == grpc.StatusCode.DEADLINE_EXCEEDED):
                    raise


def do_trigger(executions, truth, dice):
    workflow = dice.choice(["steps", "effects", "held", "timed", "loop", "caught", "family"])
    request_id = unique("crash")
    request = es.TriggerRequest(workflow_id=workflow, request_id=request_id)
    if dice.random() < 0.5:
        request.wait.CopyFrom(duration_pb2.Duration(seconds=5))
    with truth.lock:
        truth.unanswered[request_id] = request
    execution = executions.Trigger(request, timeout=10).execution
    with truth.lock:
        del truth.unanswered[request_id]
        truth.triggered[execution.id] = execution.status
        truth.attempted[request_id] = execution.id


def do_respond(executions, truth, dice):
    waiting = truth.waiting()
    if not waiting:
        return
    execution_id, reason = dice.choice(waiting), unique("because")
    try:
        executions.Respond(es.RespondRequest(
            execution_id=execution_id, decision=es.DECISION_APPROVE, reason=reason,
            request_id=reason), timeout=10)
    except grpc.RpcError as error:
        if error.code() == grpc.StatusCode.FAILED_PRECONDITION:
            return  # Not held, or answered before.
        raise
    with truth.lock:
        if execution_id in truth.answers:
            raise AssertionError(f"{execution_id}: two answers were both acknowledged")
        truth.answers[execution_id] = reason


def do_cancel(executions, truth, dice):
    waiting = truth.waiting()
    if not waiting or dice.random() < 0.5:
        return
    execution_id = dice.choice(waiting)
    with truth.lock:
        truth.cancelling.add(execution_id)
    try:
        executions.Cancel(es.CancelExecutionRequest(
            execution_id=execution_id, reason="not needed"), timeout=10)
    except grpc.RpcError as error:
        if error.code() == grpc.StatusCode.FAILED_PRECONDITION:
            return  # It has ended.
        raise
    with truth.lock:
        truth.cancelled.add(execution_id)


def do_watch(executions, truth, dice):
    with truth.lock:
        known = list(truth.triggered)[-50:]
    if not known:
        return
    execution_id = dice.choice(known)
    stream = executions.Watch(es.WatchRequest(execution_id=execution_id), timeout=1)
    try:
        for batch in stream:
            with truth.lock:
                seen = truth.seen.setdefault(execution_id, {})
                for event in batch.events:
                    seen[event.sequence] = event.SerializeToString(deterministic=True)
    except grpc.RpcError as error:
        if error.code() != grpc.StatusCode.DEADLINE_EXCEEDED:
            raise


def journal(executions, execution_id, problems):
    """The whole journal through Watch from 0; it must end, without gap or repeat."""
    events = []
    try:
        for batch in executions.Watch(es.WatchRequest(execution_id=execution_id), timeout=30):
            events += batch.events
    except grpc.RpcError as error:
        problems.append(f"{execution_id}: watch from 0 failed: {error.code()} {error.details()}")
    numbers = [event.sequence for event in events]
    if numbers != list(range(1, len(numbers) + 1)):
        problems.append(f"{execution_id}: sequence numbers {numbers}")
    if not events or not events[-1].WhichOneof("kind") in (
            "execution_completed", "execution_failed", "execution_cancelled"):
        problems.append(f"{execution_id}: the last event is not final")
    return events


def check_steps(execution_id, events, calls, problems):
    """No recorded step ran again, and the outside saw no more than the journal admits."""
    started, running, completed, tokens = {}, set(), set(), {}
    for event in events:
        kind = event.WhichOneof("kind")
        value = getattr(event, kind)
        node = getattr(value, "node_path", "")
        if kind == "node_started":
            if node in completed:
                problems.append(f"{execution_id}: {node} started again after it completed")
            if node in running:
                problems.append(f"{execution_id}: {node} started twice with no end between")
            if value.attempt != started.get(node, 0) + 1:
                problems.append(f"{execution_id}: {node} attempt {value.attempt} "
                                f"after {started.get(node, 0)}")
            started[node] = value.attempt
            running.add(node)
        elif kind in ("node_completed", "node_failed", "node_cancelled", "node_interrupted"):
            running.discard(node)
            if kind == "node_completed":
                if node in completed:
                    problems.append(f"{execution_id}: {node} completed twice")
                completed.add(node)
    for node, attempts in started.items():
        tokens = calls.get(f"/{re.sub(BRACKETS, '-', node)}/{execution_id}")
        if tokens is None:
            continue
        if len(tokens) != 1:
            problems.append(f"{execution_id}: {node} came with {len(tokens)} tokens")
        if sum(tokens.values()) > attempts:
            problems.append(f"{execution_id}: {node} was called {sum(tokens.values())} times "
                            f"in {attempts} attempts")


def check_bodies(execution, events, problems):
    """Each body began and ended once, and what they yielded is what the execution yields."""
    begun, over = {}, {}
    for event in events:
        for name, count in (("body_started", begun), ("body_ended", over)):
            if event.WhichOneof("kind") == name:
                value = getattr(event, name)
                key = (value.node_path, value.body, value.index)
                count[key] = count.get(key, 0) + 1
    twice = {key for count in (begun, over) for key, times in count.items() if times > 1}
    if twice:
        problems.append(f"{execution.id}: bodies began or ended twice: {twice}")
    if execution.status != execution_pb2.EXECUTION_STATUS_COMPLETED:
        return
    if begun != over:
        problems.append(f"{execution.id}: bodies began {begun} and ended {over}")
    if execution.workflow_id == "loop":
        if json.loads(execution.output_json) != list(range(LOOP_ITEMS)):
            problems.append(f"{execution.id}: the loop yields {execution.output_json}")
    elif execution.workflow_id == "caught":
        kinds = [event_pb2.BODY_KIND_TRY, event_pb2.BODY_KIND_CATCH, event_pb2.BODY_KIND_FINALLY]
        if [key[1] for key in begun] != kinds:
            problems.append(f"{execution.id}: the bodies were {begun}")


def check_family(executions, parents, problems):
    """Each child that a journal names is there, is its parent's, and no other is."""
    named, token, found = {}, "", {}
    for parent, events in parents.items():
        for event in events:
            if event.WhichOneof("kind") == "node_delegated":
                child = event.node_delegated.reference
                if child in named:
                    problems.append(f"{parent}: the child {child} was begun twice")
                named[child] = parent
    only = es.ExecutionFilter(triggers=[execution_pb2.TRIGGER_KIND_PARENT])
    while True:
        page = executions.List(es.ListExecutionsRequest(
            filter=only, page_size=1000, page_token=token), timeout=20)
        found.update({child.id: child.parent_id for child in page.executions})
        token = page.next_page_token
        if not token:
            break
    if found != named:
        problems.append(f"children without a word of their parent, or missing: "
                        f"{set(found.items()) ^ set(named.items())}")
    return len(named)


def come_to_rest(executions, truth):
    """Answers what is held and follows, within a bound, each execution until none is left to end."""
    give_up = time.monotonic() + REST_SECONDS_MAX
    unfinished = es.ExecutionFilter(states=[es.StateFilter(status=status) for status in (
        execution_pb2.EXECUTION_STATUS_QUEUED, execution_pb2.EXECUTION_STATUS_RUNNING,
        execution_pb2.EXECUTION_STATUS_SUSPENDED)])
    while True:
        page = executions.List(
            es.ListExecutionsRequest(filter=unfinished, page_size=1000), timeout=20)
        if not page.executions:
            return
        for execution in page.executions:
            try:
                follow(executions, truth, execution.id, give_up)
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.DEADLINE_EXCEEDED:
                    raise
                now = executions.Get(
                    es.GetExecutionRequest(execution_id=execution.id), timeout=20)
                raise AssertionError(
                    f"{now.id} did not end in {REST_SECONDS_MAX} s: {now.status}, "
                    f"{now.next_wake_up}") from error


def follow(executions, truth, execution_id, give_up):
    """Watches an execution to its end and answers what it waits for."""
    held = set()
    left = max(0.001, give_up - time.monotonic())
    for batch in executions.Watch(es.WatchRequest(execution_id=execution_id), timeout=left):
        for event in batch.events:
            if event.WhichOneof("kind") == "interrupt_opened":
                held.add(event.interrupt_opened.interrupt.id)
            elif event.WhichOneof("kind") == "interrupt_closed":
                held.discard(event.interrupt_closed.interrupt_id)
        for interrupt_id in held:
            respond_once(executions, truth, execution_id, interrupt_id)
        held.clear()


def respond_once(executions, truth, execution_id, interrupt_id):
    """Approves it, unless that was done before."""
    try:
        executions.Respond(es.RespondRequest(
            execution_id=execution_id, interrupt_id=interrupt_id, decision=es.DECISION_APPROVE,
            reason="to rest"), timeout=20)
    except grpc.RpcError as error:
        if error.code() != grpc.StatusCode.FAILED_PRECONDITION:
            raise
        return
    with truth.lock:
        if execution_id in truth.answers:
            raise AssertionError(f"{execution_id} had an acknowledged answer and asked again")


def one_round(server, truth, dice, callers, address):
    """Starts the server, loads it from several connections and kills it at a random moment."""
    server.start(listen=address)
    stop, failures = threading.Event(), []

    def guarded(seed):
        try:
            caller(server.address, server.token, truth, stop, random.Random(seed),
                   [do_trigger] * 6 + [do_respond, do_respond, do_cancel, do_watch])
        except Exception as error:  # Told to the main thread, which fails the round.
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(dice.random(),)) for _ in range(callers)]
    for thread in threads:
        thread.start()
    # The random moment itself: waiting here is the test, not a guess at readiness.
    time.sleep(dice.uniform(*LIVE_SECONDS))
    early = server.process.poll()
    server.kill()
    stop.set()
    for thread in threads:
        thread.join(30)
        if thread.is_alive():
            failures.append("a caller hangs although the server is gone")
    if early is not None:
        failures.append(f"the server ended by itself with {early}: {server.lines[-5:]}")
    return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--callers", type=int, default=8)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    print(f"crash test: {options.rounds} rounds, seed {options.seed}", flush=True)
    dice, truth, effects = random.Random(options.seed), Truth(), Effects()
    server = Server("--http-allow", effects.address)
    passed = failed = 0

    def verdict(sentence, problems):
        nonlocal passed, failed
        passed, failed = passed + (not problems), failed + bool(problems)
        print(f"  {'FAILED ' if problems else 'ok     '} {sentence}", flush=True)
        for problem in problems[:20]:
            print(f"    {problem}", flush=True)

    try:
        server.start()
        address = server.address
        with Connection(address, CERTS / "ca.pem", server.token) as connection:
            for text in definitions(effects.address):
                connection.workflows.Put(
                    workflow_service_pb2.PutWorkflowRequest(definition_json=text))
        server.kill()
        for number in range(options.rounds):
            failures = one_round(server, truth, dice, options.callers, address)
            verdict(f"round {number + 1}: killed with {len(truth.triggered)} triggers and "
                    f"{len(truth.answers)} answers acknowledged", failures)
        server.start(listen=address)
        with Connection(address, CERTS / "ca.pem", server.token) as connection:
            verify(connection.executions, truth, effects, verdict)
        verdict("the server still stops gracefully",
                [] if server.stop() == 0 else ["its exit status is not 0"])
    except Exception:  # Whatever it is, it is counted, and said in full.
        verdict("the test ran to its end", traceback.format_exc().splitlines())
    finally:
        server.kill()
        server.remove()
    print(f"crash test: {passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


def verify(executions, truth, effects, verdict):
    missing = []
    for execution_id in list(truth.triggered):
        try:
            executions.Get(es.GetExecutionRequest(execution_id=execution_id), timeout=20)
        except grpc.RpcError as error:
            missing.append(f"{execution_id}: {error.code()} {error.details()}")
            del truth.triggered[execution_id]
    verdict(f"all {len(truth.triggered) + len(missing)} acknowledged triggers are there", missing)

    doubled = []
    for request_id, request in list(truth.unanswered.items()):
        first = executions.Trigger(request, timeout=20).execution
        again = executions.Trigger(request, timeout=20)
        if again.execution.id != first.id or not again.existing:
            doubled.append(f"{request_id}: {first.id} and {again.execution.id}")
        truth.triggered[first.id] = first.status
    verdict(f"{len(truth.unanswered)} unanswered triggers, repeated, make one execution each",
            doubled)

    restless = []
    try:
        come_to_rest(executions, truth)
    except AssertionError as error:
        restless.append(str(error))
    verdict("every execution comes to its end", restless)

    calls, order, answers, steps, memory, worse = effects.by_path(), [], [], [], [], []
    ends, interrupted, bodies, family, parents = [], 0, [], [], {}
    for execution_id, status in truth.triggered.items():
        events = journal(executions, execution_id, order)
        given = [event.interrupt_closed.reason for event in events
                 if event.WhichOneof("kind") == "interrupt_closed"
                 and event.interrupt_closed.outcome == event_pb2.INTERRUPT_OUTCOME_APPROVED]
        interrupted += sum(event.WhichOneof("kind") == "node_interrupted" for event in events)
        expected = truth.answers.get(execution_id)
        if expected is not None and given != [expected]:
            answers.append(f"{execution_id}: expected the answer {expected}, found {given}")
        check_steps(execution_id, events, calls, steps)
        parents[execution_id] = events
        for sequence, seen in truth.seen.get(execution_id, {}).items():
            now = (events[sequence - 1].SerializeToString(deterministic=True)
                   if sequence <= len(events) else None)
            if now != seen:
                memory.append(f"{execution_id}: event {sequence} changed or is gone")
        found = executions.Get(es.GetExecutionRequest(
            execution_id=execution_id, view=execution_pb2.EXECUTION_VIEW_FULL), timeout=20)
        check_bodies(found, events, bodies)
        if status in FINAL and found.status != status:
            worse.append(f"{execution_id}: acknowledged {status}, found {found.status}")
        if execution_id in truth.cancelled:
            last = events[-1].WhichOneof("kind") if events else None
            if (found.status, last) != (CANCELLED, "execution_cancelled"):
                ends.append(f"{execution_id}: found {found.status}, last event {last}")
        elif found.status == CANCELLED and execution_id not in truth.cancelling:
            worse.append(f"{execution_id}: nobody cancelled it")
        if found.status not in (execution_pb2.EXECUTION_STATUS_COMPLETED, CANCELLED) and not (
                found.error.code in ("CRASHED", "NODE_CRASHED")
                or found.reason == execution_pb2.EXECUTION_REASON_CRASHED):
            worse.append(f"{execution_id}: ended as {found.status} {found.error.message}")
    verdict("watching from 0 gives every event once, in order, to the end", order)
    verdict(f"all {len(truth.answers)} acknowledged answers are in the journal once", answers)
    verdict(f"all {len(truth.cancelled)} acknowledged cancels are final", ends)
    verdict("no recorded step ran again, and effects keep to attempts and tokens", steps)
    verdict("every body began and ended once, and yields what its loop or try does", bodies)
    children = check_family(executions, parents, family)
    verdict(f"all {children} children are what their parents' journals say", family)
    verdict(f"what watchers of {len(truth.seen)} executions saw is what the journal says", memory)
    verdict("no acknowledged end was taken back", worse)
    verdict(f"the kills hit running steps: {interrupted} attempts were interrupted",
            [] if interrupted else ["expected at least one, found none"])


if __name__ == "__main__":
    main()

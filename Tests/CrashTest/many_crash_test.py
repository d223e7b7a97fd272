#!/usr/bin/env python3
"""kill -9 while batches run, people vote and executions are held, over and over on one store.

    many_crash_test.py [--rounds 10] [--seed N]

Afterwards, and while a new server runs on the same store:
  1. every batch that was acknowledged is there, once for its request id, with every item it was given
  2. its counts add up at every moment that is looked at, and at the end are what its items are
  3. each item has one execution, which completed
  4. every execution that was seen held at a breakpoint or a pause, and that nobody let go, is held still,
     at the same node
  5. every vote that was acknowledged is there, once, and none that nobody gave; nobody can vote twice
  6. the inbox lists what the executions show open
"""
import argparse
import pathlib
import random
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
from crash_test import body, definition, is_lost  # noqa: E402
from with_server import CERTS, Server  # noqa: E402
from signalbox.v1 import batch_service_pb2 as bs  # noqa: E402
from signalbox.v1 import batch_service_pb2_grpc  # noqa: E402
from signalbox.v1 import control_service_pb2 as control  # noqa: E402
from signalbox.v1 import control_service_pb2_grpc  # noqa: E402
from signalbox.v1 import execution_pb2 as ex  # noqa: E402
from signalbox.v1 import execution_service_pb2 as es  # noqa: E402
from signalbox.v1 import interrupt_service_pb2 as inbox  # noqa: E402
from signalbox.v1 import interrupt_service_pb2_grpc  # noqa: E402
from signalbox.v1 import server_service_pb2 as server_pb  # noqa: E402
from signalbox.v1 import workflow_service_pb2 as ws  # noqa: E402

LIVE_SECONDS = (0.3, 1.5)
VOTERS, VOTES_NEEDED, ITEMS = 4, 5, 12
WAIT = duration_pb2.Duration(seconds=5)


def chain(name, *nodes):
    nodes = [("start", "start", {}), *nodes, ("end", "end", {})]
    return definition(name, nodes, [(a[0], b[0]) for a, b in zip(nodes, nodes[1:])])


DEFINITIONS = [
    chain("item", ("a", "noop", {}), ("b", "noop", {}), ("c", "noop", {})),
    chain("stepped", ("a", "noop", {}), ("b", "noop", {"breakpoint": "post"}), ("c", "noop", {})),
    chain("looped", ("each", "foreach", {
        "items": [1, 2], "concurrency": 2, "body": body([("x", "noop", {"breakpoint": True})])})),
    chain("voted", ("ok", "approval", {"message": "?", "approvals": VOTES_NEEDED})),
]


class Stubs:
    def __init__(self, server, token=None):
        self.connection = Connection(server.address, CERTS / "ca.pem", token or server.token)
        channel = self.connection.channel
        self.executions = self.connection.executions
        self.batches = batch_service_pb2_grpc.BatchServiceStub(channel)
        self.control = control_service_pb2_grpc.ControlServiceStub(channel)
        self.interrupts = interrupt_service_pb2_grpc.InterruptServiceStub(channel)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()


class Truth:
    """What this side was promised."""

    def __init__(self):
        self.lock = threading.Lock()
        self.batches = {}     # request id -> batch id; None: sent, and no answer came
        self.held = {}        # execution id -> (reason, held node) as it was seen
        self.votes = {}       # (execution id, voter) -> whether it was acknowledged
        self.polls = []       # ids of executions to vote on


def start_batch(stubs, truth, dice, _):
    request_id = unique("batch")
    with truth.lock:
        truth.batches[request_id] = None
    batch = stubs.batches.StartBatch(batch_request(request_id), timeout=10).batch
    with truth.lock:
        truth.batches[request_id] = batch.id


def batch_request(request_id):
    return bs.StartBatchRequest(request_id=request_id, workers=3, workflows=[
        bs.BatchWorkflow(workflow_id="item", input_json=str(number)) for number in range(ITEMS)])


def hold(stubs, truth, dice, _):
    """Triggers one that stops at a breakpoint, or is paused, and remembers where it was seen held."""
    name = dice.choice(["stepped", "looped", "voted"])
    breakpoints = None if name == "voted" else ex.Breakpoints(
        enabled=True, nodes=ex.BREAKPOINT_SCOPE_MARKED)
    made = stubs.executions.Trigger(es.TriggerRequest(
        workflow_id=name, wait=WAIT, breakpoints=breakpoints), timeout=10).execution
    if name == "voted":
        made = stubs.control.Pause(control.PauseRequest(execution_id=made.id), timeout=10)
    if made.status == ex.EXECUTION_STATUS_SUSPENDED:
        with truth.lock:
            truth.held[made.id] = standing(made)


def standing(execution):
    return (execution.status, execution.reason, sorted(
        (i.id, i.type, i.sequence) for i in execution.interrupts))


def ask(stubs, truth, dice, _):
    made = stubs.executions.Trigger(es.TriggerRequest(workflow_id="voted", wait=WAIT), timeout=10)
    with truth.lock:
        truth.polls.append(made.execution.id)


def vote(stubs, truth, dice, voter):
    with truth.lock:
        open_to = [poll for poll in truth.polls if (poll, voter) not in truth.votes]
        if not open_to:
            return
        poll = dice.choice(open_to)
        truth.votes[poll, voter] = False
    stubs.executions.Respond(es.RespondRequest(
        execution_id=poll, decision=es.DECISION_APPROVE, reason=f"voter {voter}"), timeout=10)
    with truth.lock:
        truth.votes[poll, voter] = True


def one_round(server, truth, dice, voters, address):
    """Starts the server, loads it from several connections and kills it at a random moment."""
    server.start(listen=address)
    stop, failures = threading.Event(), []

    def caller(seed, voter):
        own = random.Random(seed)
        try:
            with Stubs(server, voters[voter]) as stubs:
                while not stop.is_set():
                    own.choice([start_batch, hold, ask, vote, vote, vote])(stubs, truth, own, voter)
        except grpc.RpcError as error:
            if not is_lost(error) and not (
                    stop.is_set() and error.code() == grpc.StatusCode.DEADLINE_EXCEEDED):
                failures.append(error)
        except Exception as error:  # Told to the main thread, which fails the round.
            failures.append(error)

    threads = [threading.Thread(target=caller, args=(dice.random(), voter)) for voter in voters]
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


def parts(batch):
    return (batch.queued, batch.running, batch.completed, batch.failed, batch.stopped)


def check_batches(stubs, truth, problems):
    """Every batch ends, and its counts are right at every state that a watch tells."""
    for request_id, known in list(truth.batches.items()):
        answer = stubs.batches.StartBatch(batch_request(request_id), timeout=20)
        batch = answer.batch
        if known and (batch.id != known or not answer.existing):
            problems.append(f"{request_id}: acknowledged as {known}, found {batch.id}")
        last = None
        for last in stubs.batches.WatchBatch(bs.WatchBatchRequest(batch_id=batch.id), timeout=60):
            if sum(parts(last)) != last.total or last.total != ITEMS:
                problems.append(f"{batch.id}: {parts(last)} of {last.total}")
        found = stubs.batches.ListBatchItems(bs.ListBatchItemsRequest(
            batch_id=batch.id, page_size=1_000)).items
        numbers = [item.execution_number for item in found]
        ended = [item for item in found if item.status == ex.EXECUTION_STATUS_COMPLETED]
        if len(set(numbers)) != ITEMS or len(ended) != ITEMS or last.completed != ITEMS:
            problems.append(f"{batch.id}: executions {numbers}, counts {parts(last)}")
    listed, token = 0, ""
    while True:
        page = stubs.batches.ListBatches(bs.ListBatchesRequest(page_size=100, page_token=token))
        listed, token = listed + len(page.batches), page.next_page_token
        if not token:
            break
    if listed != len(truth.batches):
        problems.append(f"{len(truth.batches)} batches were asked for, {listed} are there")


def check_held(stubs, truth, problems):
    for execution_id, seen in truth.held.items():
        now = stubs.executions.Get(es.GetExecutionRequest(execution_id=execution_id))
        if standing(now) != seen:
            problems.append(f"{execution_id}: seen {seen}, found {standing(now)}")
        if not now.next_wake_up:
            problems.append(f"{execution_id}: it shows no next wake-up")


def check_votes(stubs, truth, names, problems):
    given = 0
    for poll in truth.polls:
        now = stubs.executions.Get(es.GetExecutionRequest(execution_id=poll))
        found = [v.principal for interrupt in now.interrupts for v in interrupt.votes]
        told = [event.interrupt_voted.vote.principal for event in events(stubs, now)
                if event.WhichOneof("kind") == "interrupt_voted"]
        given += len(found)
        if found != told or len(set(found)) != len(found):
            problems.append(f"{poll}: votes {found}, the journal tells {told}")
        for voter, name in names.items():
            sent = truth.votes.get((poll, voter))
            if sent and name not in found:
                problems.append(f"{poll}: the vote of {name} was acknowledged and is gone")
            if sent is None and name in found:
                problems.append(f"{poll}: {name} never voted")
    return given


def events(stubs, execution):
    """What the journal says so far."""
    found = []
    for batch in stubs.executions.Watch(es.WatchRequest(execution_id=execution.id), timeout=30):
        found += batch.events
        if found[-1].sequence >= execution.last_sequence:
            return found
    return found


def check_inbox(stubs, problems):
    listed, token = set(), ""
    while True:
        page = stubs.interrupts.ListInterrupts(
            inbox.ListInterruptsRequest(page_size=500, page_token=token))
        listed |= {(i.execution_number, i.interrupt.id) for i in page.interrupts}
        token = page.next_page_token
        if not token:
            break
    shown, token = set(), ""
    while True:
        page = stubs.executions.List(es.ListExecutionsRequest(page_size=1_000, page_token=token))
        shown |= {(e.number, i.id) for e in page.executions for i in e.interrupts}
        token = page.next_page_token
        if not token:
            break
    if listed != shown:
        problems.append(f"listed or shown only: {sorted(listed ^ shown)[:10]}")
    return len(listed)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    options = parser.parse_args()
    print(f"many crash test: {options.rounds} rounds, seed {options.seed}", flush=True)
    dice, truth, server = random.Random(options.seed), Truth(), Server()
    passed = failed = 0

    def verdict(sentence, problems):
        nonlocal passed, failed
        passed, failed = passed + (not problems), failed + bool(problems)
        print(f"  {'FAILED ' if problems else 'ok     '} {sentence}", flush=True)
        for problem in problems[:20]:
            print(f"    {problem}", flush=True)

    try:
        server.start()
        address, voters, names = server.address, {}, {}
        with Stubs(server) as stubs:
            for text in DEFINITIONS:
                stubs.connection.workflows.Put(ws.PutWorkflowRequest(definition_json=text))
            for index in range(VOTERS):
                token = stubs.connection.server.CreateToken(server_pb.CreateTokenRequest(
                    name=f"voter-{index}", role=server_pb.ROLE_OPERATOR))
                voters[index], names[index] = token.secret, f"token:{token.token.name}"
        server.kill()
        for number in range(options.rounds):
            failures = one_round(server, truth, dice, voters, address)
            verdict(f"round {number + 1}: killed with {len(truth.batches)} batches, "
                    f"{len(truth.held)} held, {sum(truth.votes.values())} votes", failures)
        server.start(listen=address)
        with Stubs(server) as stubs:
            problems = []
            check_held(stubs, truth, problems)
            verdict(f"all {len(truth.held)} that were held are held where they were",
                    problems if truth.held else ["expected at least one, found none"])
            problems = []
            given = check_votes(stubs, truth, names, problems)
            verdict(f"all {given} votes are there, once",
                    problems if given else ["expected at least one, found none"])
            problems = []
            check_batches(stubs, truth, problems)
            verdict(f"all {len(truth.batches)} batches end, once each, and their counts add up",
                    problems if truth.batches else ["expected at least one, found none"])
            problems = []
            count = check_inbox(stubs, problems)
            verdict(f"the inbox lists the {count} interrupts that executions show", problems)
        verdict("the server still stops gracefully",
                [] if server.stop() == 0 else ["its exit status is not 0"])
    except Exception:  # Whatever it is, it is counted, and said in full.
        verdict("the test ran to its end", traceback.format_exc().splitlines())
    finally:
        server.kill()
        server.remove()
    print(f"many crash test: {passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

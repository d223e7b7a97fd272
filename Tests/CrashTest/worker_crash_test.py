#!/usr/bin/env python3
"""kill -9 of workers and of the server under load, over and over on one store, then what must hold.

    worker_crash_test.py [--rounds 6] [--seed N] [--workers 3]

A stock grpcio client triggers executions of two steps that workers run; the workers are processes of
clients/python. Afterwards:
  1. every acknowledged trigger is there and has COMPLETED, with the output that its steps make
  2. no completion that a worker was told is recorded was lost: the journal completes with that attempt
  3. a node completes once, its attempts count up by one, and each begins only after the one before was
     interrupted or failed
  4. no worker was given a step again that the journal had recorded: none saw an attempt above the one
     that completed
  5. all attempts of a node carry one token
  6. the kills were hard: they did find tasks at work
"""
import argparse
import collections
import json
import os
import pathlib
import random
import subprocess
import sys
import threading
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "StockClients"),
                str(HERE.parent / "StockClients" / "python")]

import grpc  # noqa: E402  (after the paths)

from connection import Connection, unique  # noqa: E402
from with_server import CERTS, Server  # noqa: E402
from signalbox.v1 import execution_pb2, server_service_pb2, workflow_service_pb2  # noqa: E402
from signalbox.v1 import execution_service_pb2 as es  # noqa: E402

LIBRARY = HERE.parents[1] / ".build-clients" / "library"
LIVE_SECONDS = (1.0, 2.5)
REST_SECONDS_MAX = 120
WORKFLOW = json.dumps({
    "id": "crash-workers",
    "nodes": [
        {"id": "start", "type": "start"},
        {"id": "first", "type": "worker", "data": {
            "type": "crash-first", "heartbeatTimeout": "2s",
            "retry": {"attempts": 100, "delay": "10ms"}}},
        {"id": "second", "type": "crash-second", "data": {
            "heartbeatTimeout": "2s", "retry": {"attempts": 100, "delay": "10ms"}}},
        {"id": "end", "type": "end"}],
    "edges": [{"source": "start", "target": "first"}, {"source": "first", "target": "second"},
              {"source": "second", "target": "end"}]})


class Hands:
    """The workers' processes."""

    def __init__(self, folder, count):
        self.calls = folder / "calls.jsonl"
        self.log = open(folder / "workers.log", "ab")
        self.count = count
        self.processes = {}
        self.names = 0
        self.environment = None

    def start(self, server, token):
        self.environment = {
            **os.environ, "SIGNALBOX_SERVER": server.address,
            "SIGNALBOX_CA": str(CERTS / "ca.pem"), "SIGNALBOX_TOKEN": token,
            "PYTHONPATH": str(LIBRARY)}
        while len(self.processes) < self.count:
            self.add()

    def add(self):
        self.names += 1
        name = f"crash-{self.names}"
        self.processes[name] = subprocess.Popen(
            [sys.executable, str(HERE / "crash_worker.py"), name, str(self.calls)],
            env=self.environment, stdout=self.log, stderr=self.log)

    def kill_one(self, dice):
        """kill -9 of one, in whose place another begins."""
        name = dice.choice(sorted(self.processes))
        process = self.processes.pop(name)
        early = process.poll()
        process.kill()
        process.wait()
        self.add()
        return [] if early is None else [f"the worker {name} ended by itself with {early}"]

    def end(self):
        for process in self.processes.values():
            process.kill()
            process.wait()
        self.log.close()

    def seen(self):
        return [json.loads(line) for line in self.calls.read_text().splitlines()]


def trigger_until(server, stop, triggered, failures):
    """Triggers one after the other; what was acknowledged is remembered with its input."""
    try:
        with Connection(server.address, CERTS / "ca.pem", server.token) as connection:
            while not stop.is_set():
                value = random.randrange(1_000_000)
                try:
                    execution = connection.executions.Trigger(es.TriggerRequest(
                        workflow_id="crash-workers", input_json=json.dumps({"value": value}),
                        request_id=unique("crash")), timeout=10).execution
                except grpc.RpcError as error:
                    if error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
                        return
                    raise
                triggered[execution.id] = value
                # A steady load that the workers can follow.
                stop.wait(0.02)
    except Exception as error:  # Told to the main thread, which fails the round.
        failures.append(error)


def one_round(server, hands, dice, triggered, kills_server):
    stop, failures = threading.Event(), []
    thread = threading.Thread(target=trigger_until, args=(server, stop, triggered, failures))
    thread.start()
    # The random moments themselves: waiting here is the test, not a guess at readiness.
    time.sleep(dice.uniform(*LIVE_SECONDS))
    failures += hands.kill_one(dice)
    time.sleep(dice.uniform(*LIVE_SECONDS))
    if kills_server:
        server.kill()
    stop.set()
    thread.join(30)
    if thread.is_alive():
        failures.append("the caller hangs")
    if kills_server:
        server.start(listen=server.address)
    return failures


def check(connection, triggered, calls, verdict):
    ends, steps, again, tokens, lost = [], [], [], [], []
    interrupted = 0
    seen, acknowledged = collections.defaultdict(list), collections.defaultdict(list)
    for what, execution_id, path, attempt, token in calls:
        if what == "called":
            seen[execution_id, path].append((attempt, token))
        else:
            acknowledged[execution_id, path].append(attempt)
    give_up = time.monotonic() + REST_SECONDS_MAX
    for execution_id, value in triggered.items():
        events = []
        try:
            left = max(1, give_up - time.monotonic())
            for batch in connection.executions.Watch(
                    es.WatchRequest(execution_id=execution_id), timeout=left):
                events += batch.events
            found = connection.executions.Get(es.GetExecutionRequest(
                execution_id=execution_id, view=execution_pb2.EXECUTION_VIEW_FULL), timeout=20)
        except grpc.RpcError as error:
            ends.append(f"{execution_id}: {error.code()} {error.details()}")
            continue
        output = json.loads(found.output_json or "null")
        if (found.status != execution_pb2.EXECUTION_STATUS_COMPLETED
                or output != {"by": "second", "value": value + 2}):
            ends.append(f"{execution_id}: status {found.status}, output {output}, "
                        f"error {found.error.code}, {found.next_wake_up}")
        attempts, running, completed = {}, set(), {}
        for event in events:
            kind = event.WhichOneof("kind")
            if not kind.startswith("node_"):
                continue
            change = getattr(event, kind)
            path = change.node_path
            if kind == "node_started":
                if path in running or path in completed:
                    steps.append(f"{execution_id}: {path} began although it was at work or done")
                if change.attempt != attempts.get(path, 0) + 1:
                    steps.append(f"{execution_id}: {path} attempt {change.attempt} after "
                                 f"{attempts.get(path, 0)}")
                attempts[path] = change.attempt
                running.add(path)
            elif kind in ("node_completed", "node_failed", "node_interrupted"):
                running.discard(path)
                interrupted += kind == "node_interrupted"
                if kind == "node_completed":
                    if path in completed:
                        steps.append(f"{execution_id}: {path} completed twice")
                    completed[path] = change.attempt
        for path in ("first", "second"):
            made, told = seen[execution_id, path], acknowledged[execution_id, path]
            if told and told != [completed.get(path)]:
                lost.append(f"{execution_id}: {path} was acknowledged for the attempts {told}, and "
                            f"completed with {completed.get(path)}")
            if path in completed and any(attempt > completed[path] for attempt, _ in made):
                again.append(f"{execution_id}: {path} completed with attempt {completed[path]}, "
                             f"calls {made}")
            if path in completed and not made:
                again.append(f"{execution_id}: {path} completed and was never called")
            if len({token for _, token in made}) > 1:
                tokens.append(f"{execution_id}: {path} {made}")
    verdict(f"all {len(triggered)} acknowledged triggers completed as their steps say", ends)
    told = sum(map(len, acknowledged.values()))
    verdict(f"none of {told} acknowledged completions was lost",
            lost or ([] if told else ["expected some, found none"]))
    verdict("a node completes once, and its attempts follow one another", steps)
    verdict("no recorded step was given to a worker again", again)
    verdict("all attempts of a node carry one token", tokens)
    verdict(f"the kills found tasks at work: {interrupted} attempts were interrupted in "
            f"{sum(map(len, seen.values()))} calls", [] if interrupted else ["expected at least one, found none"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    print(f"worker crash test: {options.rounds} rounds, seed {options.seed}", flush=True)
    dice, server, triggered = random.Random(options.seed), Server(), {}
    hands = Hands(server.folder, options.workers)
    passed = failed = 0

    def verdict(sentence, problems):
        nonlocal passed, failed
        passed, failed = passed + (not problems), failed + bool(problems)
        print(f"  {'FAILED ' if problems else 'ok     '} {sentence}", flush=True)
        for problem in problems[:20]:
            print(f"    {problem}", flush=True)

    try:
        server.start()
        with Connection(server.address, CERTS / "ca.pem", server.token) as connection:
            connection.workflows.Put(workflow_service_pb2.PutWorkflowRequest(
                definition_json=WORKFLOW, allow_unregistered=True))
            token = connection.server.CreateToken(server_service_pb2.CreateTokenRequest(
                name="hand", role=server_service_pb2.ROLE_WORKER)).secret
        hands.start(server, token)
        for number in range(options.rounds):
            kills_server = number % 2 == 1
            failures = one_round(server, hands, dice, triggered, kills_server)
            what = "a worker and the server" if kills_server else "a worker"
            verdict(f"round {number + 1}: killed {what} with {len(triggered)} triggers "
                    "acknowledged", failures)
        with Connection(server.address, CERTS / "ca.pem", server.token) as connection:
            # Every execution first, so that no call is made after the calls were read.
            for execution_id in triggered:
                for _ in connection.executions.Watch(
                        es.WatchRequest(execution_id=execution_id), timeout=REST_SECONDS_MAX):
                    pass
            check(connection, triggered, hands.seen(), verdict)
        verdict("the server still stops gracefully",
                [] if server.stop() == 0 else ["its exit status is not 0"])
    except Exception:  # Whatever it is, it is counted, and said in full.
        verdict("the test ran to its end", traceback.format_exc().splitlines())
    finally:
        hands.end()
        server.kill()
        server.remove()
    print(f"worker crash test: {passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

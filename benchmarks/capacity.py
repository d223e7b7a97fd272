"""Twice as many triggers as the server can do: what it refuses, how soon, and what becomes of the rest. For
service.py."""
import json
import subprocess
import threading
import time

from bench import BIN, CA, PEERS, scratch, ttrpc_load
from google.protobuf import duration_pb2
from restart import connect, memory
from rows import note
from with_server import Server
from signalbox.v1 import execution_pb2 as ex
from signalbox.v1 import execution_service_pb2 as es

SERVICE, METHOD = "signalbox.v1.ExecutionService", "Trigger"
# Callers, connections, calls: closed loops, of which the one with the highest rate is the capacity.
CLOSED = ((16, 4, 12_000), (64, 4, 40_000), (256, 4, 60_000), (1_024, 8, 60_000))
QUICK_PART = 50
# Of the best rate: the fewest callers that reach so much of it tell the p99 at capacity.
NEAR = 0.95
TIMES = 2
# At 256 calls each, four times as many as commits may wait (4,096): a server that refuses by that does so before
# its connections do, whose refusals say nothing of when to try again.
FLOOD_CONNECTIONS = 64
FLOOD_SECONDS_MAX = 200
REFUSALS = {8: "RESOURCE_EXHAUSTED", 14: "UNAVAILABLE"}
P99_TIMES_MAX = 2
SAMPLE_SECONDS = 0.25
# For those whose caller no longer waits for their end.
SETTLE_SECONDS_MAX = 120
# The second half of the load against the first.
GROWTH_MAX = 1.1


class Memory:
    """Samples a server's resident memory while something runs."""

    def __init__(self, server):
        self.server, self.samples, self.done = server, [memory(server)], threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        while not self.done.wait(SAMPLE_SECONDS):
            self.samples.append(memory(self.server))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()

    def halves(self):
        """The most in each half of the time, MiB."""
        middle = max(1, len(self.samples) // 2)
        return max(self.samples[:middle]), max(self.samples[middle:] or self.samples)


def capacity(server, message, part):
    """The best rate of closed loops, the p99 there, with how many callers, and how many calls it took."""
    found, total = [], 0
    for callers, connections, calls in CLOSED:
        for count in (callers, max(calls // part, callers)):
            rate, _, p99 = ttrpc_load("ttrpc-pipeline", server.address, SERVICE, METHOD, message,
                                      count, connections, callers, server.token)
            total += count
        note(f"{callers} callers: {rate:,.0f} a second, p99 {p99:.1f} ms")
        found.append((rate, p99, callers))
    best = max(rate for rate, _, _ in found)
    _, p99, callers = next(one for one in found if one[0] >= NEAR * best)
    return best, p99, callers, total


def flood(server, message, rate, seconds):
    """What became of an open load of `rate` a second."""
    done = subprocess.run(
        [BIN / "ttrpc-flood", server.address, CA, SERVICE, METHOD, scratch("request", message),
         str(rate), str(seconds), str(FLOOD_CONNECTIONS), server.token],
        capture_output=True, text=True, timeout=FLOOD_SECONDS_MAX)
    if done.returncode != 0:
        raise RuntimeError(f"ttrpc-flood: {done.stderr}")
    found = json.loads(done.stdout)
    found["codes"] = {int(code): one for code, one in found["codes"].items()}
    if found["unanswered"]:
        raise RuntimeError(f"{found['unanswered']} of {found['sent']} calls were never answered")
    others = {code: one for code, one in found["codes"].items() if code and code not in REFUSALS}
    if others:
        raise RuntimeError(f"calls ended otherwise: {others}")
    return found


def count(connection, **filter):
    return connection.executions.Count(
        es.CountExecutionsRequest(filter=es.ExecutionFilter(**filter))).count


def expect_all(connection, expected):
    """Raises unless what was accepted, and nothing else, is there and completes."""
    states = [es.StateFilter(status=ex.EXECUTION_STATUS_COMPLETED)]
    end = time.monotonic() + SETTLE_SECONDS_MAX
    while True:
        there, completed = count(connection), count(connection, states=states)
        if there == completed == expected:
            return
        if there != expected or time.monotonic() > end:
            raise RuntimeError(f"{expected} were accepted, {there} are there, {completed} completed")
        time.sleep(0.1)


def bench_overload(table, options):
    message = es.TriggerRequest(
        workflow_id="three-noops", wait=duration_pb2.Duration(seconds=60)).SerializeToString()
    PEERS.mkdir(exist_ok=True)
    server = Server("--log-level", "warning", *options.serve, checks=False)
    try:
        server.start()
        with connect(server) as connection:
            connection.put("three-noops")
            best, p99, callers, done = capacity(server, message, options.amount(1, QUICK_PART))
            with Memory(server) as sampled:
                found = flood(server, message, round(TIMES * best), options.amount(30, 4))
            accepted = found["codes"].get(0)
            if accepted is None:
                raise RuntimeError(f"nothing was accepted: {found['codes']}")
            expect_all(connection, done + accepted["count"])
        show(table, best, p99, callers, found, accepted, sampled)
    finally:
        server.kill()
        server.remove()


def show(table, best, p99, callers, found, accepted, sampled):
    load = f"{TIMES * best:,.0f} triggers a second, capacity {best:,.0f}"
    refusals = {code: one for code, one in found["codes"].items() if code}
    refused = sum(one["count"] for one in refusals.values())
    delayed = sum(one["delayed"] for one in refusals.values())
    names = ", ".join(
        f"{REFUSALS[code]} {one['count']:,} (\"{one['message']}\"), p99 {one['p99_ms']:.1f} ms"
        for code, one in refusals.items())
    table.add(f"refused at twice the capacity: {load}",
              f"{100 * refused / found['sent']:.0f} % of {found['sent']:,}, {delayed:,} with a retry delay"
              + (f": {names}" if names else "") + f"; the load was at most {found['late_ms']:.0f} ms late",
              "refuses early, each with a retry delay", refused > 0 and delayed == refused)
    table.add(f"p99 of the {accepted['count']:,} accepted, to completed, at twice the capacity",
              f"{accepted['p99_ms']:.1f} ms; at capacity, {callers} callers, {p99:.1f} ms: "
              f"{accepted['p99_ms'] / p99:.1f}×",
              f"< {P99_TIMES_MAX}×", accepted["p99_ms"] < P99_TIMES_MAX * p99)
    first, second = sampled.halves()
    table.add("the server's memory at twice the capacity",
              f"{sampled.samples[0]:.0f} MiB before, at most {first:.0f} in the first half, "
              f"{second:.0f} in the second", "bounded", second <= GROWTH_MAX * first)

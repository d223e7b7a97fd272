"""Watches: how soon a watcher has what was committed, whether it has it once each over reconnects, and what
10,000 streams cost the server. For service.py."""
import asyncio
import gc
import json
import random
import time

from rows import channel, many_files, metric, note, percentile, settled_memory, spread
from restart import connect, prepare

from with_server import Server
from signalbox.v1 import execution_service_pb2 as es
from signalbox.v1 import execution_service_pb2_grpc
from signalbox.v1 import workflow_service_pb2 as ws

FINAL = {"execution_completed", "execution_failed", "execution_cancelled"}
CALL_SECONDS_MAX = 120

# How soon: so many executions a second, each with its watcher.
RATE = 200
LATENCY_MS_MAX = 20
# They wait before the steps, so that the watcher is there when these happen.
WAIT_BEFORE = "250ms"

# Over reconnects: long runs, each cut off again and again after a few events.
RECONNECTS = 1_000
LONG_STEPS = 60
LONG_WAIT = "20ms"
RUNS_AT_ONCE = 20
CUT_AFTER_MAX = 6
ROUNDS_MAX = 100

# Many streams.
STREAM_KIB_MAX = 16
CONNECTION_KIB_MAX = 64
OPENED_AT_ONCE = 500


def chain(identifier, *nodes):
    nodes = [{"id": "start", "type": "start"}, *nodes, {"id": "end", "type": "end"}]
    edges = [{"source": one["id"], "target": two["id"]} for one, two in zip(nodes, nodes[1:])]
    return ws.PutWorkflowRequest(
        definition_json=json.dumps({"id": identifier, "nodes": nodes, "edges": edges}))


def put(server):
    wait = lambda name, duration: {  # noqa: E731
        "id": name, "type": "wait", "data": {"duration": duration}}
    with connect(server) as connection:
        connection.workflows.Put(chain(
            "watched", wait("before", WAIT_BEFORE),
            *({"id": f"step{n}", "type": "noop"} for n in range(3))))
        connection.workflows.Put(chain(
            "long", *(wait(f"step{n}", LONG_WAIT) for n in range(LONG_STEPS))))


def is_final(event):
    return event.WhichOneof("kind") in FINAL


# How soon.

async def watched(stub, due):
    """Triggers one execution when it is due and watches it; milliseconds from each event to its receipt, of those
    that happened after the watch began."""
    await asyncio.sleep(max(0, due - time.monotonic()))
    made = await stub.Trigger(
        es.TriggerRequest(workflow_id="watched"), timeout=CALL_SECONDS_MAX)
    took, sequences, begun, ended = [], [], None, False
    call = stub.Watch(es.WatchRequest(execution_id=made.execution.id), timeout=CALL_SECONDS_MAX)
    async for batch in call:
        now = time.time_ns()
        begun = begun or now
        for event in batch.events:
            sequences.append(event.sequence)
            ended = is_final(event)
            happened = event.time.ToNanoseconds()
            if happened > begun:
                took.append((now - happened) / 1e6)
    if not ended or sequences != list(range(1, len(sequences) + 1)):
        raise RuntimeError(f"a watch told {sequences}, and {'' if ended else 'not '}the end")
    return took


async def latencies(server, count):
    """All of those milliseconds of `count` executions, and how many executions a second it was."""
    open_channels = [channel(server) for _ in range(4)]
    stubs = [execution_service_pb2_grpc.ExecutionServiceStub(one) for one in open_channels]
    # What is not measured: connections, the workflow's first runs, and Python's collector.
    await asyncio.gather(*(watched(stub, 0) for stub in stubs))
    gc.collect()
    gc.disable()
    try:
        begin = time.monotonic() + 0.1
        found = await asyncio.gather(
            *(watched(stubs[n % len(stubs)], begin + n / RATE) for n in range(count)))
        rate = count / (time.monotonic() - begin)
    finally:
        gc.enable()
    for one in open_channels:
        await one.close()
    took = [value for values in found for value in values]
    if len(took) < count:
        # Each has several that happen after its wait.
        raise RuntimeError(f"the watchers of {count} executions saw {len(took)} events happen: they came too late")
    return took, rate


# Over reconnects.

async def cut_off(server, random_numbers):
    """Watches one long run, cut off again and again; returns how often it was before the run's end, how many
    events were lost, and how many came twice or out of place."""
    first = channel(server)
    made = await execution_service_pb2_grpc.ExecutionServiceStub(first).Trigger(
        es.TriggerRequest(workflow_id="long"), timeout=CALL_SECONDS_MAX)
    await first.close()
    request = es.WatchRequest(execution_id=made.execution.id)
    received, cuts, ended = [], [], None
    while ended is None:
        # A connection of its own each time, closed with what is on its way.
        connection = channel(server)
        stub = execution_service_pb2_grpc.ExecutionServiceStub(connection)
        left = random_numbers.randint(1, CUT_AFTER_MAX)
        async for batch in stub.Watch(request, timeout=CALL_SECONDS_MAX):
            received += batch.events
            left -= len(batch.events)
            if is_final(received[-1]):
                ended = received[-1].time.ToNanoseconds()
            if left <= 0:
                break
        if left > 0 and ended is None:
            raise RuntimeError("a watch ended before the execution did")
        await connection.close()
        if ended is None:
            cuts.append(time.time_ns())
            request.after_sequence = received[-1].sequence
    last = channel(server)
    stub = execution_service_pb2_grpc.ExecutionServiceStub(last)
    journal = [event async for batch in stub.Watch(
        es.WatchRequest(execution_id=made.execution.id), timeout=CALL_SECONDS_MAX)
        for event in batch.events]
    await last.close()
    return sum(cut < ended for cut in cuts), *compare(journal, received)


def compare(journal, received):
    """How many events of the journal were not received, and how many came twice, out of place or changed."""
    whole = [event.SerializeToString() for event in journal]
    if [event.sequence for event in journal] != list(range(1, len(journal) + 1)):
        raise RuntimeError("the journal itself has gaps")
    missing, wrong, last = set(range(len(whole))), 0, 0
    for event in received:
        index = event.sequence - 1
        if event.sequence <= last or whole[index] != event.SerializeToString():
            wrong += 1
        missing.discard(index)
        last = max(last, event.sequence)
    return len(missing), wrong


async def reconnects(server, wanted):
    """How often watchers were cut off before the end of what they watched, events lost, events repeated, runs."""
    random_numbers = random.Random(1)
    total, lost, repeated, runs = 0, 0, 0, 0
    for _ in range(ROUNDS_MAX):
        for cuts, missing, wrong in await asyncio.gather(
                *(cut_off(server, random_numbers) for _ in range(RUNS_AT_ONCE))):
            total, lost, repeated, runs = total + cuts, lost + missing, repeated + wrong, runs + 1
        if total >= wanted:
            return total, lost, repeated, runs
    raise RuntimeError(f"{runs} runs allowed {total} reconnects, expected {wanted}")


def bench_watch(table, options):
    server = Server("--log-level", "warning", *options.serve, checks=False)
    try:
        server.start()
        put(server)
        count = RATE * options.amount(20, 3)
        took, rate = asyncio.run(latencies(server, count))
        table.add(
            f"event committed → received by a watcher, {rate:,.0f} executions of three steps a second, "
            f"{len(took):,} events of {count:,} executions", spread(took), f"p99 ≤ {LATENCY_MS_MAX} ms",
            percentile(took, 99) <= LATENCY_MS_MAX)
        total, lost, repeated, runs = asyncio.run(
            reconnects(server, options.amount(RECONNECTS, RECONNECTS // 20)))
        table.add(
            f"watches cut off {total:,} times before the end of {runs} long runs, going on from the last "
            "event seen", f"{lost} lost, {repeated} repeated", "0 lost, 0 repeated",
            lost == repeated == 0)
        if lost or repeated:
            raise RuntimeError(f"{lost} events were lost and {repeated} repeated over reconnects")
    finally:
        server.kill()
        server.remove()


# Many streams.

class Tally:
    """Counts, and wakes who waits for a count."""

    def __init__(self):
        self.count = 0
        self.changed = asyncio.Condition()

    async def add(self):
        async with self.changed:
            self.count += 1
            self.changed.notify_all()

    async def reaches(self, count, what):
        async with self.changed:
            try:
                await asyncio.wait_for(
                    self.changed.wait_for(lambda: self.count >= count), CALL_SECONDS_MAX)
            except TimeoutError:
                raise RuntimeError(f"{self.count:,} of {count:,} {what}") from None


class Streams:
    """Open watches of suspended executions."""

    def __init__(self, stubs):
        self.stubs = stubs
        self.calls, self.tasks = [], []
        self.begun, self.ended = Tally(), Tally()
        self.last_end = None

    async def follow(self, call):
        async for batch in call:
            for event in batch.events:
                if event.WhichOneof("kind") == "execution_suspended":
                    await self.begun.add()
                elif is_final(event):
                    self.last_end = time.monotonic()
                    await self.ended.add()

    async def open(self, executions):
        """Returns once each stream has had what happened before."""
        for first in range(0, len(executions), OPENED_AT_ONCE):
            for index, execution in enumerate(executions[first:first + OPENED_AT_ONCE], first):
                call = self.stubs[index % len(self.stubs)].Watch(
                    es.WatchRequest(execution_id=execution))
                self.calls.append(call)
                self.tasks.append(asyncio.create_task(self.follow(call)))
            await self.begun.reaches(len(self.calls), "streams began")
        if broken := [task for task in self.tasks if task.done()]:
            raise RuntimeError(f"{len(broken)} of {len(self.tasks)} streams ended by themselves")

    async def close(self):
        for call in self.calls:
            call.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


def suspended_ids(server, count):
    """Ids of so many suspended executions, newest first."""
    found, token = [], ""
    with connect(server) as connection:
        while len(found) < count:
            page = connection.executions.List(es.ListExecutionsRequest(
                page_size=1_000, page_token=token))
            found += [execution.id for execution in page.executions]
            token = page.next_page_token
            if not token:
                break
    if len(found) < count:
        raise RuntimeError(f"{count} executions expected, {len(found)} are there")
    return found[:count]


async def none_watches(server):
    """Returns once the server has seen that those who watched are gone."""
    end = time.monotonic() + CALL_SECONDS_MAX
    while left := metric(server, "signalbox_watchers"):
        if time.monotonic() > end:
            raise RuntimeError(f"{left:.0f} watchers are still there")
        await asyncio.sleep(0.1)


async def many_streams(server, table, executions, shared, alone):
    """`executions` watched on `shared` of `alone` connections."""
    first = channel(server)
    warm = Streams([execution_service_pb2_grpc.ExecutionServiceStub(first)])
    await warm.open(executions[:1])
    await warm.close()
    await none_watches(server)
    before = settled_memory(server)
    channels = [channel(server) for _ in range(alone)]
    for index in range(0, alone, 50):
        await asyncio.gather(*(
            asyncio.wait_for(one.channel_ready(), CALL_SECONDS_MAX)
            for one in channels[index:index + 50]))
    connected = settled_memory(server)
    each = (connected - before) * 1024 / alone
    table.add(f"a TLS connection without streams, of {alone:,}", f"{each:.1f} KiB",
              f"≤ {CONNECTION_KIB_MAX} KiB", each <= CONNECTION_KIB_MAX)
    stubs = [execution_service_pb2_grpc.ExecutionServiceStub(one) for one in channels[:shared]]
    streams = Streams(stubs)
    await streams.open(executions)
    watched_now = settled_memory(server)
    open_now = metric(server, "signalbox_watchers")
    if open_now != len(executions):
        raise RuntimeError(f"{len(executions)} watches are open, the server has {open_now:.0f}")
    each = (watched_now - connected) * 1024 / len(executions)
    table.add(
        f"an open watch of a suspended execution, {len(executions):,} on {shared} connections "
        f"({before:.0f} MiB, {connected:.0f} with the connections, {watched_now:.0f} then)",
        f"{each:.1f} KiB", f"≤ {STREAM_KIB_MAX} KiB", each <= STREAM_KIB_MAX)
    await streams.close()
    await none_watches(server)
    one = Streams(stubs)
    await one.open([executions[0]] * len(executions))
    begin = time.monotonic()
    await execution_service_pb2_grpc.ExecutionServiceStub(first).Respond(es.RespondRequest(
        execution_id=executions[0], decision=es.DECISION_APPROVE), timeout=CALL_SECONDS_MAX)
    await one.ended.reaches(len(executions), "watchers were told of the answer")
    table.add(f"one answer to an execution with {len(executions):,} watchers",
              f"all told, the last after {(one.last_end - begin) * 1e3:,.0f} ms", "reaches all", True)
    await one.close()
    for each_channel in [first, *channels]:
        await each_channel.close()


def bench_watchers(table, options):
    count, shared, alone = options.amount((10_000, 100, 1_000), (500, 10, 50))
    many_files()
    server = Server("--log-level", "warning", *options.serve, checks=False)
    try:
        server.start()
        took = prepare(server, count)
        note(f"{count:,} executions suspended in {took:.1f} s")
        executions = suspended_ids(server, count)
        # A new process, so that memory that others needed before is not there to be used again.
        server.stop()
        server.start()
        asyncio.run(many_streams(server, table, executions, shared, alone))
    finally:
        server.kill()
        server.remove()

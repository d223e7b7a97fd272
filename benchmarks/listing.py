"""Lists of a store with a million executions: pages by key over RPC for each documented filter, numbered pages of
the HTTP dialects, and totals. For service.py."""
import base64
import dataclasses
import json
import pathlib
import time

import requests

from bench import h2load
from connection import Connection
from rows import note, percentile, spread
from with_server import CERTS, Server
from signalbox.v1 import admin_service_pb2 as admin_pb
from signalbox.v1 import admin_service_pb2_grpc
from signalbox.v1 import batch_service_pb2 as bs
from signalbox.v1 import batch_service_pb2_grpc
from signalbox.v1 import execution_pb2 as ex
from signalbox.v1 import execution_service_pb2 as es
from signalbox.v1 import tag_service_pb2 as ts
from signalbox.v1 import tag_service_pb2_grpc
from signalbox.v1 import workflow_service_pb2 as ws
from google.protobuf import duration_pb2

from watching import chain

# The store is made in as many rounds, each with some of everything, and each ends with a marker.
ROUNDS = 10
CALLERS = (4, 64)
WAIT = duration_pb2.Duration(seconds=60)
SETTLE_SECONDS_MAX = 600
CALL_SECONDS_MAX = 120
BATCH_MAX = 2_000

PAGE_SIZE = 50
KEYSET_MS_MAX = 10
NUMBERED_MS_MAX = 100
NUMBERED_ROWS = (0, 2_500, 5_000, 7_500, 10_000)
NUMBERED_SIZE = 20

COMPLETED, FAILED = ex.EXECUTION_STATUS_COMPLETED, ex.EXECUTION_STATUS_FAILED
SUSPENDED, RUNNING = ex.EXECUTION_STATUS_SUSPENDED, ex.EXECUTION_STATUS_RUNNING
API, MANUAL, REPLAY, BATCH = (ex.TRIGGER_KIND_API, ex.TRIGGER_KIND_MANUAL, ex.TRIGGER_KIND_REPLAY,
                              ex.TRIGGER_KIND_BATCH)
SECOND_POD = "second"


@dataclasses.dataclass(frozen=True)
class Kind:
    """What the executions of one kind have in common."""
    workflow: str = "list-done"
    status: int = COMPLETED
    trigger: int = API
    pod: str = "default"
    tags: tuple = ()
    key: str = ""
    error: str = ""


KINDS = {
    "done": Kind(),
    "manual": Kind(trigger=MANUAL),
    "pod": Kind(workflow="list-pod", pod=SECOND_POD),
    "failed": Kind(workflow="list-failed", status=FAILED, error="no lamps left"),
    "rare": Kind(workflow="list-rare", status=FAILED, error="a rare fault"),
    "held": Kind(workflow="list-held", status=SUSPENDED),
    "tagged": Kind(tags=("list-tag",)),
    "both": Kind(tags=("list-tag", "list-other")),
    "timer": Kind(workflow="list-timer", status=RUNNING),
    "keyed": Kind(key="nightly"),
    "replayed": Kind(trigger=REPLAY),
    "batch": Kind(workflow="", trigger=BATCH),
    "marker": Kind(workflow="list-marker"),
}


def round_of(size):
    """How many of each kind one round of `size` has; with the batch, the first."""
    few = max(1, size // 5_000)
    counts = {"manual": size // 10, "pod": size * 15 // 100, "failed": size // 10, "rare": few,
              "held": size // 20, "tagged": size // 20, "both": size // 100, "timer": few,
              "keyed": few, "replayed": size // 100, "marker": 1}
    return {"done": size - sum(counts.values()), **counts}


def batch_size(size):
    return min(BATCH_MAX, size // 20)


def whole(count):
    """How many of each kind a store of `count` has."""
    size = count // ROUNDS
    counts = {kind: number * ROUNDS for kind, number in round_of(size).items()}
    return {**counts, "batch": batch_size(size), "done": counts["done"] - batch_size(size)}


# Making it.

class Maker:
    """Makes the store by triggers over RPC."""

    def __init__(self, server, connection, count):
        self.server, self.connection = server, connection
        self.size = count // ROUNDS
        self.headers = [f"authorization: Bearer {server.token}"]
        self.source = ""

    def repeat(self, method, request, calls, callers=CALLERS):
        connections, streams = callers if calls >= callers[0] * callers[1] else (1, 1)
        h2load(self.server.address, f"/signalbox.v1.ExecutionService/{method}",
               request.SerializeToString(), calls, connections, streams, self.headers)

    def prepare(self):
        admin = admin_service_pb2_grpc.AdminServiceStub(self.connection.channel)
        admin.CreatePod(admin_pb.CreatePodRequest(pod_id=SECOND_POD))
        tags = tag_service_pb2_grpc.TagServiceStub(self.connection.channel)
        for tag in ("list-tag", "list-other"):
            tags.CreateTag(ts.CreateTagRequest(name=tag, tag_id=tag))
        nodes = {"list-done": {"type": "noop"}, "list-pod": {"type": "noop"},
                 "list-marker": {"type": "noop"},
                 "list-failed": {"type": "fail", "data": {"message": "no lamps left"}},
                 "list-rare": {"type": "fail", "data": {"message": "a rare fault"}},
                 "list-held": {"type": "approval", "data": {"message": "?"}},
                 "list-timer": {"type": "wait", "data": {"duration": "P300D"}}}
        for workflow, node in nodes.items():
            request = chain(workflow, {"id": "step", **node})
            request.pod_id = SECOND_POD if workflow == "list-pod" else ""
            self.connection.workflows.Put(request)
        self.source = self.trigger("done").id

    def request(self, kind):
        one = KINDS[kind]
        return es.TriggerRequest(
            workflow_id=one.workflow, pod_id=one.pod, trigger=one.trigger, tags=one.tags,
            key=one.key, wait=None if one.status == RUNNING else WAIT)

    def trigger(self, kind):
        return self.connection.executions.Trigger(
            self.request(kind), timeout=CALL_SECONDS_MAX).execution

    def batch(self):
        stub = batch_service_pb2_grpc.BatchServiceStub(self.connection.channel)
        text = json.dumps({"name": "of a batch", "nodes": [
            {"id": "start", "type": "start"}, {"id": "step", "type": "noop"},
            {"id": "end", "type": "end"}],
            "edges": [{"source": "start", "target": "step"}, {"source": "step", "target": "end"}]})
        made = stub.StartBatch(bs.StartBatchRequest(
            workflows=[bs.BatchWorkflow(definition_json=text)] * batch_size(self.size),
            workers=64), timeout=CALL_SECONDS_MAX).batch
        for _ in stub.WatchBatch(
                bs.WatchBatchRequest(batch_id=made.id), timeout=SETTLE_SECONDS_MAX):
            pass

    def round(self, index):
        for kind, number in round_of(self.size).items():
            if kind == "marker":
                # It stands behind all others of its round; replays may still be under way.
                self.settle()
                self.trigger(kind)
            elif kind == "replayed":
                self.repeat("Replay", es.ReplayRequest(execution_id=self.source), number)
            elif kind == "keyed":
                # One after the other: a key is unique among those that have not ended.
                self.repeat("Trigger", self.request(kind), number, (1, 1))
            else:
                if kind == "done" and index == 0:
                    self.batch()
                    number -= batch_size(self.size)
                self.repeat("Trigger", self.request(kind), number)

    def settle(self):
        """Returns once all have ended, or wait for somebody or for a time."""
        states = [es.StateFilter(status=ex.EXECUTION_STATUS_QUEUED),
                  es.StateFilter(status=RUNNING, waiting=es.WAITING_NO)]
        request = es.CountExecutionsRequest(filter=es.ExecutionFilter(states=states))
        end = time.monotonic() + SETTLE_SECONDS_MAX
        while left := self.connection.executions.Count(request).count:
            if time.monotonic() > end:
                raise RuntimeError(f"{left} executions are still under way")
            time.sleep(0.1)


def connect(server):
    return Connection(server.address, CERTS / "ca.pem", server.token)


def make(server, count):
    """Makes the store unless it is there; seconds, or None."""
    with connect(server) as connection:
        there = connection.executions.Count(es.CountExecutionsRequest()).count
        # What the replays are of is one more than the rounds have.
        if there == count + 1:
            return None
        if there:
            raise RuntimeError(f"the store has {there} executions, expected none or {count + 1}")
        begin = time.monotonic()
        maker = Maker(server, connection, count)
        maker.prepare()
        for index in range(ROUNDS):
            maker.round(index)
            note(f"{(index + 1) * maker.size:,} executions in {time.monotonic() - begin:.0f} s")
        return time.monotonic() - begin


# Lists.

@dataclasses.dataclass
class Case:
    """A filter, and how many executions fit it."""
    name: str
    filter: es.ExecutionFilter
    expected: int
    pod: str = ""


def state(status, **more):
    return [es.StateFilter(status=status, **more)]


def cases(connection, count):
    counts = whole(count)
    size = count // ROUNDS

    def newest(**filter):
        return connection.executions.List(es.ListExecutionsRequest(
            filter=es.ExecutionFilter(**filter), page_size=1_000)).executions

    # The ends of the rounds.
    markers = [one.create_time for one in reversed(newest(workflow_ids=["list-marker"]))]
    batch = newest(triggers=[BATCH])[0].batch_number
    source = newest(triggers=[REPLAY])[0].source_id

    def case(name, fits, pod="", **filter):
        # What the replays are of, before the first round.
        first = 1 if fits(KINDS["done"]) else 0
        expected = sum(number for kind, number in counts.items() if fits(KINDS[kind])) + first
        return Case(name, es.ExecutionFilter(**filter), expected, pod)

    def timed(name, expected, **filter):
        return Case(name, es.ExecutionFilter(**filter), expected)

    done = lambda one: one.workflow == "list-done"  # noqa: E731
    return [
        case("none", lambda one: True),
        case("a status with most", lambda one: one.status == COMPLETED, states=state(COMPLETED)),
        case("a status with a few of a hundred", lambda one: one.status == SUSPENDED,
             states=state(SUSPENDED)),
        case("a status and its reason", lambda one: one.status == FAILED,
             states=state(FAILED, reason=ex.EXECUTION_REASON_NODE_FAILED)),
        case("waiting for a timer", lambda one: one.status == RUNNING,
             states=state(RUNNING, waiting=es.WAITING_YES)),
        case("two statuses", lambda one: one.status in (FAILED, SUSPENDED),
             states=state(FAILED) + state(SUSPENDED)),
        case("a workflow", done, workflow_ids=["list-done"]),
        case("four workflows", lambda one: one.workflow in (
            "list-done", "list-held", "list-failed", "list-marker"),
            workflow_ids=["list-done", "list-held", "list-failed", "list-marker"]),
        case("a pod", lambda one: one.pod == SECOND_POD, pod=SECOND_POD),
        case("a trigger with most", lambda one: one.trigger == API, triggers=[API]),
        case("two triggers with few", lambda one: one.trigger in (REPLAY, BATCH),
             triggers=[REPLAY, BATCH]),
        timed("created from", 4 * size, created_from=following(markers[5])),
        timed("created before", 4 * size + 1, created_before=following(markers[3])),
        timed("created from and before", 3 * size, created_from=following(markers[3]),
              created_before=following(markers[6])),
        case("a common error text", lambda one: "lamps" in one.error, error_contains="LAMPS"),
        case("a rare error text", lambda one: "rare" in one.error, error_contains="rare f"),
        case("a source", lambda one: one.trigger == REPLAY, source_id=source),
        case("a key", lambda one: one.key != "", key="nightly"),
        case("a tag", lambda one: "list-tag" in one.tags, tags=["list-tag"]),
        case("two tags", lambda one: len(one.tags) == 2, tags=["list-tag", "list-other"]),
        case("a batch", lambda one: one.trigger == BATCH, batch_id=f"batch-{batch}"),
        case("a workflow and a status", lambda one: one.workflow == "list-done",
             workflow_ids=["list-done"], states=state(COMPLETED)),
        case("a workflow and a trigger", lambda one: done(one) and one.trigger == MANUAL,
             workflow_ids=["list-done"], triggers=[MANUAL]),
        case("a status and a trigger with few", lambda one: one.trigger == REPLAY,
             states=state(COMPLETED), triggers=[REPLAY]),
        case("a tag and a status that it never has", lambda one: False, tags=["list-tag"],
             states=state(FAILED)),
    ]


def following(instant):
    """The microsecond after it, in which no execution of this store but a later one was made."""
    later = type(instant)()
    later.FromMicroseconds(instant.ToMicroseconds() + 1)
    return later


def walk(connection, case, pages):
    """Milliseconds of so many pages, from the newest on, again from there after the last one; checks them."""
    took = []
    while len(took) < pages:
        request = es.ListExecutionsRequest(
            filter=case.filter, pod_id=case.pod, page_size=PAGE_SIZE)
        found, last = 0, None
        while True:
            begin = time.perf_counter()
            page = connection.executions.List(request, timeout=CALL_SECONDS_MAX)
            took.append((time.perf_counter() - begin) * 1e3)
            found += len(page.executions)
            for execution in page.executions:
                place = (execution.create_time.ToMicroseconds(), execution.number)
                if last is not None and place >= last:
                    raise RuntimeError(f"{case.name}: {place} comes after {last}")
                last = place
            request.page_token = page.next_page_token
            if not request.page_token and found != case.expected:
                raise RuntimeError(f"{case.name}: {found} listed, expected {case.expected}")
            if not request.page_token or len(took) >= pages:
                break
    return took


def keyset(table, connection, count, pages):
    for case in cases(connection, count):
        begin = time.perf_counter()
        total = connection.executions.Count(es.CountExecutionsRequest(
            filter=case.filter, pod_id=case.pod), timeout=CALL_SECONDS_MAX).count
        counted = (time.perf_counter() - begin) * 1e3
        if total != case.expected:
            raise RuntimeError(f"{case.name}: {total} counted, expected {case.expected}")
        took = walk(connection, case, pages)
        table.add(f"keyset page, filter: {case.name}",
                  f"{spread(took)}; counted exactly, {total:,} in {counted:.1f} ms",
                  f"p99 ≤ {KEYSET_MS_MAX} ms", percentile(took, 99) <= KEYSET_MS_MAX)


class Web:
    """A caller over HTTPS, on one connection."""

    def __init__(self, server):
        self.base = f"https://{server.address}"
        self.session = requests.Session()
        self.session.verify = str(CERTS / "ca.pem")
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {server.token}"

    def get(self, path, **params):
        """The answer's JSON, and its milliseconds."""
        begin = time.perf_counter()
        answer = self.session.get(self.base + path, params=params, timeout=CALL_SECONDS_MAX)
        took = (time.perf_counter() - begin) * 1e3
        if answer.status_code != 200:
            raise RuntimeError(f"{path} {params}: {answer.status_code} {answer.text[:300]}")
        return answer.json(), took


def numbered(table, server, connection, count, times):
    web = Web(server)
    by_name = {case.name: case for case in cases(connection, count)}
    filters = {
        "none": {}, "a status with most": {"status": "SUCCESS"}, "a workflow": {"workflowId": "list-done"},
        "created from": {"from": by_name["created from"].filter.created_from.ToJsonString()}}
    for name, params in filters.items():
        expected, took = by_name[name].expected, []
        for row in NUMBERED_ROWS:
            if row >= expected:
                continue
            for _ in range(times):
                page, milliseconds = web.get("/api/executions/team/default", size=NUMBERED_SIZE,
                                             page=row // NUMBERED_SIZE, **params)
                took.append(milliseconds)
                rows = min(NUMBERED_SIZE, expected - row)
                if (page["totalElements"], len(page["content"])) != (expected, rows):
                    raise RuntimeError(
                        f"{name}, row {row}: {len(page['content'])} of {page['totalElements']}, "
                        f"expected {rows} of {expected}")
        table.add(f"numbered page of teams down to row 10,000, filter: {name}",
                  f"{spread(took)}; total exact, {expected:,}", f"≤ {NUMBERED_MS_MAX} ms",
                  percentile(took, 99) <= NUMBERED_MS_MAX)
    took = []
    for row in NUMBERED_ROWS:
        cursor = base64.b64encode(json.dumps({"offset": row, "limit": NUMBERED_SIZE}).encode())
        for _ in range(times if row < count else 0):
            page, milliseconds = web.get("/api/v1/executions", cursor=cursor.decode())
            took.append(milliseconds)
            if not page["data"]:
                raise RuntimeError(f"the executions client's list has nothing at row {row}")
    table.add("page by offset of the executions client down to row 10,000", spread(took),
              f"≤ {NUMBERED_MS_MAX} ms", percentile(took, 99) <= NUMBERED_MS_MAX)


def store(options, folder):
    """A server on a store of `options.count` executions in `folder`, started."""
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    server = Server("--log-level", "warning", *options.serve, folder=folder, checks=False)
    try:
        server.start()
        took = make(server, options.count)
    except BaseException:
        server.kill()
        raise
    note(f"{options.count:,} executions, "
         + (f"made in {took:.0f} s" if took is not None else "made before"))
    return server


def bench_list(table, options, folder):
    server = store(options, folder)
    try:
        with connect(server) as connection:
            keyset(table, connection, options.count, options.amount(200, 20))
            numbered(table, server, connection, options.count, options.amount(20, 3))
        server.stop()
    finally:
        server.kill()

#!/usr/bin/env python3
"""A stock Python gRPC client uses what is about many executions at once: tags, batches, bulk
operations, start delay.

Starts its own server, with a folder that batches may be started from, and kills it where a case asks
for that.
"""
import json
import pathlib
import sys
import tempfile
import threading

import grpc
from google.protobuf import duration_pb2, timestamp_pb2

from cases import case, equal, expect, run
import connection
from connection import ROOT, WORKFLOWS, Connection, unique

sys.path.insert(0, str(ROOT / "Tests" / "StockClients"))
from with_server import CERTS, Server  # noqa: E402  (after the path that holds it)

from signalbox.v1 import batch_service_pb2 as bs  # noqa: E402
from signalbox.v1 import batch_service_pb2_grpc  # noqa: E402
from signalbox.v1 import admin_service_pb2 as admin_pb  # noqa: E402
from signalbox.v1 import admin_service_pb2_grpc  # noqa: E402
from signalbox.v1 import bulk_service_pb2 as ks  # noqa: E402
from signalbox.v1 import bulk_service_pb2_grpc  # noqa: E402
from signalbox.v1 import execution_pb2 as ex  # noqa: E402
from signalbox.v1 import execution_service_pb2 as es  # noqa: E402
from signalbox.v1 import server_service_pb2 as server_pb  # noqa: E402
from signalbox.v1 import tag_service_pb2 as ts  # noqa: E402
from signalbox.v1 import tag_service_pb2_grpc  # noqa: E402
from signalbox.v1 import workflow_service_pb2 as ws  # noqa: E402

Code = grpc.StatusCode
MINUTE = duration_pb2.Duration(seconds=60)
COUNTS = ("queued", "running", "completed", "failed", "stopped")


def refused(code, reason, call, *arguments, **keywords):
    return connection.refused(code, call, *arguments, reason=reason, **keywords)


def noops(name=""):
    definition = json.loads((WORKFLOWS / "three-noops.json").read_text())
    definition.pop("id", None)
    return json.dumps({**definition, "name": name or "three noops"})


def waiting(name="waiting"):
    return json.dumps({
        "name": name,
        "nodes": [{"id": "s", "type": "start"},
                  {"id": "hold", "type": "approval", "data": {"message": "?"}},
                  {"id": "e", "type": "end"}],
        "edges": [{"source": "s", "target": "hold"},
                  {"source": "hold", "sourceHandle": "approved", "target": "e"}]})


def failing(name="failing"):
    return json.dumps({
        "name": name,
        "nodes": [{"id": "s", "type": "start"},
                  {"id": "bad", "type": "fail",
                   "data": {"message": "on purpose", "details": {"why": 1}}}],
        "edges": [{"source": "s", "target": "bad"}]})


class Bench:
    """A server with a batch root, and stubs for its admin."""

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-batches-"))
        self.server = Server("--batch-root", str(self.root))
        self.server.start()
        self.connect()

    def connect(self, token=None):
        self.c = Connection(self.server.address, CERTS / "ca.pem", token or self.server.token)
        self.tags = tag_service_pb2_grpc.TagServiceStub(self.c.channel)
        self.batches = batch_service_pb2_grpc.BatchServiceStub(self.c.channel)
        self.bulk = bulk_service_pb2_grpc.BulkServiceStub(self.c.channel)

    def other(self, role):
        """Stubs for a token of another role."""
        secret = self.c.server.CreateToken(server_pb.CreateTokenRequest(
            name=unique("role"), role=role)).secret
        bench = Bench.__new__(Bench)
        bench.server = self.server
        bench.connect(secret)
        return bench

    def kill(self):
        """kill -9, and a new server on the same store and port."""
        address = self.server.address
        self.server.kill()
        self.c.close()
        self.server.start(listen=address)
        self.connect()

    def start(self, *definitions, **fields):
        return self.batches.StartBatch(bs.StartBatchRequest(
            workflows=[bs.BatchWorkflow(definition_json=text) for text in definitions],
            **fields)).batch

    def get(self, batch):
        return self.batches.GetBatch(bs.GetBatchRequest(batch_id=batch.id))

    def items(self, batch, **fields):
        return self.batches.ListBatchItems(bs.ListBatchItemsRequest(
            batch_id=batch.id, page_size=1_000, **fields)).items

    def watch(self, batch):
        """Every state that the watch tells, each checked."""
        for state in self.batches.WatchBatch(bs.WatchBatchRequest(batch_id=batch.id), timeout=110):
            adds_up(state)
            yield state

    def ended(self, batch):
        *_, last = self.watch(batch)
        expect(last.HasField("end_time"), f"a watch ends with the final state, got {last}")
        return last

    def until(self, batch, condition):
        for state in self.watch(batch):
            if condition(state):
                return state
        raise AssertionError("the batch ended before it was as expected")

    def trigger(self, workflow, wait=True, **fields):
        request = es.TriggerRequest(workflow_id=workflow, **fields)
        if wait:
            request.wait.CopyFrom(MINUTE)
        return self.c.executions.Trigger(request).execution

    def numbers(self, **filter):
        page = self.c.executions.List(es.ListExecutionsRequest(
            filter=es.ExecutionFilter(**filter), page_size=1_000))
        count = self.c.executions.Count(es.CountExecutionsRequest(
            filter=es.ExecutionFilter(**filter))).count
        equal(count, len(page.executions), "a count agrees with its list")
        return [execution.number for execution in page.executions]


def adds_up(batch):
    equal(sum(getattr(batch, name) for name in COUNTS), batch.total, f"the counts of {batch}")


# Tags.

@case("a tag is made, found by id and name, renamed and deleted")
def _(b):
    made = b.tags.CreateTag(ts.CreateTagRequest(name="Nightly run", tag_id="nightly"))
    equal((made.id, made.name), ("nightly", "Nightly run"), "what was made")
    for text in ("nightly", "Nightly run"):
        equal(b.tags.GetTag(ts.GetTagRequest(tag=text)).id, "nightly", text)
    b.tags.RenameTag(ts.RenameTagRequest(tag="Nightly run", name="Nightly"))
    equal([t.name for t in b.tags.ListTags(ts.ListTagsRequest()).tags], ["Nightly"], "the list")
    b.tags.DeleteTag(ts.DeleteTagRequest(tag="nightly"))
    refused(Code.NOT_FOUND, "TAG_NOT_FOUND", b.tags.GetTag, ts.GetTagRequest(tag="nightly"))


@case("ids and names of tags are all different")
def _(b):
    b.tags.CreateTag(ts.CreateTagRequest(name="Red", tag_id="red"))
    for name, tag_id in (("Red", "other"), ("red", ""), ("Other", "Red"), ("Other", "red")):
        refused(Code.ALREADY_EXISTS, "TAG_EXISTS", b.tags.CreateTag,
                ts.CreateTagRequest(name=name, tag_id=tag_id))
    for name in ("", " ", "a\nb", "x" * 65):
        refused(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", b.tags.CreateTag,
                ts.CreateTagRequest(name=name))


@case("executions are tagged at the trigger and later, and lists and counts filter by all tags named")
def _(b):
    workflow = b.c.put("three-noops").id
    for name in ("blue", "green"):
        b.tags.CreateTag(ts.CreateTagRequest(name=name))
    one = b.trigger(workflow, tags=["blue"])
    two = b.trigger(workflow)
    equal([t.name for t in one.tags], ["blue"], "the trigger's answer")
    set_tags = lambda **f: [t.name for t in b.tags.SetExecutionTags(
        ts.SetExecutionTagsRequest(execution_id=two.id, **f)).tags]
    equal(set_tags(add=["green", "blue"]), ["blue", "green"], "added, by name")
    equal(b.numbers(tags=["blue"]), [two.number, one.number], "those that are blue")
    equal(b.numbers(tags=["green", "blue"]), [two.number], "those that are both")
    equal(b.numbers(tags=["green"], workflow_ids=["none"]), [], "with another condition")
    got = b.c.executions.Get(es.GetExecutionRequest(execution_id=two.id, view=2))
    equal([t.name for t in got.tags], ["blue", "green"], "the execution tells its tags")
    equal(set_tags(remove=["blue"]), ["green"], "one was taken away")
    equal(set_tags(replace=True, add=["blue"]), ["blue"], "replaced")
    counts = {t.name: t.execution_count for t in b.tags.ListTags(ts.ListTagsRequest()).tags}
    equal((counts["blue"], counts["green"]), (2, 0), "the tags' counts")
    equal(b.tags.DeleteTag(ts.DeleteTagRequest(tag="blue")).execution_count, 2, "it was on two")
    equal(list(b.tags.GetExecutionTags(
        ts.GetExecutionTagsRequest(execution_id=one.id)).tags), [], "it is gone from executions")
    refused(Code.NOT_FOUND, "TAG_NOT_FOUND", b.numbers, tags=["blue"])
    refused(Code.NOT_FOUND, "TAG_NOT_FOUND", b.trigger, workflow, tags=["blue"])


# Batches.

@case("a batch runs inline definitions, and its counts add up in every state that a watch tells")
def _(b):
    batch = b.start(*[noops(f"n{i}") for i in range(20)], failing(), workers=3)
    adds_up(batch)
    equal((batch.total, batch.queued, batch.workers), (21, 21, 3), "as it begins")
    last = b.ended(batch)
    equal((last.completed, last.failed, last.stopped), (20, 1, 0), "as it ended")
    equal(last.status, bs.BATCH_STATUS_ERROR, "one failed")
    items = b.items(batch)
    equal([i.position for i in items], list(range(21)), "the items in their order")
    equal(items[20].error.message, "on purpose", "the error of the last")
    equal(items[20].error.details_json, "", "its details are in a get alone")
    failed = b.c.executions.Get(es.GetExecutionRequest(execution_id=items[20].execution_id))
    equal(json.loads(failed.error.details_json), {"why": 1}, "which has them")
    equal(sorted(b.numbers(batch_id=f"batch-{batch.number}")),
          [i.execution_number for i in items], "its executions by filter")
    one = b.c.executions.Get(es.GetExecutionRequest(execution_id=items[0].execution_id))
    equal((one.trigger, one.batch_number), (ex.TRIGGER_KIND_BATCH, batch.number), "one of them")
    listed = b.c.workflows.List(ws.ListWorkflowsRequest()).workflows
    equal([w.id for w in listed if w.id.startswith("inline:")], [], "they are in no list")


@case("no more than its workers are under way at once")
def _(b):
    batch = b.start(*[waiting(f"w{i}") for i in range(7)], workers=2)
    state = b.until(batch, lambda s: s.suspended == 2)
    equal((state.running, state.queued), (2, 5), "two hold the places")
    queued = [i for i in b.items(batch) if i.status == ex.EXECUTION_STATUS_QUEUED]
    why = b.c.executions.Get(es.GetExecutionRequest(execution_id=queued[0].execution_id))
    expect("batch" in why.next_wake_up, f"a queued one says why it waits, got {why.next_wake_up}")
    done = 0
    while done < 7:
        open_items = [i for i in b.items(batch, with_current_node=True)
                      if i.status == ex.EXECUTION_STATUS_SUSPENDED]
        expect(len(open_items) <= 2, f"at most two at once, got {len(open_items)}")
        for item in open_items:
            equal(item.current_node_id, "hold", "where it stands")
            b.c.executions.Respond(es.RespondRequest(
                execution_id=item.execution_id, decision=es.DECISION_APPROVE))
            done += 1
        if done < 7:
            b.until(batch, lambda s, d=done: s.completed == d and s.suspended == min(2, 7 - d))
    last = b.ended(batch)
    equal((last.status, last.suspended), (bs.BATCH_STATUS_COMPLETED, 0), "all went well")


@case("a watch of a batch tells whenever one is held, also where the counts are what they were")
def _(b):
    twice = json.dumps({
        "name": "twice", "nodes": [{"id": "s", "type": "start"},
                                   {"id": "one", "type": "ask", "data": {"message": "1"}},
                                   {"id": "two", "type": "ask", "data": {"message": "2"}},
                                   {"id": "e", "type": "end"}],
        "edges": [{"source": "s", "target": "one"}, {"source": "one", "target": "two"},
                  {"source": "two", "target": "e"}]})
    batch = b.start(twice)
    held, watch = None, b.watch(batch)
    for asked in ("one#1", "two#1"):
        # Nothing else is asked than whether something was told.
        for state in watch:
            page = b.c.executions.List(es.ListExecutionsRequest(
                filter=es.ExecutionFilter(batch_id=f"batch-{batch.number}")))
            open_now = [i.id for i in page.executions[0].interrupts]
            if open_now == [asked] and state.suspended:
                break
        equal((state.suspended, open_now), (1, [asked]), "what is held")
        held = page.executions[0]
        b.c.executions.Respond(es.RespondRequest(execution_id=held.id, data_json="1"))
    equal(b.ended(batch).status, bs.BATCH_STATUS_COMPLETED, "the end")


@case("the executions of a batch have its priority")
def _(b):
    made = b.start(waiting("p"), priority=7)
    b.until(made, lambda state: state.running == 1)
    items = b.items(made)
    got = b.c.executions.Get(es.GetExecutionRequest(execution_id=items[0].execution_id))
    equal((made.priority, got.priority), (7, 7), "the priority is the batch's")
    b.batches.StopBatch(bs.StopBatchRequest(batch_id=made.id))
    b.ended(made)


@case("what is not good is listed with its faults, and the rest runs; nothing good is refused")
def _(b):
    bad = json.dumps({"nodes": [{"id": "a", "type": "nonsense"}]})
    answer = b.batches.StartBatch(bs.StartBatchRequest(workflows=[
        bs.BatchWorkflow(definition_json=noops(), file_name="good.json"),
        bs.BatchWorkflow(definition_json=bad, file_name="bad.json"),
        bs.BatchWorkflow(definition_json="{", file_name="worse.json"),
        bs.BatchWorkflow(workflow_id="nobody")]))
    batch = answer.batch
    equal((batch.total, batch.invalid, batch.source), (1, 3, bs.BATCH_SOURCE_FILES), "the split")
    equal([(f.index, f.file_name) for f in batch.faults],
          [(1, "bad.json"), (2, "worse.json"), (3, "")], "whose faults")
    expect(all(f.errors for f in batch.faults), "each says what is wrong")
    equal(len(b.get(batch).faults), 3, "they are kept")
    equal(b.ended(batch).status, bs.BATCH_STATUS_COMPLETED, "what was started went well")
    refused(Code.INVALID_ARGUMENT, "BATCH_EMPTY", b.start, bad)
    refused(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", b.start)
    before = b.batches.ListBatches(bs.ListBatchesRequest()).total_count
    checked = b.start(noops(), bad, validate_only=True)
    equal((checked.id, checked.total, checked.invalid), ("", 1, 1), "checked only")
    equal(b.batches.ListBatches(bs.ListBatchesRequest()).total_count, before, "nothing was made")


@case("a batch is started from a folder beneath a root, links are not followed, nothing else is reached")
def _(b):
    top = b.root / "suite"
    (top / "deep").mkdir(parents=True)
    for name in ("a.json", "b.json", "deep/c.json"):
        (top / name).write_text(noops(name))
    (top / "notes.txt").write_text("not a workflow")
    (top / "bad.json").write_text("{")
    outside = pathlib.Path(tempfile.mkdtemp())
    (outside / "secret.json").write_text(noops("secret"))
    (top / "link.json").symlink_to(outside / "secret.json")
    (top / "linked").symlink_to(outside)
    folder = lambda **f: b.batches.StartBatch(bs.StartBatchRequest(
        folder=bs.BatchFolder(**f))).batch
    flat = folder(path="./suite")
    equal([(i.file_name, i.path) for i in b.items(flat)],
          [("a.json", "./suite/a.json"), ("b.json", "./suite/b.json")], "its own files")
    equal([f.path for f in flat.faults], ["./suite/bad.json"], "the one that is not good")
    equal((flat.source, flat.folder_path), (bs.BATCH_SOURCE_FOLDER, "./suite"), "where from")
    deep = folder(path=str(top), recursive=True, pattern="?.json")
    equal([i.file_name for i in b.items(deep)], ["a.json", "b.json", "c.json"], "all folders")
    for path in ("../", "suite/../..", "suite/linked", str(outside), "/etc", "none", "suite/a.json"):
        refused(Code.NOT_FOUND, "FOLDER_NOT_FOUND", folder, path=path)
    b.ended(flat), b.ended(deep)


@case("saved workflows run by id and version, with inputs of their own, tags and a request id")
def _(b):
    echo = b.c.put("echo").id
    b.tags.CreateTag(ts.CreateTagRequest(name="of-batch"))
    request = bs.StartBatchRequest(
        workflows=[bs.BatchWorkflow(workflow_id=echo, input_json='{"text": "1"}'),
                   bs.BatchWorkflow(workflow_id=echo, version=1)],
        input_json='{"text": "2"}', tags=["of-batch"], request_id=unique())
    first = b.batches.StartBatch(request)
    again = b.batches.StartBatch(request)
    equal((again.batch.id, again.existing, first.existing),
          (first.batch.id, True, False), "a repeat gets the first")
    request.workers = 9
    refused(Code.ALREADY_EXISTS, "REQUEST_MISMATCH", b.batches.StartBatch, request)
    b.ended(first.batch)
    equal(len(b.numbers(tags=["of-batch"])), 2, "both are tagged")
    inputs = [b.c.executions.Get(es.GetExecutionRequest(
        execution_id=i.execution_id, view=2)).input_json for i in b.items(first.batch)]
    equal([json.loads(i)["text"] for i in inputs], ["1", "2"], "the inputs")


@case("a batch is stopped: what runs and what is queued is cancelled, and none of it starts any more")
def _(b):
    batch = b.start(*[waiting(f"s{i}") for i in range(30)], workers=3)
    b.until(batch, lambda s: s.running == 3)
    answer = b.batches.StopBatch(bs.StopBatchRequest(batch_id=batch.id, reason="enough"))
    equal((answer.running_stopped, answer.queued_stopped), (3, 27), "what was stopped")
    equal((answer.batch.status, answer.batch.stopped, answer.batch.stop_reason),
          (bs.BATCH_STATUS_STOPPED, 30, "enough"), "how it ended")
    expect(answer.batch.HasField("end_time"), "it is final")
    refused(Code.FAILED_PRECONDITION, "BATCH_FINAL", b.batches.StopBatch,
            bs.StopBatchRequest(batch_id=batch.id))


@case("the history lists newest first, by status and page, and by offset with a total")
def _(b):
    made = [b.ended(b.start(noops())) for _ in range(3)]
    page = b.batches.ListBatches(bs.ListBatchesRequest(page_size=2))
    equal([x.id for x in page.batches], [made[2].id, made[1].id], "the newest two")
    rest = b.batches.ListBatches(bs.ListBatchesRequest(
        page_size=2, page_token=page.next_page_token))
    equal(rest.batches[0].id, made[0].id, "the next page")
    offset = b.batches.ListBatches(bs.ListBatchesRequest(page_size=1, offset=2))
    equal((offset.batches[0].id, offset.total_count), (made[0].id, page.total_count), "by offset")
    stopped = b.batches.ListBatches(bs.ListBatchesRequest(statuses=[bs.BATCH_STATUS_STOPPED]))
    expect(stopped.batches and all(x.status == bs.BATCH_STATUS_STOPPED for x in stopped.batches),
           "only stopped ones")
    for name in (made[0].id, str(made[0].number), f"batch-{made[0].number}"):
        equal(b.batches.GetBatch(bs.GetBatchRequest(batch_id=name)).id, made[0].id, name)
    for name in ("batch-", "batch-0", "nobody", "99999999"):
        refused(Code.NOT_FOUND, "BATCH_NOT_FOUND", b.batches.GetBatch,
                bs.GetBatchRequest(batch_id=name))


@case("a batch survives kill -9, again and again: each item runs, the counts are true")
def _(b):
    definitions = [noops(f"k{i}") for i in range(150)] + [waiting("held"), failing()]
    batch = b.start(*definitions, workers=2)
    seen = 0
    for goal in (20, 60, 100):
        try:
            for state in b.watch(batch):
                seen = state.completed
                if seen >= goal:
                    break
        except grpc.RpcError:
            pass
        b.kill()
        after = b.get(batch)
        adds_up(after)
        expect(after.completed >= seen, f"nothing is forgotten: {seen} before, {after} after")
    held = b.until(batch, lambda s: s.completed + s.failed == 151 and s.running == 1)
    equal((held.completed, held.failed), (150, 1), "all but the held one")
    item = [i for i in b.items(batch) if i.status == ex.EXECUTION_STATUS_SUSPENDED][0]
    b.kill()
    b.c.executions.Respond(es.RespondRequest(
        execution_id=item.execution_id, decision=es.DECISION_APPROVE))
    last = b.ended(batch)
    equal((last.completed, last.failed, last.total), (151, 1, 152), "the end")


@case("places that were held before a kill -9 are held after it, and a stop goes on")
def _(b):
    batch = b.start(*[waiting(f"p{i}") for i in range(6)], workers=2)
    b.until(batch, lambda s: s.running == 2)
    b.kill()
    state = b.get(batch)
    equal((state.running, state.queued), (2, 4), "two places, both taken")
    item = [i for i in b.items(batch) if i.status == ex.EXECUTION_STATUS_SUSPENDED][0]
    b.c.executions.Respond(es.RespondRequest(
        execution_id=item.execution_id, decision=es.DECISION_APPROVE))
    state = b.until(batch, lambda s: s.completed == 1 and s.running == 2)
    equal(state.queued, 3, "the next one took the place")
    big = b.start(*[waiting(f"z{i}") for i in range(400)], workers=5)
    stop = threading.Thread(target=lambda: swallow(
        b.batches.StopBatch, bs.StopBatchRequest(batch_id=big.id)))
    stop.start()
    for state in b.watch(big):
        if state.stopped > 5:
            break
    b.kill()
    stop.join()
    last = b.ended(big)
    equal((last.status, last.stopped), (bs.BATCH_STATUS_STOPPED, 400), "it was stopped to the end")


def swallow(call, *arguments):
    try:
        call(*arguments)
    except grpc.RpcError:
        pass


@case("1,000 workflows run in one batch, and memory stays flat")
def _(b):
    memory = lambda: int([line for line in pathlib.Path(
        f"/proc/{b.server.process.pid}/status").read_text().splitlines()
        if line.startswith("VmRSS")][0].split()[1]) / 1024
    b.ended(b.start(*[noops(f"warm{i}") for i in range(1_000)], workers=50))
    before = memory()
    for turn in range(3):
        batch = b.start(*[noops(f"t{turn}-{i}") for i in range(1_000)], workers=50)
        equal(b.ended(batch).completed, 1_000, "all of them")
    after = memory()
    print(f"          resident before {before:.0f} MiB, after 3,000 more {after:.0f} MiB")
    expect(after < before + 40, f"flat memory: {before:.0f} MiB before, {after:.0f} MiB after")


@case("roles: a viewer looks, an operator starts what is saved, definitions need an editor")
def _(b):
    viewer, operator = b.other(1), b.other(2)
    batch = b.ended(b.start(noops()))
    equal(viewer.get(batch).id, batch.id, "a viewer's look")
    refused(Code.PERMISSION_DENIED, "ROLE_INSUFFICIENT", viewer.start, noops())
    refused(Code.PERMISSION_DENIED, "ROLE_INSUFFICIENT", operator.start, noops())
    saved = b.c.put("three-noops").id
    made = operator.batches.StartBatch(bs.StartBatchRequest(
        workflows=[bs.BatchWorkflow(workflow_id=saved)])).batch
    equal(operator.ended(made).completed, 1, "an operator's batch")
    refused(Code.PERMISSION_DENIED, "ROLE_INSUFFICIENT", operator.batches.ClearBatches,
            bs.ClearBatchesRequest())


# Bulk operations.

def bulk(b, action, wait=True, **fields):
    """Starts one and, unless told otherwise, waits for its end."""
    answer = b.bulk.StartBulkOperation(ks.StartBulkOperationRequest(
        action=getattr(ks, f"BULK_ACTION_{action}"), **fields))
    if not wait:
        return answer.operation
    return bulk_end(b, answer.operation)


def bulk_get(b, operation):
    return b.bulk.GetBulkOperation(ks.GetBulkOperationRequest(operation_id=operation.id))


def bulk_until(b, operation, condition):
    """Follows the operation until it is as the condition says, or has ended, and returns it."""
    now = None
    for now in b.bulk.WatchBulkOperation(
            ks.WatchBulkOperationRequest(operation_id=operation.id), timeout=60):
        expect(now.succeeded + now.skipped + now.failed <= now.processed <= now.total + 1_000,
               f"the progress adds up: {now}")
        if condition(now):
            break
    return now


def bulk_end(b, operation):
    """Follows the operation to its end: the stream ends by itself then, and not before."""
    now = bulk_until(b, operation, lambda _: False)
    expect(now.HasField("end_time"), f"the last that a watch tells has ended: {now}")
    equal(bulk_get(b, operation), now, "what a get tells afterwards")
    return now


def results(b, operation, **fields):
    found, token = [], ""
    while True:
        page = b.bulk.ListBulkResults(ks.ListBulkResultsRequest(
            operation_id=operation.id, page_size=100, page_token=token, **fields))
        found += page.results
        token = page.next_page_token
        if not token:
            return found


def tagged(b, workflow, count, **fields):
    """That many executions of a workflow under a tag of their own."""
    tag = unique("bulk")
    b.tags.CreateTag(ts.CreateTagRequest(name=tag))
    made = [b.trigger(workflow, wait=False, tags=[tag], **fields) for _ in range(count)]
    return tag, made


@case("a dry run counts and shows the newest, and does nothing")
def _(b):
    approval = b.c.put("approval").id
    tag, made = tagged(b, approval, 25)
    answer = b.bulk.StartBulkOperation(ks.StartBulkOperationRequest(
        action=ks.BULK_ACTION_CANCEL, filter=es.ExecutionFilter(tags=[tag]), dry_run=True))
    equal((answer.operation.id, answer.operation.total), ("", 25), "the count")
    equal([s.execution_number for s in answer.samples],
          [e.number for e in reversed(made)][:20], "the newest 20")
    equal(len(b.numbers(tags=[tag], states=[es.StateFilter(status=6)])), 0, "none is cancelled")


@case("what a filter selects is cancelled, replayed, tagged and deleted, with a result for each")
def _(b):
    approval = b.c.put("approval").id
    tag, made = tagged(b, approval, 120)
    done = bulk(b, "CANCEL", filter=es.ExecutionFilter(tags=[tag]), reason="tidy", rate=1_000)
    equal((done.status, done.total, done.succeeded, done.failed),
          (ks.BULK_STATUS_COMPLETED, 120, 120, 0), "all are cancelled")
    equal([r.execution_number for r in results(b, done)],
          [e.number for e in reversed(made)], "newest first, each once")
    one = b.c.executions.Get(es.GetExecutionRequest(execution_id=made[7].id))
    equal((one.status, one.end_reason), (ex.EXECUTION_STATUS_CANCELLED, "tidy"), "one of them")
    again = bulk(b, "CANCEL", filter=es.ExecutionFilter(tags=[tag]))
    equal((again.total, again.processed), (0, 0), "nothing is left to cancel")

    done = bulk(b, "RETRY", filter=es.ExecutionFilter(tags=[tag]), rate=1_000)
    equal(done.succeeded, 120, "all are retried")
    retried = results(b, done)[0]
    new = b.c.executions.Get(es.GetExecutionRequest(execution_id=retried.new_execution_id))
    equal((new.trigger, new.source_id), (ex.TRIGGER_KIND_RETRY, retried.execution_id),
          "a retry, linked to what it retries")

    done = bulk(b, "REPLAY", filter=es.ExecutionFilter(tags=[tag]), rate=1_000)
    equal(done.succeeded, 120, "all are replayed")
    news = results(b, done)
    equal(len({r.new_execution_id for r in news}), 120, "each by one of its own")
    new = b.c.executions.Get(es.GetExecutionRequest(execution_id=news[0].new_execution_id))
    equal(new.source_id, news[0].execution_id, "and linked to it")

    b.tags.CreateTag(ts.CreateTagRequest(name=tag + "-more"))
    done = bulk(b, "TAG", filter=es.ExecutionFilter(tags=[tag]), add_tags=[tag + "-more"], rate=1_000)
    equal((done.succeeded, len(b.numbers(tags=[tag, tag + "-more"]))), (120, 120), "all are tagged")

    done = bulk(b, "DELETE", filter=es.ExecutionFilter(tags=[tag]), rate=1_000)
    equal((done.succeeded, len(b.numbers(tags=[tag]))), (120, 0), "all are erased")
    equal(len(results(b, done, outcomes=[ks.BULK_OUTCOME_SUCCEEDED])), 120, "their results stay")
    bulk(b, "CANCEL", filter=es.ExecutionFilter(workflow_ids=[approval]), rate=1_000)


@case("a bulk operation survives kill -9: each execution is replayed exactly once")
def _(b):
    noop = b.c.put("three-noops").id
    tag, made = tagged(b, noop, 300)
    for e in made:
        for _ in b.c.executions.Watch(es.WatchRequest(execution_id=e.id)):
            pass
    before = len(b.numbers(workflow_ids=[noop]))
    operation = bulk(b, "REPLAY", wait=False, filter=es.ExecutionFilter(tags=[tag]), rate=300)
    for goal in (30, 120, 200):
        bulk_until(b, operation, lambda now: now.processed >= goal)
        b.kill()
    done = bulk_end(b, operation)
    equal((done.succeeded, done.skipped, done.failed), (300, 0, 0), "all of them")
    news = {r.new_execution_id for r in results(b, operation)}
    equal(len(news), 300, "a new one for each")
    page = b.c.executions.Count(es.CountExecutionsRequest(filter=es.ExecutionFilter(
        workflow_ids=[noop], triggers=[ex.TRIGGER_KIND_REPLAY], created_from=done.start_time)))
    equal(page.count, 300, "and no other")


@case("a bulk operation is slow enough, is stopped, and what it did stays done")
def _(b):
    approval = b.c.put("approval").id
    tag, _made = tagged(b, approval, 150)
    operation = bulk(b, "CANCEL", wait=False, filter=es.ExecutionFilter(tags=[tag]), rate=50)
    bulk_until(b, operation, lambda now: now.succeeded >= 50)
    b.bulk.StopBulkOperation(ks.StopBulkOperationRequest(operation_id=f"bulk-{operation.number}"))
    done = bulk_end(b, operation)
    equal(done.status, ks.BULK_STATUS_STOPPED, "it was stopped")
    expect(50 <= done.succeeded < 150 and done.processed == done.succeeded,
           f"after what it had begun: {done}")
    refused(Code.FAILED_PRECONDITION, "BULK_OPERATION_FINAL", b.bulk.StopBulkOperation,
            ks.StopBulkOperationRequest(operation_id=done.id))
    took = (done.end_time.ToNanoseconds() - done.start_time.ToNanoseconds()) / 1e9
    expect(took >= done.succeeded / 50 * 0.9, f"50 a second at most: {done.succeeded} in {took} s")
    bulk(b, "CANCEL", filter=es.ExecutionFilter(tags=[tag]), rate=1_000)


@case("one workspace's bulk operations, as many as it may have, keep another's from nothing")
def _(b):
    admin = admin_service_pb2_grpc.AdminServiceStub(b.c.channel)
    tag, _made = tagged(b, b.c.put("approval").id, 120)
    many = [bulk(b, "TAG", wait=False, filter=es.ExecutionFilter(tags=[tag]), add_tags=[tag], rate=1)
            for _ in range(4)]
    refused(Code.RESOURCE_EXHAUSTED, "BULK_OPERATIONS_MAX", b.bulk.StartBulkOperation,
            ks.StartBulkOperationRequest(action=ks.BULK_ACTION_CANCEL))
    other = unique("w")
    admin.CreateWorkspace(admin_pb.CreateWorkspaceRequest(workspace_id=other))
    one = b.bulk.StartBulkOperation(ks.StartBulkOperationRequest(
        workspace_id=other, action=ks.BULK_ACTION_CANCEL)).operation
    for one in b.bulk.WatchBulkOperation(ks.WatchBulkOperationRequest(
            workspace_id=other, operation_id=one.id), timeout=60):
        pass
    equal(one.status, ks.BULK_STATUS_COMPLETED, "the other's ended")
    for operation in many:
        equal(bulk_get(b, operation).status, ks.BULK_STATUS_RUNNING, "the many still go on")
        b.bulk.StopBulkOperation(ks.StopBulkOperationRequest(operation_id=operation.id))
    for operation in many:
        for now in b.bulk.WatchBulkOperation(
                ks.WatchBulkOperationRequest(operation_id=operation.id), timeout=60):
            pass
        expect(now.stopped_by.startswith("token:") and not now.stop_reason, f"by whom: {now}")


@case("bulk operations are listed and repeated safely, and refuse what makes no sense")
def _(b):
    start = lambda **f: b.bulk.StartBulkOperation(ks.StartBulkOperationRequest(**f))
    request = dict(action=ks.BULK_ACTION_CANCEL, request_id=unique(),
                   filter=es.ExecutionFilter(workflow_ids=["nobody"]))
    first, again = start(**request), start(**request)
    equal((again.operation.id, again.existing), (first.operation.id, True), "the same one")
    refused(Code.ALREADY_EXISTS, "REQUEST_MISMATCH", start, **{**request, "rate": 7})
    listed = b.bulk.ListBulkOperations(ks.ListBulkOperationsRequest(page_size=2))
    equal(listed.operations[0].id, first.operation.id, "the newest first")
    expect(listed.next_page_token, "there are more")
    for fields in ({}, {"action": 99}, {"action": ks.BULK_ACTION_TAG},
                   {"action": ks.BULK_ACTION_CANCEL, "add_tags": ["x"]},
                   {"action": ks.BULK_ACTION_CANCEL, "rate": 100_000},
                   {"action": ks.BULK_ACTION_DELETE,
                    "filter": es.ExecutionFilter(states=[es.StateFilter(status=2)])}):
        refused(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", start, **fields)
    refused(Code.NOT_FOUND, "BULK_OPERATION_NOT_FOUND", b.bulk.GetBulkOperation,
            ks.GetBulkOperationRequest(operation_id="bulk-999999"))
    refused(Code.NOT_FOUND, "BULK_OPERATION_NOT_FOUND", lambda request: next(
        b.bulk.WatchBulkOperation(request)), ks.WatchBulkOperationRequest(operation_id="bulk-0"))
    operator = b.other(2)
    refused(Code.PERMISSION_DENIED, "ROLE_INSUFFICIENT", operator.bulk.StartBulkOperation,
            ks.StartBulkOperationRequest(action=ks.BULK_ACTION_DELETE))


# Concurrency.

def keyed(b, policy=None, limit=1):
    """A workflow that holds at an approval, one at a time by customer."""
    name = unique("keyed")
    definition = json.loads(waiting())
    setting = {"key": "${ .input.customer }", "max": limit}
    if policy:
        setting["policy"] = policy
    b.c.workflows.Put(ws.PutWorkflowRequest(
        workflow_id=name, definition_json=json.dumps({**definition, "concurrency": setting})))
    return name


def go(b, workflow, customer, **fields):
    return b.trigger(workflow, input_json=json.dumps({"customer": customer}), **fields)


def status(b, execution):
    return b.c.executions.Get(es.GetExecutionRequest(execution_id=execution.id)).status


def approve(b, execution):
    b.c.executions.Respond(es.RespondRequest(
        execution_id=execution.id, decision=es.DECISION_APPROVE))


def until_event(b, execution, kind):
    for batch in b.c.executions.Watch(es.WatchRequest(execution_id=execution.id)):
        for event in batch.events:
            if event.WhichOneof("kind") == kind:
                return getattr(event, kind)
    raise AssertionError(f"{execution.id} ended without {kind}")


@case("so many executions with one key are under way at once, the others wait their turn, also after kill -9")
def _(b):
    workflow = keyed(b)
    first = go(b, workflow, "ada")
    other = go(b, workflow, "bob")
    second, third = (go(b, workflow, "ada", wait=False, priority=p) for p in (0, 5))
    equal((first.status, other.status), (ex.EXECUTION_STATUS_SUSPENDED,) * 2, "one for each key")
    got = b.c.executions.Get(es.GetExecutionRequest(execution_id=second.id))
    equal((got.status, got.concurrency_key), (ex.EXECUTION_STATUS_QUEUED, "ada"), "the next waits")
    expect("ada" in got.next_wake_up, f"and says for what, got {got.next_wake_up}")
    b.kill()
    equal(status(b, second), ex.EXECUTION_STATUS_QUEUED, "the place is held after a crash")
    approve(b, first)
    until_event(b, third, "interrupt_opened")
    equal(status(b, second), ex.EXECUTION_STATUS_QUEUED, "the one of higher priority went first")
    approve(b, third)
    until_event(b, second, "interrupt_opened")
    approve(b, second), approve(b, other)


@case("a policy cancels the newest or the oldest instead")
def _(b):
    workflow = keyed(b, "cancel-newest")
    first, second = go(b, workflow, "ada"), go(b, workflow, "ada")
    equal((status(b, first), second.status),
          (ex.EXECUTION_STATUS_SUSPENDED, ex.EXECUTION_STATUS_CANCELLED), "the newest is cancelled")
    equal(second.ended_by, "concurrency", "by whom")
    workflow = keyed(b, "cancel-oldest", limit=2)
    made = [go(b, workflow, "ada") for _ in range(4)]
    equal([status(b, e) for e in made],
          [ex.EXECUTION_STATUS_CANCELLED] * 2 + [ex.EXECUTION_STATUS_SUSPENDED] * 2,
          "the two newest are there")


@case("a child waits for its place in the group of its workflow, also after kill -9")
def _(b):
    child, parent = keyed(b), unique("parent")
    b.c.workflows.Put(ws.PutWorkflowRequest(workflow_id=parent, definition_json=json.dumps({
        "nodes": [{"id": "s", "type": "start"},
                  {"id": "call", "type": "workflow", "data": {"workflowId": child}},
                  {"id": "e", "type": "end"}],
        "edges": [{"source": "s", "target": "call"}, {"source": "call", "target": "e"}]})))
    first = go(b, child, "ada")
    caller = go(b, parent, "ada", wait=False)
    called = until_event(b, caller, "node_delegated").reference
    b.kill()
    got = b.c.executions.Get(es.GetExecutionRequest(execution_id=called))
    equal((got.status, got.concurrency_key), (ex.EXECUTION_STATUS_QUEUED, "ada"), "it waits")
    expect("ada" in got.next_wake_up, f"and says for what, got {got.next_wake_up}")
    approve(b, first)
    until_event(b, got, "interrupt_opened")
    approve(b, got)
    for _batch in b.c.executions.Watch(es.WatchRequest(execution_id=caller.id)):
        pass
    equal(status(b, caller), ex.EXECUTION_STATUS_COMPLETED, "the parent ends with it")


@case("a setting that makes no sense is refused when it is saved, a key when it is triggered")
def _(b):
    for setting in ({"max": 0}, {"policy": "maybe"}, {"key": 1}, {"key": "${ .nodes.a.output }"},
                    {"other": 1}, [], {"key": "${ .input | bad( }"}):
        definition = json.dumps({**json.loads(noops()), "concurrency": setting})
        refused(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", b.c.workflows.Put,
                ws.PutWorkflowRequest(workflow_id="bad", definition_json=definition))
    workflow = keyed(b)
    refused(Code.INVALID_ARGUMENT, "CONCURRENCY_KEY_INVALID", go, b, workflow, "x" * 300)


# Later.

@case("an execution is triggered for later, says so, and starts then, also after kill -9")
def _(b):
    workflow = b.c.put("three-noops").id
    later = b.trigger(workflow, wait=False, delay=duration_pb2.Duration(seconds=3))
    got = b.c.executions.Get(es.GetExecutionRequest(execution_id=later.id))
    equal(got.status, ex.EXECUTION_STATUS_QUEUED, "it is queued")
    expect("start" in got.next_wake_up and got.HasField("not_before"), f"it says when, got {got}")
    far = timestamp_pb2.Timestamp(seconds=got.create_time.seconds + 86_400)
    tomorrow = b.trigger(workflow, wait=False, not_before=far)
    b.kill()
    for batch in b.c.executions.Watch(es.WatchRequest(execution_id=later.id), timeout=20):
        pass
    got = b.c.executions.Get(es.GetExecutionRequest(execution_id=later.id))
    equal(got.status, ex.EXECUTION_STATUS_COMPLETED, "it ran")
    early = (got.start_time.ToNanoseconds() - got.not_before.ToNanoseconds()) / 1e6
    expect(early >= 0, f"not before its time: {-early} ms early")
    got = b.c.executions.Cancel(es.CancelExecutionRequest(execution_id=tomorrow.id))
    equal(got.status, ex.EXECUTION_STATUS_CANCELLED, "one that has not begun is cancelled")
    for fields in ({"delay": MINUTE, "not_before": far},
                   {"delay": duration_pb2.Duration(seconds=-1)},
                   {"delay": duration_pb2.Duration(seconds=400 * 86_400)}):
        refused(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", b.trigger, workflow, wait=False, **fields)


# Last: it erases everything.

@case("all is stopped and cleared, which is refused while something runs")
def _(b):
    running = b.start(*[waiting(f"c{i}") for i in range(3)])
    single = b.c.executions.Trigger(es.TriggerRequest(workflow_id=b.c.put("approval").id)).execution
    refused(Code.FAILED_PRECONDITION, "EXECUTIONS_RUNNING", b.batches.ClearBatches,
            bs.ClearBatchesRequest())
    stopped = b.batches.StopAllBatches(bs.StopAllBatchesRequest(all_executions=True))
    expect(running.id in [x.id for x in stopped.batches], "the batch was stopped")
    equal(stopped.batch_count, len(stopped.batches), "as many as are listed")
    got = b.c.executions.Get(es.GetExecutionRequest(execution_id=single.id))
    equal(got.status, ex.EXECUTION_STATUS_CANCELLED, "the single one too")
    b.start(waiting("forced"))
    cleared = b.batches.ClearBatches(bs.ClearBatchesRequest(force=True), timeout=110)
    expect(cleared.batch_count > 5 and cleared.execution_count > 1_000, f"all of it, got {cleared}")
    equal(b.numbers(), [], "no executions are left")
    equal(b.batches.ListBatches(bs.ListBatchesRequest()).total_count, 0, "no batches either")
    fresh = b.start(noops())
    expect(fresh.number > running.number, "numbers are not used again")
    b.ended(fresh)


def main():
    bench = Bench()
    try:
        run("many", bench)
    finally:
        bench.server.stop()
        bench.server.remove()


if __name__ == "__main__":
    main()

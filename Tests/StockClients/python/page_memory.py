#!/usr/bin/env python3
"""A page of 100 executions of about 1 MiB each has all of them, and the server's memory stays flat while it is
made, also where the reader takes its time. Starts its own server; reads its peak from /proc."""
import concurrent.futures
import json
import os
import pathlib
import sys

from cases import case, equal, expect, run
from connection import ROOT, Connection
from rest import Rest, chain

sys.path.insert(0, str(ROOT / "Tests" / "StockClients"))
from with_server import CERTS, Server  # noqa: E402  (after the path that holds it)

from google.protobuf import duration_pb2  # noqa: E402
from signalbox.v1 import execution_service_pb2 as es  # noqa: E402
from signalbox.v1 import workflow_service_pb2 as ws  # noqa: E402

ROWS = 100
# The input is also what both nodes take and give.
INPUT_BYTES = 200_000
# What an approval asks for, which a page shows nothing of.
SCHEMA_BYTES = 900_000
# Of the nodes of an execution whose data is more than an answer holds; one comes again and again.
NAMES = ["again", "once"] + ["again"] * 40
# One row as it is read and written, the store's pages, and what the allocator keeps.
GROWTH_BYTES_MAX = 32 << 20


class Bench:
    def __init__(self):
        self.server = Server()
        self.server.start()
        self.rest = Rest(self.server.address, CERTS / "ca.pem", self.server.token)
        self.rest.session.headers["Accept-Encoding"] = "identity"
        self.connection = Connection(self.server.address, CERTS / "ca.pem", self.server.token)
        ask = {"id": "ask", "type": "approval", "data": {
            "message": "?", "schema": {"description": "x" * SCHEMA_BYTES}}}
        for definition in (chain("large", {"id": "e", "type": "end", "data": {}}),
                           chain("huge", *({"id": f"n{index}", "type": "noop", "name": name}
                                           for index, name in enumerate(NAMES))),
                           chain("asks", ask, {"id": "e", "type": "end", "data": {}})):
            self.connection.workflows.Put(ws.PutWorkflowRequest(
                definition_json=json.dumps(definition)))
        self.texts = {}
        self.make("large")
        self.make("asks")
        self.make("huge", 1)
        # What the first page of each takes for good does not count.
        for path in (CLIENT.format(5), TEAMS.format(5, "asks")):
            self.rest.get(path)

    def make(self, workflow, count=ROWS):
        def one(_):
            text = "" if workflow == "asks" else os.urandom(INPUT_BYTES // 2).hex()
            execution = self.connection.executions.Trigger(es.TriggerRequest(
                workflow_id=workflow, input_json=json.dumps(text),
                wait=duration_pb2.Duration(seconds=60)), timeout=90).execution
            self.texts[execution.number] = text
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(one, range(count)))

    def memory(self, field):
        text = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text()
        return next(int(line.split()[1]) << 10 for line in text.split("\n")
                    if line.startswith(field))

    def page(self, path):
        """A page, read little by little, once the server's memory was seen not to grow beyond its bound."""
        pathlib.Path(f"/proc/{self.server.process.pid}/clear_refs").write_text("5")
        before = self.memory("VmRSS")
        answer = self.rest("GET", path, stream=True)
        equal(answer.status_code, 200, "status")
        text = b"".join([answer.raw.read(1 << 10), *iter(lambda: answer.raw.read(64 << 10), b"")])
        growth = self.memory("VmHWM") - before
        print(f"    {path}: {len(text)} bytes, memory grew by {growth}", flush=True)
        expect(growth < GROWTH_BYTES_MAX, f"{path}: memory grew by {growth} bytes")
        return json.loads(text), len(text)


CLIENT = "/api/v1/executions?limit={}&workflowId=large&includeData=true"
TEAMS = "/api/executions?size={}&workflowId={}"


@case("the executions client's page with data has every row whole")
def _(b):
    found, count = b.page(CLIENT.format(ROWS))
    equal((len(found["data"]), found["nextCursor"]), (ROWS, None), "the page")
    expect(count > ROWS * 4 * INPUT_BYTES, f"{count} bytes")
    for row in found["data"]:
        text = b.texts[int(row["id"])]
        equal(row["dataTooLargeToDisplay"], False, "dataTooLargeToDisplay")
        run = row["data"]["resultData"]["runData"]["e"][0]
        equal(run["data"]["main"][0][0]["json"]["value"], text, "an output")
        equal(row["workflowData"]["id"], "large", "the workflow")


@case("a page of the executions client without data, and of teams, is small whatever its rows hold")
def _(b):
    for workflow in ("large", "asks"):
        for path, rows in ((f"/api/v1/executions?limit={ROWS}&workflowId={workflow}", "data"),
                           (TEAMS.format(ROWS, workflow), "content")):
            found, count = b.page(path)
            equal(len(found[rows]), ROWS, "rows")
            expect(count < ROWS * 1_000, f"{count} bytes")
    equal(found["totalElements"], ROWS, "the total")
    client, _ = b.page(f"/api/v1/executions?limit={ROWS}&workflowId=asks")
    expect(all(row["status"] == "waiting" and row["stoppedAt"] for row in client["data"]),
           "since when an execution waits is shown")


@case("an execution with more data than an answer holds is shown whole to who asks for it")
def _(b):
    number, text = max(b.texts.items())
    for path, rows in ((f"/api/v1/executions/{number}?includeData=true", lambda found: [found]),
                       ("/api/v1/executions?workflowId=huge&includeData=true",
                        lambda found: found["data"])):
        found, _ = b.page(path)
        equal([row["dataTooLargeToDisplay"] for row in rows(found)], [True], path)
        equal(rows(found)[0]["data"]["resultData"]["runData"], {}, "what is not shown")
        whole, count = b.page(f"{path}&ignoreDataSizeLimit=true")
        expect(count > 2 * len(NAMES) * INPUT_BYTES, f"{count} bytes")
        row, = rows(whole)
        equal(row["dataTooLargeToDisplay"], False, "dataTooLargeToDisplay")
        equal(set(row) - {"data"}, set(rows(found)[0]) - {"data"}, "the members")
        runs = row["data"]["resultData"]["runData"]
        equal({name: len(of) for name, of in runs.items()},
              {"Start": 1, "once": 1, "again": len(NAMES) - 1}, "the runs")
        equal([run["executionIndex"] for of in runs.values() for run in of],
              [0, 1, *range(3, len(NAMES) + 1), 2], "their order")
        for run in (one for of in runs.values() for one in of):
            equal(run["data"]["main"][0][0]["json"]["value"], text, "an output")


if __name__ == "__main__":
    subject = Bench()
    try:
        run("page_memory", subject)
    finally:
        subject.server.stop()
        subject.server.remove()

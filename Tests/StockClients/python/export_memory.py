#!/usr/bin/env python3
"""An export of 10,000 rows streams: the server's memory stays flat while it is made, also where the reader
takes its time. Starts its own server; reads its peak from /proc."""
import concurrent.futures
import csv
import io
import json
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

ROWS = 10_000
ROWS_EACH = 10
# A row's free text, so that what is exported is much more than what streaming needs.
NAME = "n" * 240
# What streaming may take: pages of the store, the gates' buffers, and what the allocator keeps.
GROWTH_BYTES_MAX = 4 << 20


class Bench:
    def __init__(self):
        self.server = Server()
        self.server.start()
        self.rest = Rest(self.server.address, CERTS / "ca.pem", self.server.token)
        self.rest.session.headers["Accept-Encoding"] = "identity"
        nodes = [{"id": f"n{index}", "type": "noop", "name": NAME, "data": {}}
                 for index in range(ROWS_EACH - 1)]
        self.connection = Connection(self.server.address, CERTS / "ca.pem", self.server.token)
        self.connection.workflows.Put(ws.PutWorkflowRequest(
            definition_json=json.dumps(chain("rows", *nodes, name="rows"))))
        self.make(ROWS // ROWS_EACH // 10)

    def make(self, count):
        """So many executions that have ended."""
        def one(_):
            self.connection.executions.Trigger(es.TriggerRequest(
                workflow_id="rows", wait=duration_pb2.Duration(seconds=60)), timeout=90)
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            list(pool.map(one, range(count)))

    def memory(self, field):
        text = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text()
        return next(int(line.split()[1]) << 10 for line in text.split("\n")
                    if line.startswith(field))

    def export(self, kind):
        """The export's text, and how far the server's memory rose above what it had before."""
        # What was the peak before does not count.
        pathlib.Path(f"/proc/{self.server.process.pid}/clear_refs").write_text("5")
        before = self.memory("VmRSS")
        answer = self.rest("GET", f"/api/executions/team/default/export?format={kind}", stream=True)
        equal(answer.status_code, 200, "status")
        # The rest is read once the server has had to hold back: what is under way is bounded.
        parts = [answer.raw.read(1 << 10)]
        parts += iter(lambda: answer.raw.read(16 << 10), b"")
        return b"".join(parts), self.memory("VmHWM") - before


@case("exports of 10,000 rows, as CSV and as JSON, stream with flat memory")
def _(b):
    small = {kind: b.export(kind) for kind in ("csv", "json")}
    b.make(ROWS // ROWS_EACH - ROWS // ROWS_EACH // 10)
    for kind in ("csv", "json"):
        text, growth = b.export(kind)
        print(f"    {kind}: {len(text)} bytes, memory grew by {growth} "
              f"(of {len(small[kind][0])} bytes: {small[kind][1]})", flush=True)
        if kind == "csv":
            rows = list(csv.reader(io.StringIO(text.decode())))
            equal(len(rows) - 1, ROWS, "rows")
        else:
            equal(sum(len(one["nodeExecutions"]) for one in json.loads(text)), ROWS, "nodes")
        expect(growth < GROWTH_BYTES_MAX, f"{kind}: memory grew by {growth} bytes")


if __name__ == "__main__":
    subject = Bench()
    try:
        run("export_memory", subject)
    finally:
        subject.server.stop()
        subject.server.remove()

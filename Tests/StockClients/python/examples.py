#!/usr/bin/env python3
"""Every workflow of examples/ runs and gives what it promises, with the service of examples/ beside it.

Starts its own server and service.
"""
import json
import pathlib
import subprocess
import sys

from google.protobuf import duration_pb2

from cases import case, equal, expect, run
from connection import ROOT, Connection
from signalbox.v1 import execution_pb2, workflow_service_pb2
from signalbox.v1 import execution_service_pb2 as es

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import with_server  # noqa: E402  (after the path that holds it)

EXAMPLES = ROOT / "examples"
COMPLETED, FAILED = execution_pb2.EXECUTION_STATUS_COMPLETED, execution_pb2.EXECUTION_STATUS_FAILED
SUSPENDED = execution_pb2.EXECUTION_STATUS_SUSPENDED
ORDER = json.loads((EXAMPLES / "order-approval.input.json").read_text())
APPROVE = {"decision": es.DECISION_APPROVE}
REJECT = {"decision": es.DECISION_REJECT}
ADDRESS = {"street": "Quay 1", "city": "Bremen"}
# Name, input, answer, and what must be in the output, or the code of the error.
RUNS = [
    ("approval-deadline", {"version": "1.4"}, None, {"released": True}),
    ("approval-deadline", {"version": "1.4"}, REJECT, {"released": False}),
    ("ask-question", {"orderId": "A-1"}, {"data_json": json.dumps(ADDRESS)},
     {"orderId": "A-1", "address": ADDRESS}),
    ("fail-with-code", {"amount": 3}, None, {"amount": 3}),
    ("fail-with-code", {"amount": -3}, None, "AMOUNT_NOT_POSITIVE"),
    ("http-request", {"sku": "lamp-brass"}, None, {"name": "Brass signal lamp"}),
    ("if-branch", {"age": 18}, None, {"entry": True}),
    ("if-branch", {"age": 17}, None, {"entry": False}),
    ("log-lines", {"name": "Ada"}, None, {"name": "Ada"}),
    ("noop-three-steps", {"n": 1}, None, {"n": 1}),
    ("on-error-route", {"sku": "lamp-brass"}, None, {"found": True}),
    ("on-error-route", {"sku": "nothing"}, None, {"found": False, "error": "HTTP_STATUS"}),
    ("order-approval", ORDER, APPROVE, {"orderId": "A-1042", "status": "confirmed", "quantity": 2}),
    ("order-approval", ORDER, REJECT, {"orderId": "A-1042", "status": "rejected"}),
    ("order-approval", {**ORDER, "sku": "bell-block"}, None, {"status": "out of stock"}),
    ("parallel-branches", {}, None, {"available": 13}),
    ("retry-flaky", {}, None, {}),
    ("set-values", {"price": 12.5, "count": 4}, None, {"count": 4, "total": 50, "text": "4 at 12.5"}),
    ("switch-route", {"country": "fr"}, None, "Bonjour"),
    ("switch-route", {"country": "us"}, None, "Hello"),
    ("wait-duration", {"n": 1}, None, {"n": 1}),
]


class Bench:
    """The server, the service, and every example under its name."""

    def __init__(self):
        self.service = subprocess.Popen(
            [sys.executable, str(EXAMPLES / "inventory-service.py"), "127.0.0.1:0"],
            stdout=subprocess.PIPE, text=True)
        place = self.service.stdout.readline().split()[-1].removeprefix("http://")
        self.server = with_server.Server("--http-allow", place).start()
        self.c = Connection(self.server.address, with_server.CERTS / "ca.pem", self.server.token)
        self.names = set()
        for file in EXAMPLES.glob("*.json"):
            if file.name.endswith(".input.json"):
                continue
            self.names.add(file.stem)
            self.c.workflows.Put(workflow_service_pb2.PutWorkflowRequest(
                workflow_id=file.stem, definition_json=file.read_text().replace("127.0.0.1:7480", place)))

    def end(self):
        self.c.close()
        self.server.stop()
        self.server.remove()
        self.service.terminate()
        self.service.wait()


def ended(bench, name, input, answer):
    """Triggers it, answers where it is held, and returns it at its end."""
    made = bench.c.executions.Trigger(es.TriggerRequest(
        workflow_id=name, input_json=json.dumps(input),
        wait=None if answer is None else duration_pb2.Duration(seconds=20))).execution
    if answer is not None:
        equal(made.status, SUSPENDED, f"{name}: where it is held")
        bench.c.executions.Respond(es.RespondRequest(execution_id=made.id, **answer))
    for _ in bench.c.executions.Watch(es.WatchRequest(execution_id=made.id)):
        pass
    return bench.c.executions.Get(es.GetExecutionRequest(
        execution_id=made.id, view=execution_pb2.EXECUTION_VIEW_FULL))


@case("no example is left out")
def _(bench):
    equal(bench.names, {name for name, *_ in RUNS}, "examples")


def register(name, input, answer, promised):
    how = "" if answer is None else ", answered"
    @case(f"{name} with {json.dumps(input)}{how}")
    def _(bench):
        found = ended(bench, name, input, answer)
        if isinstance(promised, str) and promised.isupper():
            equal((found.status, found.error.code), (FAILED, promised), "end")
            return
        equal((found.status, found.error.code), (COMPLETED, ""), "end")
        output = json.loads(found.output_json)
        if isinstance(promised, dict):
            equal({**output, **promised}, output, f"the output with {promised}")
        else:
            equal(output, promised, "output")


for each in RUNS:
    register(*each)

if __name__ == "__main__":
    subject = Bench()
    try:
        run("examples", subject)
    finally:
        subject.end()

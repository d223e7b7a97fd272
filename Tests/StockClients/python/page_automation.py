#!/usr/bin/env python3
"""Every example of the automation page, run as it is printed, with ids and the port filled in, gives
the shape printed there. Starts its own server, as the page has it: plain HTTP and no tokens."""
import json
import os
import pathlib
import socket
import sys
import tempfile

from cases import case, equal, expect, run
from connection import ROOT
from http_door import Door
from shape import answer, same_shape

sys.path.insert(0, str(ROOT / "Tests" / "StockClients"))
from with_server import Server  # noqa: E402  (after the path that holds it)

QUICK = {"nodes": [{"id": "start", "type": "start"}, {"id": "end", "type": "end"}],
         "edges": [{"source": "start", "target": "end"}]}
PAUSING = {"nodes": [{"id": "start", "type": "start"},
                     {"id": "click-2", "type": "wait", "data": {"pause": True}},
                     {"id": "end", "type": "end"}],
           "edges": [{"source": "start", "target": "click-2"},
                     {"source": "click-2", "target": "end"}]}


class Bench:
    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-page-"))
        sample = self.folder / "tests" / "workflows" / "sample"
        sample.mkdir(parents=True)
        for index in range(1, 4):
            (sample / f"workflow{index}.json").write_text(json.dumps(PAUSING))
        self.server = Server(
            "--local-http", f"127.0.0.1:{self.port}", "--local-role", "admin",
            "--batch-root", str(self.folder))
        self.server.start()
        self.door = Door(base=f"http://127.0.0.1:{self.port}")

    def execute(self, **body):
        return self.door.call(200, "POST", "/api/workflows/execute", json=body)

    def paused(self):
        """The id of a run that a pause holds."""
        execution = self.execute(workflow=PAUSING)["executionId"]
        self.until(execution, lambda found: found["pauseReason"])
        return execution

    def until(self, execution, is_wanted):
        """How a run stands once it stands as is wanted."""
        while True:
            found = self.door.call(200, "GET", f"/api/workflows/execution/{execution}")
            if is_wanted(found):
                return found

    def batch(self):
        return self.execute(
            folderPath="./tests/workflows/sample", workers=2)["batchId"]

    def run(self, command, execution="", batch=""):
        """A printed command with the ids and the port filled in."""
        command = command.replace("localhost:3003", f"localhost:{self.port}")
        command = command.replace("exec-1709856234567", execution)
        command = command.replace("batch-1709856234567", batch)
        return answer(command.replace("curl ", "curl -sS --fail-with-body ", 1), **os.environ)


@case("Get Execution Status")
def status(bench):
    execution = bench.paused()
    found = bench.run("curl http://localhost:3003/api/workflows/execution/exec-1709856234567",
                      execution)
    same_shape(found, {"executionId": "exec-1709856234567", "status": "running",
                       "currentNodeId": "click-2", "pausedNodeId": None, "pauseReason": None})
    equal((found["executionId"], found["status"], found["currentNodeId"]),
          (execution, "running", "click-2"), "the status")
    equal((found["pausedNodeId"], found["pauseReason"]), ("click-2", "wait-pause"), "the pause")


@case("Get Execution Status (Query)")
def by_query(bench):
    execution = bench.paused()
    found = bench.run(
        'curl "http://localhost:3003/api/workflows/execution/status'
        '?executionId=exec-1709856234567"', execution)
    equal(found["executionId"], execution, "by id")
    found = bench.run("curl http://localhost:3003/api/workflows/execution/status")
    equal(found["executionId"], execution, "the most recent")


@case("List Active Executions")
def active(bench):
    bench.paused()
    found = bench.run("curl http://localhost:3003/api/workflows/executions/active")
    same_shape(found, {"totalActive": 3, "executions": [
        {"executionId": "exec-1709856234567", "status": "running", "currentNodeId": "navigate-1"}]})
    expect(found["totalActive"] >= 1, found)


@case("Stop Execution")
def stop(bench):
    execution = bench.paused()
    found = bench.run("""curl -X POST http://localhost:3003/api/workflows/execution/stop \\
  -H "Content-Type: application/json" \\
  -d '{
    "executionId": "exec-1709856234567"
  }'""", execution)
    equal(found, {"success": True, "message": "Execution stopped", "executionId": execution,
                  "wasRunning": True, "wasQueued": False}, "the answer")


@case("Stop All Executions")
def stop_all(bench):
    batch = bench.batch()
    found = bench.run("curl -X POST http://localhost:3003/api/workflows/execution/stop-all")
    same_shape(found, {
        "success": True, "message": "All executions stopped", "totalBatches": 2,
        "totalStopped": 8, "runningStopped": 3, "queuedCancelled": 5,
        "batches": ["batch-1709856234567", "batch-1709856234568"]})
    expect(batch in found["batches"], found)
    equal(found["totalStopped"], found["runningStopped"] + found["queuedCancelled"], "the counts")


@case("Get Batch Status")
def batch_status(bench):
    batch = bench.batch()
    found = bench.run(
        "curl http://localhost:3003/api/workflows/execution/batch/batch-1709856234567",
        batch=batch)
    same_shape(found, {
        "batchId": "batch-1709856234567", "status": "running", "sourceType": "folder",
        "folderPath": "./tests/workflows/sample", "totalWorkflows": 5, "completed": 2,
        "running": 2, "queued": 1, "failed": 0, "startTime": 1709856234567, "endTime": None,
        "executions": [{"executionId": "exec-1709856234567-1",
                        "workflowFileName": "workflow1.json",
                        "workflowPath": "./tests/workflows/sample/workflow1.json",
                        "status": "completed"}]})
    equal((found["batchId"], found["status"], found["endTime"]), (batch, "running", None),
          "the batch")
    equal(found["folderPath"], "./tests/workflows/sample", "the folder")
    equal(found["executions"][0]["workflowPath"], "./tests/workflows/sample/workflow1.json",
          "a path")


@case("Get Batch History")
def history(bench):
    bench.batch()
    printed = {"total": 45, "limit": 20, "offset": 0, "batches": [
        {"batchId": "batch-1709856234567", "status": "completed", "sourceType": "folder",
         "totalWorkflows": 5, "completed": 5, "failed": 0, "startTime": 1709856234567,
         "endTime": 1709856245678, "duration": 11111}]}
    for command in [
            'curl "http://localhost:3003/api/workflows/executions/batches?limit=20&offset=0"',
            'curl "http://localhost:3003/api/workflows/executions/batches'
            '?status=completed&limit=20"',
            'curl "http://localhost:3003/api/workflows/executions/batches?limit=20&offset=20"']:
        same_shape(bench.run(command), printed)


@case("Stop Batch")
def stop_batch(bench):
    batch = bench.batch()
    found = bench.run(
        "curl -X POST http://localhost:3003/api/workflows/execution/batch/batch-1709856234567/stop",
        batch=batch)
    same_shape(found, {"success": True, "message": "Batch stopped",
                       "batchId": "batch-1709856234567", "stoppedExecutions": 5,
                       "runningStopped": 2, "queuedCancelled": 3})
    equal((found["batchId"], found["stoppedExecutions"]), (batch, 3), "the answer")


@case("Continue Execution")
def go_on(bench):
    execution = bench.paused()
    found = bench.run("""curl -X POST http://localhost:3003/api/workflows/execution/continue \\
  -H "Content-Type: application/json" \\
  -d '{
    "executionId": "exec-1709856234567"
  }'""", execution)
    same_shape(found, {"success": True, "message": "Execution continued"})


@case("Toggle Trace Logs")
def trace(bench):
    execution = bench.paused()
    found = bench.run("""curl -X POST http://localhost:3003/api/workflows/execution/trace-logs \\
  -H "Content-Type: application/json" \\
  -d '{
    "enabled": true,
    "executionId": "exec-1709856234567"
  }'""", execution)
    equal(found["success"], True, "success")


@case("Pause Control")
def control(bench):
    for action in ["continue", "stop", "continueWithoutBreakpoint"]:
        execution = bench.paused()
        found = bench.run(f"""curl -X POST http://localhost:3003/api/workflows/execution/pause-control \\
  -H "Content-Type: application/json" \\
  -d '{{
    "action": "{action}",
    "executionId": "exec-1709856234567"
  }}'""", execution)
        equal(found["success"], True, "success")


@case("Pause Control: skip")
def skip(bench):
    # A node that a breakpoint holds before it is passed over: its output is not made.
    workflow = {"nodes": [{"id": "start", "type": "start"},
                          {"id": "navigate-1", "type": "fail", "data": {"breakpoint": True}},
                          {"id": "end", "type": "end"}],
                "edges": [{"source": "start", "target": "navigate-1"},
                          {"source": "navigate-1", "target": "end"}]}
    execution = bench.execute(workflow=workflow, breakpointConfig={
        "enabled": True, "breakpointAt": "pre", "breakpointFor": "marked"})["executionId"]
    found = bench.until(execution, lambda found: found["pauseReason"])
    equal((found["pausedNodeId"], found["pauseReason"]), ("navigate-1", "breakpoint"), "the pause")
    found = bench.run("""curl -X POST http://localhost:3003/api/workflows/execution/pause-control \\
  -H "Content-Type: application/json" \\
  -d '{
    "action": "skip",
    "executionId": "exec-1709856234567"
  }'""", execution)
    same_shape(found, {"success": True, "message": "Node will be skipped"})
    found = bench.until(execution, lambda found: found["status"] != "running")
    equal(found["status"], "completed", "what would have failed was skipped")


@case("Clear All Batches")
def clear(bench):
    bench.run("curl -X POST http://localhost:3003/api/workflows/execution/stop-all")
    found = bench.run(
        "curl -X DELETE http://localhost:3003/api/workflows/executions/batches/clear")
    same_shape(found, {"success": True, "message": "All batches and executions cleared",
                       "batchesDeleted": 45, "executionsDeleted": 230})


if __name__ == "__main__":
    bench = Bench()
    try:
        run("automation page", bench)
    finally:
        bench.server.stop()
        bench.server.remove()

#!/usr/bin/env python3
"""schemathesis drives every call that /openapi.json describes with what fits it and what does not.

No answer may be a server error, be undocumented, or be of another shape than the document says. Starts
its own server, with something of every kind in it; fuzz_hooks.py puts the ids of these into most paths.
The run is bounded, and the same each time: SIGNALBOX_FUZZ_SEED takes another seed, SIGNALBOX_FUZZ_SECONDS
another time, SIGNALBOX_FUZZ_EXAMPLES another number of examples of each call.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

from connection import ROOT, Connection, unique
from rest import Rest, chain

sys.path.insert(0, str(ROOT / "Tests" / "StockClients"))
from with_server import CERTS, Server  # noqa: E402  (after the path that holds it)

from google.protobuf import duration_pb2  # noqa: E402
from signalbox.v1 import execution_service_pb2 as es  # noqa: E402
from signalbox.v1 import workflow_service_pb2 as ws  # noqa: E402

CHECKS = ("not_a_server_error,status_code_conformance,content_type_conformance,"
          "response_schema_conformance,response_headers_conformance,unsupported_method")
SECONDS_MAX = int(os.environ.get("SIGNALBOX_FUZZ_SECONDS", "140"))
EXAMPLES = os.environ.get("SIGNALBOX_FUZZ_EXAMPLES", "15")
SEED = os.environ.get("SIGNALBOX_FUZZ_SEED", "1709856234567")
# Half of the calls in a process each: two threads of one can meet in what reads Python's own sources, which
# fails in Python 3.11 (github.com/python/cpython/issues/106905).
HALF = "^/(v1|api/v1)/"
# A stream that ends with its execution, or after ten minutes.
ENDLESS = "/events$"
WORKFLOWS = ("three-noops", "failing", "approval", "question", "long-wait")
POD = "/workspaces/default/pods/default"
# So many of each kind, since calls that erase are driven, too.
COPIES = 8


def fill(server):
    """Makes what the calls are about, and returns its ids by kind."""
    rest = Rest(server.address, CERTS / "ca.pem", server.token)

    def made(path, body, key="id"):
        answer = rest.post(path, body)
        if answer.status_code not in (200, 201):
            raise RuntimeError(f"POST {path}: {answer.status_code} {answer.text}")
        return answer.json()[key]

    ids = {kind: [] for kind in ("executions", "workflows", "schedules", "webhooks", "tags",
                                 "batch")}
    with Connection(server.address, CERTS / "ca.pem", server.token) as connection:
        for name in WORKFLOWS:
            workflow = connection.put(name).id
            ids["workflows"].append(workflow)
            for wait in (0, 5):
                request = es.TriggerRequest(workflow_id=workflow, input_json="{}")
                if wait and name != "long-wait":
                    request.wait.CopyFrom(duration_pb2.Duration(seconds=wait))
                ids["executions"].append(
                    str(connection.executions.Trigger(request).execution.number))
        for _ in range(COPIES):
            workflow = connection.workflows.Put(ws.PutWorkflowRequest(
                definition_json=json.dumps(chain(unique("wf"))))).id
            connection.workflows.Deploy(ws.DeployWorkflowRequest(workflow_id=workflow))
            ids["workflows"].append(workflow)
            for _ in range(COPIES):
                ids["executions"].append(str(connection.executions.Trigger(
                    es.TriggerRequest(workflow_id=workflow)).execution.number))
            ids["schedules"].append(made(f"{POD}/schedules", {
                "workflowId": workflow, "cronExpression": "@yearly"}))
            ids["webhooks"].append(made(f"{POD}/webhooks", {
                "workflowId": workflow, "verification": "none"}))
            ids["tags"].append(made("/api/v1/tags", {"name": unique("tag")}))
            ids["batch"].append(made("/api/workflows/execute", {
                "executionMode": "parallel", "workflows": [chain("x")]}, "batchId"))
    return ids


def operations(server):
    document = Rest(server.address, CERTS / "ca.pem").get("/openapi.json").json()
    return sum(len(item) for item in document["paths"].values())


def start(server, ids, *arguments):
    command = [
        str(pathlib.Path(sys.executable).parent / "st"), "run",
        f"https://{server.address}/openapi.json", "--tls-verify", str(CERTS / "ca.pem"),
        "--header", f"Authorization: Bearer {server.token}", "--checks", CHECKS,
        "--max-time", str(SECONDS_MAX), "--max-examples", EXAMPLES, "--workers", "1",
        "--request-timeout", "10", "--continue-on-failure", "--no-color", "--seed", SEED,
        "--generation-database", "none",
        "--suppress-health-check", "all", "--output-sanitize", "true", *arguments, *sys.argv[1:]]
    return subprocess.Popen(
        command, cwd=server.folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, "SIGNALBOX_FUZZ_IDS": json.dumps(ids),
             "SCHEMATHESIS_HOOKS": str(pathlib.Path(__file__).with_name("fuzz_hooks.py"))})


def main():
    failed = 0
    with Server() as server:
        ids = fill(server)
        count = operations(server)
        halves = [
            start(server, ids, "--include-path-regex", HALF, "--exclude-path-regex", ENDLESS),
            start(server, ids, "--exclude-path-regex", f"{ENDLESS}|{HALF}")]
        with concurrent.futures.ThreadPoolExecutor() as pool:
            reports = list(pool.map(
                lambda half: half.communicate(timeout=SECONDS_MAX + 40)[0], halves))
        ended = server.process.poll() is not None
    for half, report in zip(halves, reports):
        failures = re.findall(r"^_+ (\S+ /\S*) _+$", report, re.MULTILINE)
        failed_here = len(set(failures)) or (1 if half.returncode else 0)
        if failed_here:
            print(report[-20_000:])
        failed += failed_here
    if ended:
        print("the server ended during the test")
        failed = failed or 1
    print(f"fuzz: {count - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()

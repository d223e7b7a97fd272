#!/usr/bin/env python3
"""schemathesis drives every call that /openapi.json describes with what fits it and what does not.

No answer may be a server error, be undocumented, or be of another shape than the document says. Starts
its own server, with a few executions and workflows in it. The examples are bounded, and drawn anew
each time unless SIGNALBOX_FUZZ_SEED holds a seed.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.request
import ssl

from connection import ROOT, Connection

sys.path.insert(0, str(ROOT / "Tests" / "StockClients"))
from with_server import CERTS, Server  # noqa: E402  (after the path that holds it)

from google.protobuf import duration_pb2  # noqa: E402
from signalbox.v1 import execution_service_pb2 as es  # noqa: E402

CHECKS = ("not_a_server_error,status_code_conformance,content_type_conformance,"
          "response_schema_conformance,response_headers_conformance,unsupported_method")
SECONDS_MAX = int(os.environ.get("SIGNALBOX_FUZZ_SECONDS", "100"))
EXAMPLES = os.environ.get("SIGNALBOX_FUZZ_EXAMPLES", "15")
WORKFLOWS = ("three-noops", "failing", "approval", "question", "long-wait")


def fill(server):
    with Connection(server.address, CERTS / "ca.pem", server.token) as connection:
        for name in WORKFLOWS:
            workflow = connection.put(name).id
            for wait in (0, 5):
                request = es.TriggerRequest(workflow_id=workflow, input_json="{}")
                if wait and name != "long-wait":
                    request.wait.CopyFrom(duration_pb2.Duration(seconds=wait))
                connection.executions.Trigger(request)


def operations(server):
    context = ssl.create_default_context(cafile=str(CERTS / "ca.pem"))
    with urllib.request.urlopen(f"https://{server.address}/openapi.json", context=context) as file:
        document = json.load(file)
    return sum(len(item) for item in document["paths"].values())


def main():
    with Server() as server:
        fill(server)
        count = operations(server)
        command = [
            str(pathlib.Path(sys.executable).parent / "st"), "run",
            f"https://{server.address}/openapi.json", "--tls-verify", str(CERTS / "ca.pem"),
            "--header", f"Authorization: Bearer {server.token}", "--checks", CHECKS,
            "--max-time", str(SECONDS_MAX), "--max-examples", EXAMPLES, "--workers", "2",
            "--request-timeout", "10", "--continue-on-failure", "--no-color",
            "--exclude-path-regex", "/events$", "--generation-database", "none",
            "--suppress-health-check", "all", "--output-sanitize", "true", *sys.argv[1:]]
        if seed := os.environ.get("SIGNALBOX_FUZZ_SEED"):
            command += ["--seed", seed]
        done = subprocess.run(
            command, cwd=server.folder, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=SECONDS_MAX + 120)
        ended = server.process.poll() is not None
    failures = re.findall(r"^_+ (\S+ /\S*) _+$", done.stdout, re.MULTILINE)
    failed = len(set(failures)) or (1 if done.returncode or ended else 0)
    if failed:
        print(done.stdout[-20_000:])
    if ended:
        print("the server ended during the test")
    print(f"fuzz: {count - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()

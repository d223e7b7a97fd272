#!/usr/bin/env python3
"""Runs the examples of docs/http-api*: each `sh` block of a page, in order, in one shell, on a server of
its own; and every call that /openapi.json describes must have been answered well in one of them.

The pages find SIGNALBOX_SERVER, SIGNALBOX_CA and SIGNALBOX_TOKEN, the command `signalbox`, the plain
loopback listener in LOCAL, and an empty folder to work in, which batches may be started from, in
BATCH_ROOT.
"""
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile

from cases import case, expect, run
from connection import ROOT
from rest import Rest

sys.path.insert(0, str(ROOT / "Tests" / "StockClients"))
from with_server import BINARIES, CERTS, Server  # noqa: E402  (after the path that holds it)

FIRST = ROOT / "docs" / "http-api.md"
PAGES = [FIRST, *sorted((ROOT / "docs" / "http-api").glob("*.md"))]
SECONDS_MAX = 60
# The workspaces dialect is at several places; its page shows one.
PLACE = "/v1/workspaces/default/pods/default"
PLACES = [PLACE, "/workspaces/default/pods/default", "/v1/workspaces/default/spaces/default",
          "/workspaces/default/spaces/default"]
ANSWERED = re.compile(r"\boperation=(\w+) .*\bstatus=([123]\d\d)\b")


class Bench:
    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.local = f"127.0.0.1:{probe.getsockname()[1]}"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-documented-"))
        self.server = Server("--local-http", self.local, "--local-role", "editor",
                             "--batch-root", str(self.folder))
        self.server.start()
        self.environment = {
            **self.server.environment, "LOCAL": f"http://{self.local}",
            "BATCH_ROOT": str(self.folder),
            "PATH": f"{BINARIES}:{os.environ['PATH']}"}

    def run(self, script):
        done = subprocess.run(
            ["bash", "-c", script], capture_output=True, text=True, timeout=SECONDS_MAX,
            env=self.environment, cwd=self.folder)
        expect(done.returncode == 0,
               f"status {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")


def blocks(page):
    return re.findall(r"^```sh\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


def example(page, place):
    @case(f"the examples of {page.relative_to(ROOT)} run as they stand, at {place}" if place
          else f"the examples of {page.relative_to(ROOT)} run as they stand")
    def _(bench):
        found = blocks(page)
        expect(found, "the page has no examples")
        script = "\n".join(["set -eu",
                            *(blocks(FIRST)[:1] if page != FIRST else []), *found])
        if place:
            expect(PLACE in script, f"the page does not name {PLACE}")
            script = script.replace(PLACE, place)
        bench.run(script)


for one in PAGES:
    for place in PLACES if one.stem == "workspaces" else [None]:
        example(one, place)


@case("every call of the bridge was answered well in an example")
def _(bench):
    rest = Rest(bench.server.address, CERTS / "ca.pem")
    document = rest.get("/openapi.json").json()
    answered = {found[1] for line in bench.server.lines if (found := ANSWERED.search(line))}
    missing = [call["operationId"] for item in document["paths"].values()
               for call in item.values() if call["operationId"] not in answered]
    expect(not missing, "without an example: " + ", ".join(sorted(missing)))


if __name__ == "__main__":
    subject = Bench()
    try:
        run("documented", subject)
    finally:
        subject.server.stop()
        subject.server.remove()

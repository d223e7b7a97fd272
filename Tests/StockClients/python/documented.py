#!/usr/bin/env python3
"""Runs the examples of docs/http-api*: each `sh` block of a page, in order, in one shell.

And every call that /openapi.json describes must be in an example. Reads SIGNALBOX_SERVER,
SIGNALBOX_CA and SIGNALBOX_TOKEN; with_server.py provides them.
"""
import os
import re
import subprocess

from cases import case, expect, run
from connection import ROOT, Connection
from rest import Rest

PAGES = [ROOT / "docs" / "http-api.md", *sorted((ROOT / "docs" / "http-api").glob("*.md"))]
SECONDS_MAX = 60
# What is described by other pages, or is for programs only.
ELSEWHERE = re.compile(r"^/(healthz|openapi\.json|docs)$")


def blocks(page):
    return re.findall(r"^```sh\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


def example(page):
    @case(f"the examples of {page.relative_to(ROOT)} run as they stand")
    def _(b):
        script = "\n".join(["set -eu", *(blocks(PAGES[0])[:1] if page != PAGES[0] else []),
                            *blocks(page)])
        done = subprocess.run(
            ["bash", "-c", script], capture_output=True, text=True, timeout=SECONDS_MAX,
            env={**os.environ, "PATH": f"{ROOT / 'Tests/StockClients/bin'}:{os.environ['PATH']}"})
        expect(done.returncode == 0,
               f"status {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")


for one in PAGES:
    example(one)


@case("every call of the bridge is in an example")
def _(b):
    document = Rest().get("/openapi.json").json()
    text = "\n".join(line for page in PAGES for block in blocks(page)
                     for line in block.replace("\\\n", " ").split("\n"))
    missing = []
    for path, item in document["paths"].items():
        if ELSEWHERE.match(path) or path.startswith(("/v1/workspaces", "/workspaces/{wId}/spaces")):
            continue
        pattern = re.sub(r"\\\{[^}]*\\\}", r"[^/\\s\"'?]+", re.escape(path)) + r"""(?=["'?\s]|$)"""
        for method in item:
            lines = [line for line in text.split("\n") if re.search(pattern, line)]
            verb = method.upper()
            fits = [line for line in lines if re.search(rf"-X {verb}\b", line) or (
                "-X " not in line and (
                    verb == ("POST" if re.search(r"(^|\s)(-d|--json|-F)\s", line) else "GET")))]
            if not fits:
                missing.append(f"{verb} {path}")
    expect(not missing, "without an example: " + ", ".join(missing))


run("documented", None)

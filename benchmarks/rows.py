"""What the measurements of service.py share: the table, a server's numbers, and connections to it."""
import dataclasses
import math
import os
import pathlib
import resource
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "Tests" / "StockClients"), str(ROOT / "Tests" / "StockClients" / "python")]

import grpc  # noqa: E402  (after the paths)

from restart import memory  # noqa: E402
from with_server import CERTS  # noqa: E402

SETTLE_TRIES = 40
SETTLE_SECONDS = 0.5
# What a server that does nothing still moves by.
SETTLED_MIB = 0.25


@dataclasses.dataclass
class Row:
    what: str
    measured: str
    to_reach: str = ""
    # None: there is nothing to reach.
    reached: bool | None = None


class Table:
    """Prints its rows as they come, as Markdown."""

    def __init__(self):
        self.rows = []
        print("| what | measured | to reach | reached |\n|---|---|---|---|", flush=True)

    def add(self, *row):
        row = Row(*row)
        self.rows.append(row)
        reached = {None: "", True: "yes", False: "**no**"}[row.reached]
        print(f"| {row.what} | {row.measured} | {row.to_reach} | {reached} |", flush=True)


@dataclasses.dataclass
class Options:
    """How much of everything; `--quick` is for trying it out."""
    quick: bool
    # Of the store that is listed.
    count: int
    # What `signalbox serve` is given besides.
    serve: list[str]

    def amount(self, whole, quick):
        return quick if self.quick else whole


def note(text):
    """What is not a row, beside the table."""
    print(text, file=sys.stderr, flush=True)


def percentile(values, share):
    """The value that so many hundredths of `values` do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share / 100) - 1)]


def spread(values):
    return f"p50 {percentile(values, 50):.2f}, p99 {percentile(values, 99):.2f} ms"


def settled_memory(server):
    """Resident MiB, once it no longer moves, or after 20 s."""
    last = memory(server)
    for _ in range(SETTLE_TRIES):
        time.sleep(SETTLE_SECONDS)
        now = memory(server)
        if abs(now - last) < SETTLED_MIB:
            return now
        last = now
    return last


def metric(server, name):
    """The sum of a metric over its labels."""
    place = server.wait_for_line("admin on http://").split("admin on ")[1].strip()
    with urllib.request.urlopen(f"{place}/metrics", timeout=20) as answer:
        lines = answer.read().decode().splitlines()
    found = [float(line.rsplit(" ", 1)[1]) for line in lines
             if line.startswith((f"{name} ", f"{name}{{"))]
    if not found:
        raise RuntimeError(f"the server has no metric {name}")
    return sum(found)


def wake_ups(server):
    """How often threads of the server went to sleep so far."""
    total = 0
    for thread in pathlib.Path(f"/proc/{server.process.pid}/task").iterdir():
        for line in (thread / "status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches:"):
                total += int(line.split()[1])
    return total


def many_files():
    """Lets this process, and the servers that it starts, open as many files as they may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def channel(server):
    """A connection of its own."""
    credentials = grpc.composite_channel_credentials(
        grpc.ssl_channel_credentials((CERTS / "ca.pem").read_bytes()),
        grpc.access_token_call_credentials(server.token))
    return grpc.aio.secure_channel(
        server.address, credentials, options=[("grpc.use_local_subchannel_pool", 1)])


class Preloaded:
    """Has servers that start meanwhile load a library, with a variable for it."""

    def __init__(self, library, **variables):
        self.variables = {"LD_PRELOAD": str(library), **variables}

    def __enter__(self):
        os.environ.update(self.variables)

    def __exit__(self, *_):
        for name in self.variables:
            del os.environ[name]

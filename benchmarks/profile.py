#!/usr/bin/env python3
"""Shows what a server's CPU goes to under a load of bench.py: shares by group, from `perf record -e cpu-clock -g`.

    profile.py --what unary-grpc|unary-ttrpc|durable-1|durable-64 [--seconds 10] [--symbols 0]

Each sample counts for the group of its innermost frame that a rule of GROUPS knows: what a function of the
standard library does for the state machine is the state machine's. The shares of OVERLAPPING lie within those.
With --symbols the functions that most samples ended in are shown too. The release build keeps the frame
pointers that this needs; benchmarks/prepare builds the loads.
"""
import argparse
import collections
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

from bench import (BIN, CA, PEERS, UNARY_REQUEST, h2load, machine, ttrpc_load)
from connection import Connection
from with_server import Server
from google.protobuf import duration_pb2
from signalbox.v1 import execution_service_pb2 as es

# Of a group: what its frames' object file and function look like. The first that fits a frame counts; a name
# is demangled, without arguments and without the closure it is in.
GROUPS = (
    ("the kernel", r"kernel|\[vdso\]", r""),
    ("TLS", r"libssl|libcrypto", r""),
    ("HTTP/2 (libnghttp2)", r"libnghttp2", r""),
    ("SQLite", r"libsqlite3", r""),
    ("libc: allocation and copying", r"libc[.-]",
     r"malloc|calloc|realloc|free|_int_|memcpy|memmove|memset|memcmp|unlink_chunk|tcache|sysmalloc"),
    ("tasks: creating, switching, completing", r"libswift_Concurrency", r""),
    ("tasks: creating, switching, completing", r"",
     r"EventLoopTaskExecutor|runSynchronously|libdispatch|Task\.immediate"),
    ("decoding and encoding messages", r"libprotobuf-c", r""),
    ("decoding and encoding messages", r"",
     r"ProtobufRuntime|\bMessages\.|ProtobufFieldReader|TTRPCEnvelope|TTRPCFrame|TTRPCNames|TTRPCRequest"
     r"|GRPCDeframer|HeaderBlock|GRPCRequestHead|Protobuf\w*Arena"),
    ("writing answers", r"",
     r"SendQueue|fillOutbound|\.pump\b|\.finish\b|TTRPCServerHandler\.send|GRPCEncoding|GRPCTrailers"
     r"|HTTP2Connection\.\w*(?:[oO]utput|[wW]rit|[fF]lush|[sS]end)"),
    ("starting the call", r"",
     r"makeCall|TTRPCServerHandler\.(?:start|perform|route|receiveFrames)|RouteCache|Router\.route"
     r"|HTTP2Connection\.\w*(?:[sS]tart|[rR]equest|[hH]eader)|GRPCStream|Call\.(?:init|__allocating_init|begin"
     r"|received\w*|startHandler)|CallContext|CallState|TTRPCServerState"),
    ("deciding: the state machine, its events and rows", r"",
     r"\bEngine\.(?:ExecutionMachine|GraphFrame|Nest|NodeState|NodePath|LiveExecution|\w*Node\b|\w*Kind\b)"),
    ("creating the execution", r"", r"Engine\.trigger|\bEngine\.NewExecution|Operations\.trigger"),
    ("reading the answer's view", r"", r"\bEngine\.ExecutionReading|\bEngine\.LogReading"),
    ("the rest of the engine", r"", r"\bEngine\."),
    ("committing and the store, without SQLite", r"", r"\b(?:SQLiteStore|Store|GRDB)\."),
    ("operations and services", r"", r"\b(?:Operations|RPCServices|Services|Model|JSON|Redaction|InteropServices)\."),
    ("handlers of signalbox-interop", r"", r"signalbox_interop\."),
    ("the call and its streams", r"", r"\b(?:Transport|RPC)\."),
)
# Every stack begins in it, and everybody uses its buffers: it counts where no rule above fits any frame.
BENEATH = ("NIO: the event loop and its channels", r"\b(?:NIO\w*|_NIO\w*)\.")
REST = "everything else"
# Of any frame of a sample; they overlap with the groups and one another.
OVERLAPPING = (
    ("the call's task, from its start on", r"Transport\.Call\.startHandler"),
    ("retain and release", r"^swift_(?:retain|release|bridgeObject|weak|unowned|isUnique)|^_swift_(?:retain|release)"
     r"|swift::RefCount"),
    ("dynamic exclusivity checks", r"^swift_(?:beginAccess|endAccess)|AccessSet"),
    ("allocation", r"^(?:malloc|calloc|realloc|free|cfree|_int_\w+|swift_alloc\w*|swift_slowAlloc|swift_dealloc\w*)\b"),
    ("copying", r"^_*(?:memcpy|memmove|memset)"),
    ("fdatasync", r"fdatasync"),
    ("writing to files", r"^vfs_write|^ksys_pwrite|pwrite64"),
    ("being woken and waking", r"epoll_wait|eventfd|futex"),
)
RATE = 997
# Of one run of the load; they follow one another.
CALLS = {"unary-grpc": 200_000, "unary-ttrpc": 200_000, "durable-1": 2_000, "durable-64": 20_000}
CALLERS = {"durable-1": (1, 1), "durable-64": (4, 16)}
SECONDS_MAX = 120


def unary_load(what, server):
    if what == "unary-ttrpc":
        return lambda calls: ttrpc_load(
            "ttrpc-pipeline", server.address, "grpc.testing.TestService", "UnaryCall", UNARY_REQUEST, calls, 4, 128)
    return lambda calls: h2load(
        server.address, "/grpc.testing.TestService/UnaryCall", UNARY_REQUEST, calls, 4, 32)


def durable_load(what, server):
    message = es.TriggerRequest(
        workflow_id="three-noops", wait=duration_pb2.Duration(seconds=60)).SerializeToString()
    headers = [f"authorization: Bearer {server.token}"]
    with Connection(server.address, CA, server.token) as connection:
        connection.put("three-noops")
    return lambda calls: h2load(
        server.address, "/signalbox.v1.ExecutionService/Trigger", message, calls, *CALLERS[what], headers)


class Endless:
    """Runs a load again and again until it is left."""

    def __init__(self, load, calls):
        self.load, self.calls = load, calls
        self.done, self.error = threading.Event(), None
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        try:
            while not self.done.is_set():
                self.load(self.calls)
        except Exception as error:  # It is raised where the load is left.
            self.error = error

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()
        if self.error:
            raise self.error


def record(pid, seconds, file):
    subprocess.run(
        ["perf", "record", "-q", "-e", "cpu-clock", "-F", str(RATE), "-g", "-p", str(pid), "-o", file,
         "--", "sleep", str(seconds)], check=True, timeout=seconds + SECONDS_MAX)


def samples(file):
    """Each sample's frames, innermost first: (function, object file)."""
    text = subprocess.run(
        ["perf", "script", "-i", file, "--no-inline", "-F", "ip,sym,dso"], check=True, capture_output=True,
        text=True, errors="replace", timeout=SECONDS_MAX).stdout
    for block in re.split(r"\n\s*\n", text):
        frames = re.findall(r"^\s*[0-9a-f]+ (.*) \((.*)\)$", block, re.MULTILINE)
        if frames:
            yield frames


def demangled(names):
    """What each is called, without arguments and without closures."""
    names = list(names)
    text = subprocess.run(["swift", "demangle", "--compact"], input="\n".join(names), check=True,
                          capture_output=True, text=True, timeout=SECONDS_MAX).stdout
    return {name: plain(line) for name, line in zip(names, text.split("\n"), strict=False)}


def plain(name):
    # What is private has its file in its name: `(start in _7F…)`.
    name = re.sub(r"\((\w+) in _[0-9A-F]+\)", r"\1", name)
    name = re.sub(r"\(extension in \w+\):|protocol witness for | in conformance .*", "", name)
    return re.split(r" (?:in|of) ", name)[-1].split("(")[0].strip() or name


def group_of(frames, names, known):
    for frame in frames:
        if frame not in known:
            function, dso = frame
            known[frame] = next(
                (group for group, of_dso, of_name in GROUPS
                 if re.search(of_dso, dso) and re.search(of_name, names[function])), None)
        if known[frame]:
            return known[frame]
    name, pattern = BENEATH
    return name if any(re.search(pattern, names[function]) for function, _ in frames) else REST


def show(title, counts, total, columns):
    print(f"\n| share | {title} |\n|---|---|")
    for name, count in counts.most_common(columns):
        print(f"| {100 * count / total:.1f} % | {name} |")


def report(file, symbols):
    stacks = list(samples(file))
    if not stacks:
        raise RuntimeError("perf took no samples")
    names = demangled({function for frames in stacks for function, _ in frames})
    groups, overlapping, leaves = (collections.Counter() for _ in range(3))
    known, marks = {}, {}
    for function, name in names.items():
        marks[function] = {mark for mark, pattern in OVERLAPPING if re.search(pattern, name)}
    for frames in stacks:
        groups[group_of(frames, names, known)] += 1
        overlapping.update(set().union(*(marks[function] for function, _ in frames)))
        leaves[f"`{names[frames[0][0]]}` ({pathlib.Path(frames[0][1]).name})"] += 1
    print(f"{len(stacks):,} samples, {RATE} a second of CPU time")
    show("what", groups, len(stacks), None)
    show("within those, overlapping", overlapping, len(stacks), None)
    if symbols:
        show("function that the sample ended in", leaves, len(stacks), symbols)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--what", choices=list(CALLS), required=True)
    parser.add_argument("--seconds", type=int, default=10, choices=range(1, 61), metavar="1-60")
    parser.add_argument("--symbols", type=int, default=0)
    options = parser.parse_args()
    if not (BIN / "ttrpc-pipeline").exists():
        sys.exit("benchmarks/prepare builds the loads; run it first")
    # As an interrupt does: what it started ends with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for program, where in (("perf", "scripts/setup bench installs it"), ("swift", "it demangles names")):
        if not shutil.which(program):
            sys.exit(f"{program} is not on PATH; {where}")
    is_unary = options.what.startswith("unary")
    server = (Server(executable="signalbox-interop", verb=()) if is_unary
              else Server("--log-level", "warning", checks=False))
    print(f"{machine()}; {options.what}, {options.seconds} s", flush=True)
    try:
        with tempfile.TemporaryDirectory(dir=PEERS) as folder:
            server.start()
            load = (unary_load if is_unary else durable_load)(options.what, server)
            calls = CALLS[options.what]
            load(calls // 20)
            file = f"{folder}/perf.data"
            with Endless(load, calls):
                record(server.process.pid, options.seconds, file)
            report(file, options.symbols)
    finally:
        server.kill()
        server.remove()


if __name__ == "__main__":
    main()

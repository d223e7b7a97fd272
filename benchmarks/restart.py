#!/usr/bin/env python3
"""Measures how fast a server with many executions suspended at approvals starts, and what it then takes.

    restart.py [--count 100000] [--rounds 3] [--folder FOLDER]

Prepares the store by triggers over RPC, as clients make them, all through the committer. Then, in turn: a
stop, and a kill -9; each time the same store is opened by a new process, and the time counts from before the
process is made until it says that it listens, which it does once it has recovered. Beside it a server on
an empty store. Afterwards every execution must be there, suspended, and one is answered.
With --folder the store stays there, and is used again if it holds as many.
"""
import argparse
import asyncio
import pathlib
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "Tests" / "StockClients"), str(ROOT / "Tests" / "StockClients" / "python")]

import grpc  # noqa: E402  (after the paths)

from connection import Connection  # noqa: E402
from with_server import CERTS, Server  # noqa: E402
from signalbox.v1 import execution_pb2 as ex  # noqa: E402
from signalbox.v1 import execution_service_pb2 as es  # noqa: E402
from signalbox.v1 import execution_service_pb2_grpc  # noqa: E402
from signalbox.v1 import workflow_service_pb2 as ws  # noqa: E402

WORKFLOW = """{"id": "held", "nodes": [{"id": "start", "type": "start"},
 {"id": "approve", "type": "approval", "data": {"message": "Order ${.input.order}?",
  "assignees": ["sales"]}}, {"id": "end", "type": "end"}],
 "edges": [{"source": "start", "target": "approve"}, {"source": "approve", "target": "end"}]}"""
CALLERS = 256
SETTLE_SECONDS_MAX = 600


def connect(server):
    return Connection(server.address, CERTS / "ca.pem", server.token)


def suspended(connection):
    state = es.StateFilter(status=ex.EXECUTION_STATUS_SUSPENDED)
    return connection.executions.Count(es.CountExecutionsRequest(
        filter=es.ExecutionFilter(states=[state]))).count


async def trigger(server, first, count):
    """Triggers `count` executions, CALLERS at once, on four connections."""
    credentials = grpc.composite_channel_credentials(
        grpc.ssl_channel_credentials((CERTS / "ca.pem").read_bytes()),
        grpc.access_token_call_credentials(server.token))
    channels = [grpc.aio.secure_channel(
        server.address, credentials, options=[("grpc.use_local_subchannel_pool", 1)])
        for _ in range(4)]
    stubs = [execution_service_pb2_grpc.ExecutionServiceStub(channel) for channel in channels]
    numbers = iter(range(first, first + count))

    async def caller(stub):
        for number in numbers:
            await stub.Trigger(es.TriggerRequest(
                workflow_id="held", input_json=f'{{"order": {number}}}'))

    await asyncio.gather(*(caller(stubs[index % 4]) for index in range(CALLERS)))
    for channel in channels:
        await channel.close()


def prepare(server, count):
    """Returns the seconds it took, or None where the store held them already."""
    with connect(server) as connection:
        connection.workflows.Put(ws.PutWorkflowRequest(definition_json=WORKFLOW))
        there = suspended(connection)
        if there >= count:
            return None
        begin = time.monotonic()
        asyncio.run(trigger(server, there, count - there))
        while suspended(connection) < count:
            if time.monotonic() - begin > SETTLE_SECONDS_MAX:
                raise RuntimeError(f"{suspended(connection)} of {count} are suspended")
            time.sleep(0.1)
        return time.monotonic() - begin


def memory(server):
    """Resident memory now, MiB."""
    for line in pathlib.Path(f"/proc/{server.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS")


def start(server):
    """Seconds until it listens, the CPU seconds it took for that, and the MiB it then takes."""
    begin = time.monotonic()
    server.start()
    return time.monotonic() - begin, server.cpu_seconds(), memory(server)


def show(name, rows):
    seconds = [row[0] for row in rows]
    print(f"{name:<44}{statistics.median(seconds):>9.3f}{min(seconds):>9.3f}{max(seconds):>9.3f}"
          f"{statistics.median(row[1] for row in rows):>9.2f}"
          f"{statistics.median(row[2] for row in rows):>10.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder")
    options = parser.parse_args()
    empty = Server(folder=tempfile.mkdtemp(prefix="signalbox-empty-"), checks=False)
    empty.owns_folder = True
    server = Server(folder=options.folder, checks=False)
    rows = {"an empty store, after a stop": [], "after a stop": [], "after kill -9": []}
    try:
        if options.folder:
            pathlib.Path(options.folder).mkdir(parents=True, exist_ok=True)
        server.start()
        took = prepare(server, options.count)
        print(f"{options.count:,} executions suspended at approvals; "
              + (f"made in {took:.1f} s" if took is not None else "made before"), flush=True)
        empty.start()
        empty.stop()
        for _ in range(options.rounds):
            server.stop()
            rows["after a stop"].append(start(server))
            server.kill()
            rows["after kill -9"].append(start(server))
            rows["an empty store, after a stop"].append(start(empty))
            empty.stop()
        print(f"{'start to ready':<44}{'median s':>9}{'min':>9}{'max':>9}{'CPU s':>9}{'MiB then':>10}")
        for name, found in rows.items():
            show(name, found)
        with connect(server) as connection:
            there = suspended(connection)
            if there != options.count:
                raise RuntimeError(f"{options.count} were suspended, {there} are")
            last = connection.executions.List(es.ListExecutionsRequest(page_size=1)).executions[0]
            if not last.next_wake_up:
                raise RuntimeError("no next wake-up")
            begin = time.monotonic()
            ended = connection.executions.Respond(es.RespondRequest(
                execution_id=last.id, decision=es.DECISION_APPROVE))
            if ended.status != ex.EXECUTION_STATUS_COMPLETED:
                raise RuntimeError(f"the answer left it {ended.status}")
            print(f"the first answer after a start: {(time.monotonic() - begin) * 1e3:.1f} ms; "
                  f"{memory(server):.1f} MiB")
            asyncio.run(trigger(server, options.count, 1))
        server.stop()
    finally:
        server.kill()
        empty.kill()
        empty.remove()
        server.remove()


if __name__ == "__main__":
    main()

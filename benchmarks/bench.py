#!/usr/bin/env python3
"""Measures Signalbox beside its peers and prints one table; benchmarks/run builds what it needs.

    bench.py [--only unary|durable|workers|http] [--rounds 3] [--quick]

Unary: server CPU per call over TLS, from /proc, the same stock load (h2load) for every gRPC server,
for ttrpc one that writes as h2load does, and the stock Go client. Rounds go through all servers in turn; the median counts.
Durable: trigger-and-wait of a workflow of three noop steps over RPC + TLS, store on disk,
synchronous=FULL, each caller waiting for its answer before the next call; beside it DBOS on SQLite and
the same rows from a plain C loop.
Workers: trigger-and-wait of a workflow of one step that a worker does, two processes of the Python
library, and beside it the same with one `noop` in its place, on the same server.
HTTP: server CPU per trigger through the teams dialect and through gRPC, the same load on the same
server; beside it what Go's grpc-gateway adds to a grpc-go echo.
"""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "Tests" / "StockClients"), str(ROOT / "Tests" / "StockClients" / "python")]

import grpc  # noqa: E402  (after the paths)
from google.protobuf import duration_pb2  # noqa: E402

from connection import Connection  # noqa: E402
from with_server import CERTS, Server  # noqa: E402
from signalbox.v1 import execution_pb2  # noqa: E402
from signalbox.v1 import execution_service_pb2 as es  # noqa: E402
from signalbox.v1 import server_service_pb2  # noqa: E402
from signalbox.v1 import workflow_service_pb2  # noqa: E402

PEERS = ROOT / ".build-peers"
BIN = PEERS / "bin"
CA = CERTS / "ca.pem"
RESPONSE_BYTES = 16
# SimpleRequest {response_size: 16, payload {body: 16 bytes}}
UNARY_REQUEST = b"\x10\x10\x1a\x12\x12\x10" + b"p" * 16
# SimpleResponse {payload {body: 16 bytes}}; `type` 0 is not on the wire.
UNARY_ANSWER_BYTES = 2 + 2 + RESPONSE_BYTES
CALLERS = {1: (1, 1), 8: (4, 2), 64: (4, 16), 256: (4, 64)}


class Peer(Server):
    """An echo server of another stack, started as ours is."""

    def __init__(self, name):
        super().__init__()
        self.name = name

    def start(self, listen=None):
        process = subprocess.Popen(
            [BIN / self.name, CERTS / "server.pem", CERTS / "server-key.pem"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.process = process
        found = re.match(r"listening on (\S+)", process.stdout.readline())
        if not found:
            self.kill()
            raise RuntimeError(f"{self.name} does not listen")
        self.address = found.group(1)
        return self


def scratch(name, data):
    file = PEERS / name
    file.write_bytes(data)
    return file


def h2load(address, path, request, calls, connections, streams, headers=(), log=None):
    """Runs h2load and returns (answers per second, data bytes received); raises on any failure."""
    body = scratch("body", b"\0" + len(request).to_bytes(4, "big") + request)
    command = ["h2load", "-n", str(calls), "-c", str(connections), "-m", str(streams), "-t", "1",
               "-d", str(body), "-H", "content-type: application/grpc", "-H", "te: trailers"]
    for header in headers:
        command += ["-H", header]
    if log:
        log.unlink(missing_ok=True)
        command += [f"--log-file={log}"]
    command.append(f"https://{address}{path}")
    text = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True).stdout
    succeeded = int(re.search(r"(\d+) succeeded", text).group(1))
    if succeeded != calls:
        raise RuntimeError(f"{calls - succeeded} of {calls} calls failed:\n{text}")
    seconds, rate = re.search(r"finished in ([\d.]+\w+), ([\d.]+) req/s", text).groups()
    data = int(re.search(r"\((\d+)\) data", text).group(1))
    return float(rate), data


def unary_grpc(server, calls):
    """Server CPU microseconds per call, after checking that every answer had its full length."""
    path = "/grpc.testing.TestService/UnaryCall"
    h2load(server.address, path, UNARY_REQUEST, max(2000, calls // 10), 4, 32)
    before = server.cpu_seconds()
    rate, data = h2load(server.address, path, UNARY_REQUEST, calls, 4, 32)
    used = server.cpu_seconds() - before
    if data != calls * (5 + UNARY_ANSWER_BYTES):
        raise RuntimeError(f"{calls} answers of {5 + UNARY_ANSWER_BYTES} bytes expected, {data} came")
    return used / calls * 1e6, rate


def ttrpc_load(program, address, service, method, request, calls, connections, callers, token=None):
    """Runs one of the ttrpc loads and returns (answers per second, p50 and p99 in milliseconds)."""
    file = scratch("request", request)
    command = [BIN / program, address, CA, service, method, file, str(calls),
               str(connections), str(callers)] + ([token] if token else [])
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)
    total, failed, seconds, p50, p99 = done.stdout.split()
    if int(failed):
        raise RuntimeError(f"{failed} of {total} ttrpc calls failed: {done.stderr}")
    return int(total) / float(seconds), int(p50) / 1e3, int(p99) / 1e3


def unary_ttrpc(program):
    def measure(server, calls):
        load = ("grpc.testing.TestService", "UnaryCall", UNARY_REQUEST)
        ttrpc_load(program, server.address, *load, max(2000, calls // 10), 4, 128)
        before = server.cpu_seconds()
        rate, _, _ = ttrpc_load(program, server.address, *load, calls, 4, 128)
        return (server.cpu_seconds() - before) / calls * 1e6, rate
    return measure


def bench_unary(rounds, quick):
    calls = 20_000 if quick else 200_000
    ours = Server(executable="signalbox-interop", verb=())
    servers = [("Signalbox, ttrpc", ours, unary_ttrpc("ttrpc-pipeline")),
               ("  stock Go client", ours, unary_ttrpc("ttrpc-load")),
               ("Signalbox, gRPC", ours, unary_grpc), ("grpc-go", Peer("go-echo"), unary_grpc), ("grpc-c++", Peer("cpp-echo"), unary_grpc)]
    found = {name: [] for name, _, _ in servers}
    try:
        for _ in range(rounds):
            # One server at a time, and each anew in every round, so that none profits from its place.
            for name, server, measure in servers:
                server.start()
                found[name].append(measure(server, calls))
                server.kill()
    finally:
        for _, server, _ in servers:
            server.kill()
            server.remove()
    median = {name: statistics.median(cpu for cpu, _ in rows) for name, rows in found.items()}
    print(f"\nUnary echo of {RESPONSE_BYTES} bytes over TLS, 4 connections × 32 calls at once, "
          f"{calls} calls, median of {rounds}")
    print(f"{'server':<20}{'CPU µs/call':>13}{'min–max':>15}{'calls/s':>11}"
          f"{'of grpc-go':>12}{'of grpc-c++':>13}")
    for name, rows in found.items():
        spread = f"{min(cpu for cpu, _ in rows):.2f}–{max(cpu for cpu, _ in rows):.2f}"
        print(f"{name:<20}{median[name]:>13.2f}{spread:>15}"
              f"{statistics.median(rate for _, rate in rows):>11,.0f}"
              f"{median[name] / median['grpc-go']:>12.2f}{median[name] / median['grpc-c++']:>13.2f}")


def percentiles(log):
    """p50 and p99 in milliseconds from h2load's log: start, status, microseconds."""
    took = sorted(int(line.split()[2]) for line in log.read_text().splitlines())
    return took[len(took) // 2] / 1e3, took[len(took) * 99 // 100] / 1e3


def bench_durable(rounds, quick):
    request = es.TriggerRequest(workflow_id="three-noops", wait=duration_pb2.Duration(seconds=60))
    message = request.SerializeToString()
    counts = {1: 4000, 8: 16_000, 64: 60_000, 256: 60_000}
    rows = []
    for callers, (connections, streams) in CALLERS.items():
        count = max(200, counts[callers] // (20 if quick else 1))
        for protocol in ("gRPC", "ttrpc"):
            tries = [durable_ours(protocol, message, count, callers, connections, streams)
                     for _ in range(rounds)]
            rows.append((f"Signalbox, {protocol}", callers,
                         sorted(tries)[len(tries) // 2]))
        with tempfile.TemporaryDirectory(dir=PEERS) as folder:
            done = subprocess.run(
                [BIN / "sqlite-limit", f"{folder}/limit.sqlite", str(count), str(callers)],
                capture_output=True, text=True, timeout=600, check=True)
            rate, cpu = (float(word) for word in done.stdout.split())
            rows.append((f"raw SQLite, {callers} a commit", callers, (rate, None, None, cpu)))
        with tempfile.TemporaryDirectory(dir=PEERS) as folder:
            done = subprocess.run(
                [PEERS / "dbos/bin/python", ROOT / "benchmarks/peers/dbos/durable.py", folder,
                 str(100 if quick else 400), str(callers)],
                capture_output=True, text=True, timeout=600, check=True)
            rate, p50, p99 = (float(word) for word in done.stdout.split()[-3:])
            rows.append(("DBOS", callers, (rate, p50, p99, None)))
    print(f"\nDurable 3-noop executions, trigger to completed, SQLite synchronous=FULL on disk, "
          f"median of {rounds}")
    print(f"{'system':<26}{'callers':>8}{'per second':>12}{'p50 ms':>9}{'p99 ms':>9}"
          f"{'CPU µs each':>13}{'× DBOS':>9}{'of raw':>8}")
    number = lambda value, form: format(value, form) if value is not None else "–"  # noqa: E731
    for name, callers, (rate, p50, p99, cpu) in rows:
        base = {other: row[0] for other, n, row in rows if n == callers}
        raw = base[f"raw SQLite, {callers} a commit"]
        print(f"{name:<26}{callers:>8}{rate:>12,.0f}{number(p50, '.2f'):>9}{number(p99, '.2f'):>9}"
              f"{number(cpu, '.0f'):>13}{rate / base['DBOS']:>9.1f}{rate / raw:>8.2f}")


def durable_ours(protocol, message, count, callers, connections, streams):
    """One measurement on a fresh store; checks that every execution completed."""
    with tempfile.TemporaryDirectory(dir=PEERS) as folder:
        server = Server(folder=folder, checks=False)
        try:
            server.start()
            with Connection(server.address, CA, server.token) as connection:
                connection.put("three-noops")
                headers = [f"authorization: Bearer {server.token}"]
                path, log = "/signalbox.v1.ExecutionService/Trigger", PEERS / "h2load.log"

                def load(calls):
                    if protocol == "gRPC":
                        rate, _ = h2load(server.address, path, message, calls, connections,
                                         streams, headers, log)
                        return rate, *percentiles(log)
                    return ttrpc_load("ttrpc-pipeline", server.address, "signalbox.v1.ExecutionService", "Trigger",
                                      message, calls, connections, callers, server.token)

                warm = max(callers, count // 20)
                load(warm)
                before = server.cpu_seconds()
                rate, p50, p99 = load(count)
                cpu = (server.cpu_seconds() - before) / count * 1e6
                completed = connection.executions.Count(es.CountExecutionsRequest(
                    filter=es.ExecutionFilter(states=[es.StateFilter(
                        status=execution_pb2.EXECUTION_STATUS_COMPLETED)]))).count
                if completed != warm + count:
                    raise RuntimeError(f"{warm + count} triggered, {completed} completed")
                return rate, p50, p99, cpu
        finally:
            server.kill()


def one_step(kind):
    """A workflow of one step, as JSON."""
    return json.dumps({
        "id": f"one-{kind}", "name": f"One {kind}",
        "nodes": [{"id": "start", "type": "start"}, {"id": "step", "type": kind},
                  {"id": "end", "type": "end"}],
        "edges": [{"source": "start", "target": "step"}, {"source": "step", "target": "end"}]})


def workers_ours(count, callers, connections, streams):
    """Rate, p50, p99 and server CPU per execution of one `noop` and of one worker's step."""
    with tempfile.TemporaryDirectory(dir=PEERS) as folder:
        server = Server("--log-level", "warning", folder=folder, checks=False)
        workers = []
        try:
            server.start()
            with Connection(server.address, CA, server.token) as connection:
                made = connection.server.CreateToken(server_service_pb2.CreateTokenRequest(
                    name="hand", role=server_service_pb2.ROLE_WORKER))
                environment = {**os.environ, "SIGNALBOX_SERVER": server.address,
                               "SIGNALBOX_CA": str(CA), "SIGNALBOX_TOKEN": made.secret}
                workers = [subprocess.Popen([sys.executable, ROOT / "benchmarks/worker.py"],
                                            env=environment) for _ in range(2)]
                for kind in ("noop", "nothing"):
                    connection.workflows.Put(workflow_service_pb2.PutWorkflowRequest(
                        definition_json=one_step(kind), allow_unregistered=True))
                headers = [f"authorization: Bearer {server.token}"]
                log = PEERS / "h2load.log"
                rows = []
                for kind in ("noop", "nothing"):
                    message = es.TriggerRequest(
                        workflow_id=f"one-{kind}", wait=duration_pb2.Duration(seconds=60)
                    ).SerializeToString()

                    def load(calls):
                        rate, _ = h2load(
                            server.address, "/signalbox.v1.ExecutionService/Trigger", message,
                            calls, connections, streams, headers, log)
                        return rate, *percentiles(log)

                    # The first waits until the workers are there.
                    load(max(callers, count // 10))
                    before = server.cpu_seconds()
                    rate, p50, p99 = load(count)
                    rows.append((rate, p50, p99, (server.cpu_seconds() - before) / count * 1e6))
                return rows
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
            server.kill()


def bench_workers(rounds, quick):
    print(f"\nExecutions of one step, trigger to completed, two workers of the Python library, "
          f"median of {rounds}")
    print(f"{'step':<22}{'callers':>8}{'per second':>12}{'p50 ms':>9}{'p99 ms':>9}"
          f"{'CPU µs each':>13}{'of noop':>9}")
    for callers in (1, 64):
        count = (200 if quick else 2_000) * min(callers, 10)
        tries = [workers_ours(count, callers, *CALLERS[callers]) for _ in range(rounds)]
        noop, worker = ([statistics.median(one[kind][i] for one in tries) for i in range(4)]
                        for kind in (0, 1))
        for name, (rate, p50, p99, cpu) in (("noop", noop), ("by a worker", worker)):
            print(f"{name:<22}{callers:>8}{rate:>12,.0f}{p50:>9.2f}{p99:>9.2f}{cpu:>13.0f}"
                  f"{cpu / noop[3]:>9.2f}")


def h2load_json(address, path, body, calls, connections, streams, headers=()):
    """h2load with a JSON body; raises unless every answer is a 2xx."""
    command = ["h2load", "-n", str(calls), "-c", str(connections), "-m", str(streams), "-t", "1",
               "-d", str(scratch("json", body)), "-H", "content-type: application/json"]
    for header in headers:
        command += ["-H", header]
    done = subprocess.run([*command, f"https://{address}{path}"], capture_output=True, text=True,
                          timeout=600, check=True)
    good = int(re.search(r"status codes: (\d+) 2xx", done.stdout).group(1))
    if good != calls:
        raise RuntimeError(f"{calls - good} of {calls} requests failed:\n{done.stdout}")


def cpu_each(server, calls, load):
    """Server CPU microseconds per call of `load(calls)`, after a tenth of it to warm up."""
    load(max(200, calls // 10))
    before = server.cpu_seconds()
    load(calls)
    return (server.cpu_seconds() - before) / calls * 1e6


def http_ours(calls):
    """CPU per trigger over gRPC and over HTTP, on one fresh store; nothing waits for the end."""
    message = es.TriggerRequest(workflow_id="three-noops", input_json="{}").SerializeToString()
    with tempfile.TemporaryDirectory(dir=PEERS) as folder:
        server = Server("--log-level", "warning", folder=folder, checks=False)
        try:
            server.start()
            with Connection(server.address, CA, server.token) as connection:
                connection.put("three-noops")
            headers = [f"authorization: Bearer {server.token}"]
            trigger = "/signalbox.v1.ExecutionService/Trigger"
            grpc_cpu = cpu_each(server, calls, lambda n: h2load(
                server.address, trigger, message, n, 4, 16, headers))
            http_cpu = cpu_each(server, calls, lambda n: h2load_json(
                server.address, "/api/workflows/three-noops/execute", b"{}", n, 4, 16, headers))
            return grpc_cpu, http_cpu
        finally:
            server.kill()


def http_gateway(calls):
    """CPU per echo of grpc-go, and of grpc-gateway in front of it in the same process."""
    server = Peer("go-gateway")
    try:
        server.start()
        grpc_cpu = cpu_each(server, calls, lambda n: h2load(
            server.address, "/grpc.testing.TestService/UnaryCall", UNARY_REQUEST, n, 4, 16))
        http_cpu = cpu_each(server, calls, lambda n: h2load_json(
            server.address, "/v1/echo", b'{"responseSize":16}', n, 4, 16))
        return grpc_cpu, http_cpu
    finally:
        server.kill()
        server.remove()


def bench_http(rounds, quick):
    calls = 3_000 if quick else 30_000
    found = {"Signalbox, trigger": [], "grpc-gateway, echo": []}
    for _ in range(rounds):
        found["Signalbox, trigger"].append(http_ours(calls))
        found["grpc-gateway, echo"].append(http_gateway(calls))
    print(f"\nThe same call over gRPC and as JSON over HTTP/2, TLS, 4 connections × 16 at once, {calls} "
          f"calls, median of {rounds}")
    print(f"{'server':<22}{'gRPC CPU µs':>13}{'HTTP CPU µs':>13}{'HTTP/gRPC':>11}")
    for name, rows in found.items():
        by_grpc, by_http = (statistics.median(row[i] for row in rows) for i in (0, 1))
        print(f"{name:<22}{by_grpc:>13.2f}{by_http:>13.2f}{by_http / by_grpc:>11.2f}")


def machine():
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    kernel = pathlib.Path("/proc/sys/kernel/osrelease").read_text().strip()
    cores = subprocess.run(["nproc"], capture_output=True, text=True).stdout.strip()
    return f"{cores} cores, {cpu.group(1) if cpu else 'unknown processor'}, Linux {kernel}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=["unary", "durable", "workers", "http"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work: for trying it out")
    options = parser.parse_args()
    print(machine(), f"grpcio {grpc.__version__}", sep="; ")
    for name, bench in (("unary", bench_unary), ("durable", bench_durable),
                        ("workers", bench_workers), ("http", bench_http)):
        if options.only in (None, name):
            bench(options.rounds, options.quick)


if __name__ == "__main__":
    main()

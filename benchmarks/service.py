#!/usr/bin/env python3
"""Measures what a server does beside unary calls and throughput, and prints one table.

    service.py [--only watch|watchers|list|idle|overload] [--quick] [--count 1000000] [--folder FOLDER]
               [-- OPTION-OF-SERVE...]

watch: how soon a watcher has an event after it was committed, and that none is lost or repeated over reconnects.
watchers: the server's memory for each TLS connection and each open watch of a suspended execution.
list: pages of a store of `--count` executions, by key for every filter and by number, with exact totals.
idle: CPU, memory, commits and SQLite's steps of a server that nobody calls, on that store and an empty one.
overload: twice as many triggers as it can do: what it refuses, and what becomes of the rest.

What must hold (nothing lost or repeated, totals, what was accepted) ends the run with an error where it does not;
a number that is not reached is a row that says so. With --folder the store of `list` and `idle` stays there and
is used again. --quick is a trial of little work; its numbers mean nothing. What follows `--` is given to
`signalbox serve`.
"""
import argparse
import pathlib
import shutil
import signal
import sys
import tempfile
import time

from rows import Options, Preloaded, Table, metric, wake_ups
from bench import BIN, machine
from listing import ROUNDS, bench_list, store
from capacity import bench_overload
from restart import memory
from watching import bench_watch, bench_watchers
from with_server import Server

import grpc

IDLE_CPU_PERCENT_MAX = 1
IDLE_MIB_MAX = 80
IDLE_STATEMENTS_MAX = 1
# What a start leaves to be done is over by then.
IDLE_AFTER_SECONDS = 5
# Rounds are of so many at least, so that each kind of execution is in them.
COUNT_MIN = 2_000


def steps(file):
    return int.from_bytes(file.read_bytes(), sys.byteorder)


def idle(table, name, server, seconds):
    """Starts `server`, leaves it alone and tells what it did meanwhile."""
    with tempfile.NamedTemporaryFile() as counter:
        file = pathlib.Path(counter.name)
        file.write_bytes(bytes(8))
        with Preloaded(BIN / "sqlite-steps.so", SQLITE_STEPS=counter.name):
            server.start()
        if steps(file) == 0:
            raise RuntimeError("the steps of SQLite are not counted")
        time.sleep(IDLE_AFTER_SECONDS)
        mib = memory(server)
        # The metrics are asked for outside of what is measured.
        groups = metric(server, "signalbox_commit_groups_total")
        before = server.cpu_seconds(), steps(file), wake_ups(server)
        time.sleep(seconds)
        after = server.cpu_seconds(), steps(file), wake_ups(server)
        cpu, stepped, woken = (now - then for now, then in zip(after, before))
        groups = metric(server, "signalbox_commit_groups_total") - groups
    percent = 100 * cpu / seconds
    table.add(f"idle on {name}: CPU in {seconds} s", f"{percent:.1f} %",
              f"< {IDLE_CPU_PERCENT_MAX} %", percent < IDLE_CPU_PERCENT_MAX)
    table.add(f"idle on {name}: resident memory after the start", f"{mib:.0f} MiB",
              f"≤ {IDLE_MIB_MAX} MiB", mib <= IDLE_MIB_MAX)
    table.add(f"idle on {name}: steps of SQLite's statements",
              f"{stepped / seconds:.1f} a second ({groups / seconds:.1f} commits, {woken / seconds:.0f} "
              "wake-ups of threads)", f"≤ {IDLE_STATEMENTS_MAX} a second",
              stepped / seconds <= IDLE_STATEMENTS_MAX)


def bench_idle(table, options, folder):
    seconds = options.amount(10, 3)
    server = store(options, folder)
    try:
        server.stop()
        idle(table, f"{options.count:,} executions", server, seconds)
        server.stop()
    finally:
        server.kill()
    empty = Server("--log-level", "warning", *options.serve, checks=False)
    try:
        # A store that is there: making its tables is no idling.
        empty.start()
        empty.stop()
        idle(table, "an empty store", empty, seconds)
        empty.stop()
    finally:
        empty.kill()
        empty.remove()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=["watch", "watchers", "list", "idle", "overload"])
    parser.add_argument("--quick", action="store_true", help="little work: for trying it out")
    parser.add_argument("--count", type=int, help="executions of the store that is listed (1,000,000)")
    parser.add_argument("--folder", help="where that store is and stays (one that is removed)")
    parser.add_argument("serve", nargs="*", help="after `--`: options of `signalbox serve`")
    given = parser.parse_args()
    # As an interrupt does: what it started ends with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    count = given.count or (10_000 if given.quick else 1_000_000)
    if count < COUNT_MIN or count % (10 * ROUNDS):
        parser.error(f"--count: expected a multiple of {10 * ROUNDS} from {COUNT_MIN} on, got {count}")
    folder = given.folder or tempfile.mkdtemp(prefix="signalbox-list-")
    options = Options(given.quick, count, given.serve)
    print(machine(), f"grpcio {grpc.__version__}", sep="; ")
    table = Table()
    try:
        for name, bench in (("watch", bench_watch), ("watchers", bench_watchers),
                            ("overload", bench_overload)):
            if given.only in (None, name):
                bench(table, options)
        for name, bench in (("list", bench_list), ("idle", bench_idle)):
            if given.only in (None, name):
                bench(table, options, folder)
    finally:
        if not given.folder:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""DBOS on SQLite: workflows of three steps that do nothing, from a number of callers.

    durable.py FOLDER WORKFLOWS CALLERS      prints workflows per second, p50 and p99 in milliseconds
"""
import concurrent.futures
import logging
import sys
import time

from dbos import DBOS

folder, count, callers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
DBOS(config={"name": "bench", "system_database_url": f"sqlite:///{folder}/dbos.sqlite",
             "log_level": "ERROR", "run_admin_server": False})
logging.disable(logging.WARNING)


@DBOS.step()
def noop():
    return None


@DBOS.workflow()
def three_steps():
    noop()
    noop()
    noop()


def timed(_):
    begin = time.perf_counter()
    three_steps()
    return time.perf_counter() - begin


DBOS.launch()
for _ in range(3):
    three_steps()
begin = time.perf_counter()
with concurrent.futures.ThreadPoolExecutor(callers) as pool:
    took = sorted(pool.map(timed, range(count)))
seconds = time.perf_counter() - begin
print(f"{count / seconds:.1f} {took[count // 2] * 1e3:.2f} {took[count * 99 // 100] * 1e3:.2f}")
DBOS.destroy()

#!/usr/bin/env python3
"""A worker of the Python library that does nothing, many times at once: for bench.py.

Serves the kind `nothing` of SIGNALBOX_SERVER with SIGNALBOX_TOKEN and SIGNALBOX_CA until it is ended.
"""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / ".build-clients" / "library"))
from signalbox import Worker  # noqa: E402  (after its path)

worker = Worker(os.environ["SIGNALBOX_SERVER"], token=os.environ["SIGNALBOX_TOKEN"],
                ca=os.environ["SIGNALBOX_CA"], concurrency=64)


@worker.kind("nothing")
def nothing(task):
    return None


worker.run()

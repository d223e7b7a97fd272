#!/usr/bin/env python3
"""A worker in Python: serves `greet` for workflow.json.

    SIGNALBOX_SERVER=127.0.0.1:7443 SIGNALBOX_CA=certs/ca.pem SIGNALBOX_TOKEN=sb_… greet.py

The token has the role worker. Ends when it is told to (SIGTERM, Ctrl-C), after what it is at work on.
"""
import os
import signal

from signalbox import TaskFailed, Worker

worker = Worker(
    os.environ["SIGNALBOX_SERVER"], token=os.environ["SIGNALBOX_TOKEN"],
    ca=os.environ.get("SIGNALBOX_CA"))


@worker.kind("greet")
def greet(task):
    name = task.input["name"]
    if not name:
        raise TaskFailed("NAME_EMPTY", "expected a name, got none", retryable=False)
    task.progress({"greeting": name})
    return {"text": f"Hello, {name}", "token": task.idempotency_token}


for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda *_: worker.stop())
print("working as", worker.id, flush=True)
worker.run()

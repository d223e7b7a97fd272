#!/usr/bin/env python3
"""The worker that worker_crash_test.py kills: notes every call, and every completion that the server
acknowledged, in a file, and does its little work."""
import json
import os
import sys
import time

from signalbox import Worker

calls = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
tasks = {}


def note(what, task):
    line = json.dumps([what, task.execution_id, task.message.node_path, task.attempt,
                       task.idempotency_token])
    # One write: lines of several workers do not mix.
    os.write(calls, f"{line}\n".encode())


class Noting(Worker):
    """Notes what the server has acknowledged."""

    def _offer(self, call, request):
        answer = super()._offer(call, request)
        task = tasks.pop(request.task_id)
        # None: the task was over, which acknowledges nothing.
        if answer is not None:
            note("acknowledged", task)
        return answer


worker = Noting(os.environ["SIGNALBOX_SERVER"], token=os.environ["SIGNALBOX_TOKEN"],
                ca=os.environ["SIGNALBOX_CA"], id=sys.argv[1], concurrency=8)


def step(task):
    tasks[task.id] = task
    note("called", task)
    # Long enough that a kill finds some of them at work.
    time.sleep(0.05)
    return {"by": task.message.node_path, "value": task.input["value"] + 1}


worker.kind("crash-first")(step)
worker.kind("crash-second")(step)
worker.run()

#!/usr/bin/env python3
"""The command line as people use it, beside a stock gRPC client: what it says while it watches, what it
says when it is called wrongly, and that what it names can be copied and run.

Starts its own server.
"""
import json
import os
import pathlib
import pty
import subprocess
import sys
import tempfile
import threading

from cases import case, equal, expect, run
from connection import ROOT, Connection, unique

sys.path.insert(0, str(ROOT / "Tests" / "StockClients"))
from with_server import BINARIES, CERTS, Server  # noqa: E402  (after the path that holds it)

from signalbox.v1 import server_service_pb2 as server_pb  # noqa: E402
from signalbox.v1 import worker_service_pb2 as wk  # noqa: E402
from signalbox.v1 import worker_service_pb2_grpc  # noqa: E402

SECONDS_MAX = 60
ESCAPE = "\x1b"


def flow(name, *nodes):
    """A chain of (id, kind, data) between start and end."""
    listed = [("s", "start", {}), *nodes, ("e", "end", {})]
    return {"id": name,
            "nodes": [{"id": i, "type": kind, "data": data} for i, kind, data in listed],
            "edges": [{"source": a[0], "target": b[0],
                       **({"sourceHandle": "approved"} if a[1] == "approval" else {})}
                      for a, b in zip(listed, listed[1:])]}


ASK = ("ok", "approval", {"message": "Send it?"})


class Followed:
    """A command that runs; its lines can be waited for as they come."""

    def __init__(self, process):
        self.process = process
        self.lines = []
        self.changed = threading.Condition()
        self.ended = False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def line(self, text):
        """The first line with that text, once it is there."""
        def found():
            return next((line for line in self.lines if text in line), None)
        with self.changed:
            self.changed.wait_for(lambda: found() or self.ended, SECONDS_MAX)
            expect(found(), f"no line with {text!r} in\n" + "\n".join(self.lines))
            return found()

    def status(self):
        """Its exit status, once it has ended and all its lines are there."""
        with self.changed:
            expect(self.changed.wait_for(lambda: self.ended, SECONDS_MAX), "it does not end")
        return self.process.wait(SECONDS_MAX)


class Bench:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-commands-"))
        self.server = Server()
        self.server.start()
        self.c = Connection(self.server.address, CERTS / "ca.pem", self.server.token)
        self.environment = {**self.server.environment, "PATH": f"{BINARIES}:{os.environ['PATH']}"}
        self.environment.pop("NO_COLOR", None)

    def end(self):
        self.c.close()
        self.server.stop()
        self.server.remove()

    def run(self, *words, **more):
        return subprocess.run(
            ["signalbox", *words], capture_output=True, text=True, timeout=SECONDS_MAX,
            env=self.environment, cwd=self.folder, **more)

    def shell(self, line):
        """A line as it is copied to a shell."""
        return subprocess.run(["bash", "-c", line], capture_output=True, text=True,
                              timeout=SECONDS_MAX, env=self.environment, cwd=self.folder)

    def follow(self, *words):
        return Followed(subprocess.Popen(
            ["signalbox", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=self.environment, cwd=self.folder))

    def file(self, definition):
        path = self.folder / f"{definition['id']}.json"
        path.write_text(json.dumps(definition))
        return path.name

    def put(self, *nodes, **more):
        name = unique("cli")
        done = self.run("workflow", "put", self.file(flow(name, *nodes)), *more.get("flags", ()))
        equal(done.returncode, 0, f"workflow put: {done.stderr}")
        return name


def copied(line):
    """The command of a line `answer: COMMAND   (or OTHER)`."""
    return line.split(": ", 1)[1].split("   (")[0].strip()


@case("a watch names the command that answers, and it does")
def _(bench):
    watch = bench.follow("trigger", bench.put(ASK), "--watch")
    line = watch.line("answer: ")
    expect("(or --reject)" in line, line)
    answered = bench.shell(copied(line))
    equal(answered.returncode, 0, f"{copied(line)}: {answered.stderr}")
    equal(watch.status(), 0, "status of the watch")
    expect(not any(ESCAPE in line for line in watch.lines), "escape codes without a terminal")


@case("a watch that ends at the question names the command, too; read later, nothing is left to do")
def _(bench):
    done = bench.run("trigger", bench.put(ASK), "--watch", "--until-suspended")
    equal(done.returncode, 3, "status")
    lines = [line for line in done.stdout.splitlines() if "answer: " in line]
    equal(len(lines), 1, f"lines that name the command in\n{done.stdout}\n")
    number = copied(lines[0]).split()[2]
    equal(bench.shell(copied(lines[0])).returncode, 0, "the command")
    later = bench.run("watch", number)
    equal((later.returncode, "answer: " in later.stdout), (0, False), "a watch after the end")
    machine = bench.run("trigger", bench.put(ASK), "--watch", "--until-suspended", "--json")
    for line in machine.stdout.splitlines():
        json.loads(line)


@case("a watch of a batch names what is held and how it goes on, until the batch has completed")
def _(bench):
    files = [bench.file(flow(unique("held"), ASK)), bench.file(flow(unique("goes")))]
    watch = bench.follow("batch", "start", *files, "--watch")
    expect("ok#1 APPROVAL: Send it?" in watch.line("held: execution "), "what is held")
    answered = bench.shell(copied(watch.line("answer: ")))
    equal(answered.returncode, 0, answered.stderr)
    equal(watch.status(), 0, "status of the watch")
    expect("2 completed" in watch.lines[-1], watch.lines[-1])


def done(bench, *words, status=0):
    """What a command printed, which ended so; JSON where it was asked for."""
    ended = bench.run(*words)
    equal(ended.returncode, status, f"status of {' '.join(words)}: {ended.stderr}")
    return json.loads(ended.stdout) if "--json" in words else ended.stdout


@case("tags are made, renamed, listed and taken away, and put on executions")
def _(bench):
    name = bench.put()
    done(bench, "tag", "create", "Nightly run", "--id", "nightly")
    done(bench, "tag", "create", "Draft", "--id", "draft")
    number = done(bench, "trigger", name, "--wait", "--tag", "nightly", "--json")["number"]
    done(bench, "tag", "rename", "nightly", "Every night")
    done(bench, "tag", "set", number, "--add", "draft")
    listed = done(bench, "list", "--tag", "Every night", "--tag", "draft", "--json")
    equal([e["number"] for e in listed["executions"]], [number], "those that have both")
    done(bench, "tag", "set", number, "--remove", "draft")
    equal(done(bench, "list", "--tag", "draft", "--json"), {}, "those that have the other")
    done(bench, "tag", "delete", "draft")
    tags = done(bench, "tag", "list", "--json")["tags"]
    equal([(t["id"], t["name"], t["executionCount"]) for t in tags],
          [("nightly", "Every night", "1")], "the tags")
    done(bench, "list", "--tag", "draft", status=66)


@case("a bulk operation is tried, started and watched, and its results are listed")
def _(bench):
    name = bench.put(ASK)
    numbers = [done(bench, "trigger", name, "--json")["number"] for _ in range(3)]
    selected = ("cancel", "--workflow", name)
    expect("3" in done(bench, "bulk", "start", *selected, "--dry-run"), "a dry run")
    started = done(bench, "bulk", "start", *selected, "--reason", "enough", "--json")
    operation = f"bulk-{started['operation']['number']}"
    done(bench, "bulk", "watch", operation)
    results = done(bench, "bulk", "results", operation, "--json")["results"]
    equal([r["executionNumber"] for r in results], numbers[::-1], "newest first")
    equal(done(bench, "bulk", "show", operation, "--json")["succeeded"], "3", "how it ended")
    equal(done(bench, "get", numbers[0], "--json")["endReason"], "enough", "one of them")


@case("an execution is stepped, paused, retried, replayed and exported")
def _(bench):
    name = bench.put(("a", "set", {"value": "${ .input.n }"}))
    held = done(bench, "trigger", name, "--input", '{"n":1}', "--breakpoints", "all", "--wait",
                "--json", status=3)["number"]
    done(bench, "continue", held)
    done(bench, "trace", held, "on")
    done(bench, "continue", held, "--skip")
    done(bench, "continue", held, "--without-breakpoints")
    done(bench, "watch", held)
    equal(json.loads(done(bench, "get", held, "--json")["outputJson"]), {"n": 1}, "what was skipped")
    again = done(bench, "replay", held, "--input", '{"n":2}', "--json")["number"]
    done(bench, "watch", again)
    asks = bench.put(ASK)
    paused = done(bench, "trigger", asks, "--wait", "--json", status=3)["number"]
    done(bench, "pause", paused, "--reason", "look")
    done(bench, "resume", paused)
    expect("Send it?" in done(bench, "inbox"), "the inbox")
    done(bench, "respond", paused, "--reject", "--reason", "no")
    retried = done(bench, "retry", paused, "--json")["number"]
    done(bench, "cancel", retried)
    rows = done(bench, "export", "--workflow", name).splitlines()
    expect(rows[0].startswith("execution_id,") and len(rows) == 7, f"the rows {rows}")


@case("a schedule is made, previewed, paused, resumed and erased")
def _(bench):
    name = bench.put()
    done(bench, "workflow", "deploy", name)
    done(bench, "schedule", "create", name, "30 2 * * *", "--time-zone", "Europe/Berlin",
         "--id", "nightly-report", "--paused")
    shown = done(bench, "schedule", "preview", "30 2 * * *", "--time-zone", "Europe/Berlin",
                 "--after", "2026-03-28T12:00:00Z", "--count", "2")
    expect("2026-03-29T01:00:00" in shown and "2026-03-30T00:30:00" in shown, shown)
    done(bench, "schedule", "backfill", "nightly-report", "--from", "2026-01-01T00:00:00Z",
         "--before", "2026-01-03T00:00:00Z")
    done(bench, "schedule", "resume", "nightly-report")
    done(bench, "schedule", "pause", "nightly-report", "--note", "holidays")
    got = done(bench, "schedule", "get", "nightly-report", "--json")
    equal((got["paused"], got["pauseNote"]), (True, "holidays"), "how it stands")
    equal(len(done(bench, "schedule", "fires", "nightly-report", "--json")["fires"]), 2, "its fires")
    done(bench, "schedule", "delete", "nightly-report")
    done(bench, "schedule", "get", "nightly-report", status=66)


@case("a watch says that no worker serves a task; once one does, the execution completes")
def _(bench):
    kind = unique("kind")
    name = bench.put(("job", kind, {}), flags=["--allow-unregistered"])
    watch = bench.follow("trigger", name, "--watch")
    line = watch.line("no worker that serves")
    expect(kind in line and "signalbox token create" in line, line)
    token = bench.c.server.CreateToken(server_pb.CreateTokenRequest(
        name=unique("hand"), role=server_pb.ROLE_WORKER)).secret
    hand = Connection(bench.server.address, CERTS / "ca.pem", token)
    worker = worker_service_pb2_grpc.WorkerServiceStub(hand.channel)
    stream = worker.Work(wk.WorkRequest(worker_id="hand", kinds=[wk.WorkerKind(name=kind)]))
    task = next(message.task for message in stream if message.HasField("task"))
    worker.CompleteTask(wk.CompleteTaskRequest(
        task_id=task.task_id, output_json="1", worker_id="hand"))
    equal(watch.status(), 0, "status of the watch")
    stream.cancel()
    hand.close()


@case("a workflow of a kind that nobody serves is refused with the way out, which is one")
def _(bench):
    file = bench.file(flow(unique("cli"), ("job", unique("kind"), {})))
    for words in (("workflow", "put", file), ("workflow", "validate", file)):
        done = bench.run(*words)
        equal(done.returncode, 65, f"status of {words}")
        expect("UNKNOWN_KIND" in done.stdout + done.stderr, done.stdout + done.stderr)
        expect("--allow-unregistered" in done.stdout + done.stderr, done.stdout + done.stderr)
    equal(bench.run("workflow", "put", file, "--allow-unregistered").returncode, 0, "the way out")


@case("a taken address is named with its setting, and nothing is left behind")
def _(bench):
    for flag in ("--listen", "--admin-http", "--local-http"):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-taken-"))
        rest = [] if flag == "--listen" else ["--listen", "127.0.0.1:0"]
        done = subprocess.run(
            [BINARIES / "signalbox", "serve", flag, bench.server.address, *rest],
            capture_output=True, text=True, timeout=SECONDS_MAX, cwd=folder)
        equal(done.returncode, 69, "status")
        for text in (f"{bench.server.address} is in use", f"{flag} HOST:PORT"):
            expect(text in done.stderr, f"no {text!r} in {done.stderr}")
        equal(list(folder.iterdir()), [], "what is left behind")
        folder.rmdir()


@case("colour is for terminals, and not with NO_COLOR")
def _(bench):
    number = bench.run("trigger", bench.put(), "--wait", "--json")
    number = json.loads(number.stdout)["number"]
    for extra, coloured in (({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False),
                            ({"TERM": "dumb"}, False)):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            ["signalbox", "watch", number], stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
            env={**bench.environment, **extra}, cwd=bench.folder)
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 65_536)
            except OSError:  # The other side is closed.
                break
            if not part:
                break
            shown += part
        os.close(ours)
        equal(process.wait(SECONDS_MAX), 0, "status")
        expect(b"completed" in shown, shown)
        equal(ESCAPE.encode() in shown, coloured, f"escape codes with {extra}")
    piped = bench.run("watch", number)
    expect(ESCAPE not in piped.stdout + piped.stderr, "escape codes in a pipe")


@case("the completion script of bash completes commands, flags and the words of a choice")
def _(bench):
    (bench.folder / "complete.bash").write_text(
        bench.run("--generate-completion-script", "bash").stdout)

    def completed(line):
        words = line.split(" ")
        quoted = " ".join(f"'{word}'" for word in words)
        done = bench.shell(
            f"source complete.bash; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; "
            f"COMP_LINE='{line}'; COMP_POINT={len(line)}; COMP_TYPE=9; COMP_KEY=9; "
            "$(complete -p signalbox | sed 's/.*-F \\([^ ]*\\).*/\\1/') "
            f"signalbox '{words[-1]}' '{words[-2]}'; "
            'printf "%s\\n" "${COMPREPLY[@]}"')
        return {word.strip() for word in done.stdout.splitlines()}

    expect({"trigger", "trace"} <= completed("signalbox tr"), completed("signalbox tr"))
    expect("--until-suspended" in completed("signalbox watch --un"), "a flag")
    equal(completed("signalbox list --status su"), {"suspended"}, "a state")
    equal(completed("signalbox schedule create a b --overlap b"), {"buffer-one", "buffer-all"},
          "a policy")


@case("a wait that is over, and a command that is refused, have their own status")
def _(bench):
    name = bench.put(ASK)
    made = bench.run("trigger", name, "--wait", "--json")
    number = json.loads(made.stdout)["number"]
    equal(made.returncode, 3, "a wait that ends at a question")
    equal(bench.run("delete", number).returncode, 4, "an execution that has not ended")
    equal(bench.run("cancel", number).returncode, 0, "a cancel")
    equal(bench.run("watch", number).returncode, 2, "a watch of what was cancelled")
    equal(bench.run("trigger", name, "--input", "@nowhere").returncode, 64, "a file that is not there")
    equal(bench.run("list", "--ca", "nowhere.pem").returncode, 64, "an authority that is not there")
    equal(bench.run("list", "--server", "nowhere:port").returncode, 64, "a server that is none")
    equal(bench.run("get", "987654321").returncode, 66, "what there is not")
    equal(bench.run("list", "--server", "127.0.0.1:1").returncode, 69, "no server")
    equal(bench.run("list", "--token", "sb_wrong").returncode, 77, "a wrong token")


if __name__ == "__main__":
    subject = Bench()
    try:
        run("command line", subject)
    finally:
        subject.end()

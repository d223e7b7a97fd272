#!/usr/bin/env python3
"""Runs the tour of README.md as it stands: its `sh` blocks in order in one shell, then its program in
Python, which waits at the approval until it is answered.

Starts its own server, in the place of that of `make run`: same files, another port. What it would
install, the test's own environment has.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from cases import case, equal, expect, run
from connection import ROOT

sys.path.insert(0, str(ROOT / "Tests" / "StockClients"))
from with_server import BINARIES, Server  # noqa: E402  (after the path that holds it)

SECONDS_MAX = 60
PAGE = (ROOT / "README.md").read_text()
INSTALLS = re.compile(r"^.*(-m venv|pip install) .*\n", re.MULTILINE)


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


class Bench:
    """A folder as `make run` leaves it."""

    def __init__(self):
        self.server = Server()
        self.server.start()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-readme-"))
        for name in ("proto", "certs"):
            (self.folder / name).symlink_to(ROOT / name)
        (self.folder / ".build").mkdir()
        (self.folder / ".build" / "release").symlink_to(BINARIES)
        (self.folder / ".run").mkdir()
        (self.folder / ".run" / "admin.token").write_text(self.server.token + "\n")
        (self.folder / ".run" / "python").symlink_to(pathlib.Path(sys.prefix))
        self.steps = [
            INSTALLS.sub("", block).replace("127.0.0.1:7443", self.server.address)
            for block in blocks("sh") if "make run" not in block]

    def shell(self, *steps):
        script = "\n".join(["shopt -s expand_aliases", *steps])
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("SIGNALBOX_")}
        return subprocess.run(["bash", "-c", script], capture_output=True, text=True,
                              timeout=SECONDS_MAX, env=environment, cwd=self.folder)

    def end(self):
        self.server.stop()
        self.server.remove()


@case("the tour runs as it stands: written, triggered, held, answered, read, replayed")
def _(bench):
    # The exit status of the watch says that the execution is held, as the tour tells.
    steps = [f"{step}status=$?" if "--until-suspended" in step else step for step in bench.steps]
    done = bench.shell(*steps, 'echo "status $status"')
    equal((done.returncode, done.stderr), (0, ""), f"status and complaints of\n{done.stdout}\n")
    for text in ("status 3", "answer: signalbox respond", "Hello, Ada", "COMPLETED", "SUSPENDED"):
        expect(text in done.stdout, f"no {text!r} in\n{done.stdout}")


@case("the program in Python runs as it stands, until the approval is answered")
def _(bench):
    program = blocks("python")[0]
    (bench.folder / ".run" / "greet.py").write_text(program)
    answer = """
    (until NUMBER=$(signalbox list --status suspended --workflow greet --json \\
        | jq -er 'first(.executions[] | select(.trigger == "TRIGGER_KIND_API")).number'); do :; done
    signalbox respond "$NUMBER" --approve > answered.txt) &
    """
    done = bench.shell(bench.steps[0], answer, ".run/python/bin/python .run/greet.py")
    equal(done.returncode, 0, f"status\n{done.stdout}\n{done.stderr}\n")
    expect("execution_completed" in done.stdout.splitlines()[-1], done.stdout)


if __name__ == "__main__":
    subject = Bench()
    try:
        run("readme", subject)
    finally:
        subject.end()

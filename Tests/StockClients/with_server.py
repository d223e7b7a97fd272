#!/usr/bin/env python3
"""Starts the release server on a private port and folder, runs a command beside it, stops it.

    with_server.py [--interop] [SERVER-OPTION...] -- COMMAND...

The command finds SIGNALBOX_SERVER, SIGNALBOX_CA, SIGNALBOX_PID and SIGNALBOX_TOKEN in its
environment. With --interop it is signalbox-interop, which knows no tokens.
Also a module: the crash test and the benchmarks use `Server` directly.
"""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
CERTS = ROOT / "certs"
BINARIES = pathlib.Path(os.environ.get("SIGNALBOX_BINARIES", ROOT / ".build" / "release"))
READY_SECONDS_MAX = 30
COMMAND_SECONDS_MAX = 120


class Server:
    """One `signalbox serve` with a folder of its own; restartable on the same folder and port.

    Before it is stopped, every execution that is not final must show its next wake-up, unless
    `checks` is False. Those that this process started are in `started`, for who checks them earlier.
    """

    started = []

    def __init__(self, *arguments, folder=None, executable="signalbox", verb=("serve",), checks=True):
        self.arguments = list(arguments)
        self.executable = executable
        self.verb = list(verb)
        self.checks = checks and executable == "signalbox"
        self.owns_folder = folder is None
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="signalbox-test-"))
        self.process = None
        self.address = None
        self.lines = []
        self.printed = threading.Condition()

    def start(self, listen="127.0.0.1:0"):
        """Returns once the server says that it listens, or raises with its output."""
        command = [str(BINARIES / self.executable), *self.verb, "--listen", listen]
        if "--certificate" not in self.arguments:
            command += ["--certificate", str(CERTS / "server.pem")]
            command += ["--private-key", str(CERTS / "server-key.pem")]
        if self.executable == "signalbox":
            command += ["--store", f"sqlite:{self.folder / 'signalbox.sqlite'}"]
            command += ["--admin-http", "127.0.0.1:0"]
        command += self.arguments
        # A session of its own, so that one kill reaches it and its expression processes alone.
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", cwd=self.folder, start_new_session=True)
        if self not in Server.started:
            Server.started.append(self)
        self.lines = []
        ready = threading.Event()
        threading.Thread(target=self._read, args=(self.process, ready), daemon=True).start()
        if not ready.wait(READY_SECONDS_MAX) or self.address is None:
            self.kill()
            raise RuntimeError(f"{self.executable} is not ready:\n" + "\n".join(self.lines[-30:]))
        return self

    def _read(self, process, ready):
        for line in process.stdout:
            with self.printed:
                if len(self.lines) < 10_000:
                    self.lines.append(line.rstrip("\n"))
                self.printed.notify_all()
            found = re.search(r"\blisten(?:ing|s) on (\S+:\d+)\s*$", line)
            if found and not ready.is_set():
                self.address = found.group(1)
                ready.set()
        ready.set()

    def wait_for_line(self, text, after=0):
        """Returns the first line with that text, of those after so many; raises if none comes."""
        def found():
            return next((line for line in self.lines[after:] if text in line), None)
        with self.printed:
            if not self.printed.wait_for(found, READY_SECONDS_MAX):
                raise RuntimeError(f"{self.executable} did not say {text!r}:\n" + "\n".join(self.lines[-30:]))
            return found()

    @property
    def token(self):
        return (self.folder / "admin.token").read_text().strip()

    @property
    def environment(self):
        names = {"SIGNALBOX_SERVER": self.address, "SIGNALBOX_CA": str(CERTS / "ca.pem"),
                 "SIGNALBOX_PID": str(self.process.pid)}
        if self.executable == "signalbox":
            names["SIGNALBOX_TOKEN"] = self.token
        return {**os.environ, **names}

    def cpu_seconds(self):
        """User and system time of the server process so far (not of its children)."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self):
        """kill -9: nothing is flushed, nobody is told."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def wake_up_faults(self):
        """What breaks the rule that every execution that is not final shows its next wake-up."""
        sys.path.insert(0, str(ROOT / "Tests" / "StockClients" / "python"))
        import wake_ups  # It needs the stubs, which not everybody who starts a server has.
        faults, _ = wake_ups.faults(
            self.address, CERTS / "ca.pem", self.token, certificate=wake_ups.CERTIFICATE)
        return faults

    def stop(self, seconds_max=20):
        """Asks for a graceful end and returns the exit status; kills after the bound.

        Raises if an execution shows no next wake-up.
        """
        status, faults = None, []
        if self.process:
            if self.process.poll() is None:
                try:
                    faults = self.wake_up_faults() if self.checks else []
                finally:
                    self.process.send_signal(signal.SIGTERM)
            try:
                status = self.process.wait(seconds_max)
            except subprocess.TimeoutExpired:
                self.kill()
        if faults:
            raise RuntimeError("\n".join(["not every execution will wake up:", *faults[:20]]))
        return status

    def remove(self):
        if self.owns_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
        self.remove()


def main():
    arguments = sys.argv[1:]
    if "--" not in arguments:
        sys.exit(__doc__)
    cut = arguments.index("--")
    options, command = arguments[:cut], arguments[cut + 1:]
    if options[:1] == ["--interop"]:
        server = Server(*options[1:], executable="signalbox-interop", verb=())
    else:
        server = Server(*options)
    try:
        server.start()
        try:
            status = subprocess.run(
                command, env=server.environment, timeout=COMMAND_SECONDS_MAX).returncode
        except subprocess.TimeoutExpired:
            # The counting line is missing then, so the failure is counted here.
            print(f"{command[0]} did not end within {COMMAND_SECONDS_MAX} s")
            print("0 passed, 1 failed")
            status = 1
        if server.process.poll() is not None:
            print(f"the server ended during the test with {server.process.returncode}")
            print("\n".join(server.lines[-40:]))
            status = 1
        elif status != 0:
            print("the server said:", *server.lines[-20:], sep="\n  ")
        try:
            ended = server.stop()
        except Exception as error:  # Whatever it is, the test has failed, and is counted here.
            print(f"{error}\n0 passed, 1 failed")
            sys.exit(1)
        if ended != 0:
            print(f"the server's exit status on SIGTERM is {ended}, expected 0")
            status = status or 1
    finally:
        server.kill()
        server.remove()
    sys.exit(status)


if __name__ == "__main__":
    main()

"""The smallest test runner that serves: cases by sentence, checks, and a counting last line.

After every case each server that it may have used must keep the rule of wake_ups.py.
"""
import os
import sys
import traceback

CASES = []


def case(sentence):
    """Registers a test; its name is the sentence it proves."""
    def register(function):
        CASES.append((sentence, function))
        return function
    return register


def expect(condition, message):
    """Fails the case; the message says what was expected and what came."""
    if not condition:
        raise AssertionError(message)


def equal(found, expected, what):
    expect(found == expected, f"{what}: expected {expected!r}, found {found!r}")


def wake_up_faults():
    """What breaks the rule that every execution that is not final shows its next wake-up: on the server
    that the environment names, and on those that this process started and that run."""
    import wake_ups  # It needs the stubs, which not everybody who counts cases has.
    found = []
    if "SIGNALBOX_TOKEN" in os.environ:
        found += wake_ups.faults(
            os.environ["SIGNALBOX_SERVER"], os.environ["SIGNALBOX_CA"],
            os.environ["SIGNALBOX_TOKEN"], certificate=wake_ups.CERTIFICATE)[0]
    started = sys.modules.get("with_server")
    for server in started.Server.started if started else []:
        if server.checks and server.process.poll() is None:
            found += server.wake_up_faults()
    return found


def run(title, subject):
    """Runs every case, each on its own, and ends the process: 0 if all passed.

    A class as the subject gives each case an instance of its own.
    """
    failed = 0
    for sentence, function in CASES:
        try:
            function(subject() if isinstance(subject, type) else subject)
            faults = wake_up_faults()
            expect(not faults, "\n".join(["not every execution will wake up:", *faults[:20]]))
            print(f"  ok      {sentence}", flush=True)
        except Exception:  # Any exception is that case's failure, and the next case runs.
            failed += 1
            print(f"  FAILED  {sentence}", flush=True)
            print("    " + traceback.format_exc().replace("\n", "\n    "), flush=True)
    print(f"{title}: {len(CASES) - failed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)

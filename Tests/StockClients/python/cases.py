"""The smallest test runner that serves: cases by sentence, checks, and a counting last line."""
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


def run(title, subject):
    """Runs every case, each on its own, and ends the process: 0 if all passed.

    A class as the subject gives each case an instance of its own.
    """
    failed = 0
    for sentence, function in CASES:
        try:
            function(subject() if isinstance(subject, type) else subject)
            print(f"  ok      {sentence}", flush=True)
        except Exception:  # Any exception is that case's failure, and the next case runs.
            failed += 1
            print(f"  FAILED  {sentence}", flush=True)
            print("    " + traceback.format_exc().replace("\n", "\n    "), flush=True)
    print(f"{title}: {len(CASES) - failed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)

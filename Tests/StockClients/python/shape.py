"""Compares answers with printed examples: the same members with the same kinds of values."""
import json
import subprocess

from cases import expect


def kind(value):
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return {str: "string", list: "array", dict: "object", type(None): "null"}[type(value)]


def same_shape(found, printed, place="$"):
    """`found` has every member that `printed` has. What is null in either may be anything."""
    if found is None or printed is None:
        return
    expect(kind(found) == kind(printed),
           f"{place}: expected {kind(printed)}, found {kind(found)}: {found!r}")
    if isinstance(printed, dict):
        for name, value in printed.items():
            expect(name in found, f"{place}: {name} is missing in {found!r}")
            same_shape(found[name], value, f"{place}.{name}")
    if isinstance(printed, list) and printed and found:
        # Examples list items of several kinds: each item is like one of them.
        for item in found:
            failures = []
            for example in printed:
                try:
                    same_shape(item, example, f"{place}[]")
                    break
                except AssertionError as error:
                    failures.append(str(error))
            else:
                raise AssertionError(failures[0])


def shell(command, **environment):
    """Runs a command as it is printed, and returns what it wrote."""
    done = subprocess.run(
        ["bash", "-c", command], env=environment or None, capture_output=True, text=True,
        timeout=60)
    expect(done.returncode == 0, f"{command}\nended with {done.returncode}: {done.stderr}"
           f"{done.stdout}")
    return done.stdout


def answer(command, **environment):
    """The JSON that a command wrote."""
    return json.loads(shell(command, **environment))

"""Runs what a documented page prints, with curl, with ids and tokens filled in."""
import json
import os
import re

from cases import equal
from rest import Desk
from shape import same_shape, shell

BASE = "https://" + os.environ["SIGNALBOX_SERVER"]


class Page(Desk):
    """A caller of printed calls, by its token."""

    header = "Authorization: Bearer"

    def curl(self, command, status=200, token=None):
        """Runs a printed curl command, or one in that form; returns the JSON, or the text."""
        marked = command.replace(
            "curl ", "curl -sS --max-time 20 --cacert \"$SIGNALBOX_CA\" "
            f"-H '{self.header} {token or self.token}' -w '\\n%{{http_code}}' ", 1)
        text, _, code = shell(marked, **os.environ).rpartition("\n")
        equal(int(code), status, f"{command}: {text}")
        try:
            return json.loads(text) if text else None
        except ValueError:
            return text

    def printed(self, text, status=200, token=None, **ids):
        """Sends a request as a page prints it: a line with method and path, header lines, a body.

        What stands in the path as `:name`, and `<token>`, is filled in; the rest is sent as it is.
        """
        head, _, body = text.strip().partition("\n\n")
        first, *fields = head.split("\n")
        method, path = first.split(" ", 1)
        for name, value in ids.items():
            path = re.sub(rf":{name}\b", str(value), path)
        command = f"curl -X {method} '{BASE}{path}' -H 'Content-Type: application/json'"
        for field in fields:
            if not field.startswith("Authorization"):
                command += f" -H '{field}'"
        if body:
            command += f" -d '{body}'"
        return self.curl(command, status, token)


def like(found, printed):
    same_shape(found, printed)
    return found

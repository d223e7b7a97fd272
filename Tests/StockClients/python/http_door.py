"""The HTTP door of the server named by the environment, through `requests`."""
import os

import requests

from connection import ROOT  # noqa: F401  (adds the stubs to the path)

CA = os.environ.get("SIGNALBOX_CA", str(ROOT / "certs" / "ca.pem"))


class Door(requests.Session):
    """A session on one base address, that trusts the test authority and has a deadline."""

    def __init__(self, token=None, base=None, ca=CA):
        super().__init__()
        self.base = base or "https://" + os.environ["SIGNALBOX_SERVER"]
        self.verify = ca
        self.trust_env = False
        if token:
            self.headers["Authorization"] = f"Bearer {token}"

    def request(self, method, path, *arguments, **keywords):
        keywords.setdefault("timeout", 30)
        return super().request(method, self.base + path, *arguments, **keywords)

    def call(self, status, method, path, **keywords):
        """A call that must be answered with `status`; returns the JSON, or None for no body."""
        answer = self.request(method, path, **keywords)
        if answer.status_code != status:
            raise AssertionError(
                f"{method} {path}: expected {status}, found {answer.status_code}: {answer.text}")
        return answer.json() if answer.content else None

#!/usr/bin/env python3
"""Runs every example of docs/http-api/*.md as it is printed, one page after the other, each with a
server of its own."""
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile

from cases import CASES, expect, run
from connection import ROOT

sys.path.insert(0, str(ROOT / "Tests" / "StockClients"))
from with_server import CERTS, Server  # noqa: E402  (after the path that holds it)

PAGES = sorted((ROOT / "docs" / "http-api").glob("*.md"))


def check(page):
    """All of a page's examples, in one shell, in their order."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    examples = re.findall(r"^```bash\n(.*?)^```", page.read_text(), re.S | re.M)
    expect(examples, f"{page.name} has no examples")
    folder = tempfile.mkdtemp(prefix="signalbox-documented-")
    server = Server("--local-http", f"127.0.0.1:{port}", "--local-role", "admin",
                    "--batch-root", folder)
    with server:
        environment = {
            **os.environ, "SERVER": server.address, "TOKEN": server.token,
            "CA": str(CERTS / "ca.pem"), "LOCAL": f"http://127.0.0.1:{port}"}
        script = "set -euo pipefail\n" + "".join(
            f"echo '# example {index}' >&2\n{example}\necho\n"
            for index, example in enumerate(examples, 1))
        done = subprocess.run(["bash", "-c", script], env=environment, cwd=folder,
                              capture_output=True, text=True, timeout=120)
        expect(done.returncode == 0,
               f"{page.name} ended with {done.returncode}\n{done.stderr}\n{done.stdout[-2000:]}")


if __name__ == "__main__":
    for path in PAGES:
        CASES.append((f"every example of {path.name}", lambda _, path=path: check(path)))
    run("documented", None)

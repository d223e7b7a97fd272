"""An HTTP service that counts how often each idempotency token's effect was asked for.

The crash test's workflows call it: the journal can then be compared with what really happened.
"""
import http.server
import json
import threading


class Effects:
    """Calls by path; each call is noted before it is answered. With `?fails=1` the first of a token is
    answered 503."""

    def __init__(self):
        self.lock = threading.Lock()
        self.calls = {}
        effects = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def do_GET(self):
                path, _, query = self.path.partition("?")
                with effects.lock:
                    key = (path, self.headers.get("Idempotency-Key", ""))
                    effects.calls[key] = effects.calls.get(key, 0) + 1
                    is_first = effects.calls[key] == 1
                body = json.dumps({"path": path}).encode()
                self.send_response(503 if query == "fails=1" and is_first else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Service(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, *_):
                pass  # The server under test was killed in the middle of a request.

        self.service = Service(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.service.server_address[1]}"
        threading.Thread(target=self.service.serve_forever, daemon=True).start()

    def by_path(self):
        """{path: {token: calls}} so far."""
        with self.lock:
            found = {}
            for (path, token), calls in self.calls.items():
                found.setdefault(path, {})[token] = calls
            return found

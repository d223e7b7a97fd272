#!/usr/bin/env python3
"""A small inventory service for the order-approval example: real HTTP, state in memory.

    inventory-service.py HOST:PORT      (port 0: any free one; the first line says which)

    GET  /items/SKU           {"sku", "name", "available", "unitPrice"}, or 404
    POST /reservations        {"sku", "quantity"} -> 201 {"id", "sku", "quantity", "remaining"}
                              409 if there is too little; the same Idempotency-Key gets the same answer
    GET  /flaky/N             503 for the first N calls, then 200 (for the retry example)
"""
import http.server
import json
import sys
import threading

ITEMS = {
    "lamp-brass": {"name": "Brass signal lamp", "available": 12, "unitPrice": "189.90"},
    "lever-red": {"name": "Red signal lever", "available": 3, "unitPrice": "420.00"},
    "bell-block": {"name": "Block bell", "available": 0, "unitPrice": "99.00"},
}
BODY_BYTES_MAX = 64 * 1024


class Inventory:
    """What is in stock, what was reserved, and how often the flaky path was called."""

    def __init__(self):
        self.lock = threading.Lock()
        self.items = {sku: dict(item) for sku, item in ITEMS.items()}
        self.reservations = {}
        self.flaky_calls = {}

    def item(self, sku):
        with self.lock:
            item = self.items.get(sku)
            return {"sku": sku, **item} if item else None

    def reserve(self, sku, quantity, key):
        """Returns (status, body). A repeat with the same key changes nothing."""
        with self.lock:
            if key and key in self.reservations:
                return 201, self.reservations[key]
            item = self.items.get(sku)
            if item is None:
                return 404, {"error": f"no item {sku}"}
            if item["available"] < quantity:
                return 409, {"error": f"{item['available']} of {sku} left, {quantity} wanted"}
            item["available"] -= quantity
            body = {
                "id": f"R-{len(self.reservations) + 1:04}",
                "sku": sku,
                "quantity": quantity,
                "remaining": item["available"],
            }
            self.reservations[key or body["id"]] = body
            return 201, body

    def flaky(self, key, failures):
        """Counts calls by idempotency key, so that each run of a workflow sees its own failures."""
        with self.lock:
            calls = self.flaky_calls[key] = self.flaky_calls.get(key, 0) + 1
            if calls <= failures:
                return 503, {"error": f"call {calls} of {failures} that fail"}
            return 200, {"calls": calls}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self):
        parts = self.path.strip("/").split("/")
        key = self.headers.get("Idempotency-Key", "")
        if len(parts) == 2 and parts[0] == "items":
            item = self.server.inventory.item(parts[1])
            self.answer(200, item) if item else self.answer(404, {"error": f"no item {parts[1]}"})
        elif len(parts) == 2 and parts[0] == "flaky" and parts[1].isdigit():
            self.answer(*self.server.inventory.flaky(key, int(parts[1])))
        else:
            self.answer(404, {"error": f"no such path: {self.path}"})

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        if length > BODY_BYTES_MAX:
            self.close_connection = True
            return self.answer(413, {"error": f"{length} bytes exceed {BODY_BYTES_MAX}"})
        try:
            body = json.loads(self.rfile.read(length))
            sku, quantity = body["sku"], body["quantity"]
        except (ValueError, KeyError, TypeError):
            return self.answer(400, {"error": 'expected {"sku": text, "quantity": integer}'})
        if self.path != "/reservations":
            return self.answer(404, {"error": f"no such path: {self.path}"})
        if type(sku) is not str or type(quantity) is not int or quantity < 1:
            return self.answer(400, {"error": 'expected {"sku": text, "quantity": integer}'})
        key = self.headers.get("Idempotency-Key", "")
        self.answer(*self.server.inventory.reserve(sku, quantity, key))

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format, *arguments):
        print(f"inventory: {format % arguments}", flush=True)


class Service(http.server.ThreadingHTTPServer):
    daemon_threads = True


def main():
    if len(sys.argv) != 2 or ":" not in sys.argv[1]:
        sys.exit(__doc__)
    host, port = sys.argv[1].rsplit(":", 1)
    service = Service((host, int(port)), Handler)
    service.inventory = Inventory()
    print(f"listening on {host}:{service.server_address[1]}", flush=True)
    try:
        service.serve_forever()
    except KeyboardInterrupt:
        pass


main()

"""An HTTP/2 client that sends what it likes, frame by frame over Python's own ssl module and hpack."""
import os
import socket
import ssl
import struct

import hpack

from cases import equal

DATA, HEADERS, PRIORITY, RESET, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 2, 3, 4, 6, 7, 8, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4
PROTOCOL_ERROR, CANCEL, CALM = 1, 8, 11
# How long the server lets a handshake, a preface or a header block take, and some.
PATIENCE = 25


def frame(kind, data=b"", flags=0, stream=0):
    return struct.pack(">I", len(data))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + data


def message(payload_):
    data = payload_.SerializeToString()
    return b"\0" + struct.pack(">I", len(data)) + data


def socket_to(address=None):
    """A TCP connection to the server: (host, socket)."""
    host, port = (address or os.environ["SIGNALBOX_SERVER"]).rsplit(":", 1)
    return host, socket.create_connection((host, int(port)), timeout=PATIENCE)


def secured(protocol="h2", address=None, ca=None):
    """A TLS connection that has agreed on a protocol."""
    host, plain = socket_to(address)
    context = ssl.create_default_context(cafile=ca or os.environ["SIGNALBOX_CA"])
    context.set_alpn_protocols([protocol])
    return context.wrap_socket(plain, server_hostname=host)


class HTTP2:
    """A connection on which the preface and SETTINGS were sent."""

    def __init__(self, settings=b"", address=None, ca=None):
        self.socket, self.encoder, self.buffer = secured("h2", address, ca), hpack.Encoder(), b""
        # The last of each that came, also where it was passed over.
        self.goaway = self.ping = None
        self.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, settings))

    def send(self, data):
        """False once the server has closed."""
        try:
            self.socket.sendall(data)
            return True
        except OSError:
            return False

    def head(self, method, extra=()):
        return self.encoder.encode([
            (":method", "POST"), (":scheme", "https"), (":path", method), (":authority", "x"),
            ("te", "trailers"), ("content-type", "application/grpc"), *extra])

    def call(self, stream, method, body=None, extra=()):
        """The frames of a call; without a body its request does not end."""
        head = frame(HEADERS, self.head(method, extra), END_HEADERS, stream)
        return head if body is None else head + frame(DATA, message(body), END_STREAM, stream)

    def read(self):
        """The next frame as (kind, flags, stream, data), or None at the end of the connection."""
        while len(self.buffer) < 9 or len(self.buffer) < 9 + int.from_bytes(self.buffer[:3], "big"):
            try:
                part = self.socket.recv(65536)
            except ConnectionError:
                part = b""
            if not part:
                return None
            self.buffer += part
        length = int.from_bytes(self.buffer[:3], "big")
        kind, flags = self.buffer[3], self.buffer[4]
        stream = int.from_bytes(self.buffer[5:9], "big")
        data, self.buffer = self.buffer[9:9 + length], self.buffer[9 + length:]
        found = kind, flags, stream, data
        if kind == GOAWAY:
            self.goaway = data
        elif kind == PING and not flags & ACK:
            self.ping = found
        return found

    def until(self, kind, stream=None):
        """The next frame of that kind; None at the end."""
        while (found := self.read()) is not None:
            if found[0] == kind and stream in (None, found[2]):
                return found
        return None

    def thrown_out(self, code, reason=None):
        """The connection must end with a GOAWAY of that code."""
        found = self.until(GOAWAY)
        # A server that closes while we still send may lose its last word to our TCP.
        if found is not None:
            equal(int.from_bytes(found[3][4:8], "big"), code, f"code of the GOAWAY {found[3][8:]!r}")
            if reason:
                equal(found[3][8:], reason, "debug data")
            equal(self.until(GOAWAY), None, "the end of the connection")
        self.socket.close()
        return found is not None

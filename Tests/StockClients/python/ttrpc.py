"""A ttrpc client frame by frame, over Python's own ssl module.

The frame: length (4), stream (4), type (1: 1 request, 2 response, 3 data), flags (1), big endian.
"""
import os
import socket
import ssl
import struct

from google.rpc import status_pb2

from cases import equal, expect

REQUEST, RESPONSE, DATA, CANCEL = 1, 2, 3, 0x40
REMOTE_CLOSED, REMOTE_OPEN, NO_DATA = 0x01, 0x02, 0x04
READ_SECONDS_MAX = 20


def field(number, value):
    """One length-delimited protobuf field."""
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def varint(value):
    out = b""
    while True:
        low, value = value & 0x7F, value >> 7
        out += bytes([low | 0x80 if value else low])
        if not value:
            return out


def fields(data):
    """Splits a message of length-delimited fields into {number: last bytes}."""
    found, at = {}, 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        key = number()
        equal(key & 7, 2, "wire type in a ttrpc response")
        length = number()
        found[key >> 3] = data[at:at + length]
        at += length
    return found


class Frames:
    """One TLS connection that speaks ttrpc frames."""

    def __init__(self, address=None, ca=None):
        host, port = (address or os.environ["SIGNALBOX_SERVER"]).rsplit(":", 1)
        context = ssl.create_default_context(cafile=ca or os.environ["SIGNALBOX_CA"])
        context.set_alpn_protocols(["ttrpc"])
        plain = socket.create_connection((host, int(port)), timeout=READ_SECONDS_MAX)
        self.socket = context.wrap_socket(plain, server_hostname=host)
        equal(self.socket.selected_alpn_protocol(), "ttrpc", "ALPN")
        self.stream = -1

    def send(self, data, stream, kind=REQUEST, flags=0, length=None):
        header = struct.pack(">IIBB", len(data) if length is None else length, stream, kind, flags)
        self.socket.sendall(header + data)

    def request(self, service, method, message, flags=0, stream=None, timeout=None, metadata=()):
        """Sends a call and returns its stream; `timeout` in nanoseconds."""
        self.stream += 2
        stream = self.stream if stream is None else stream
        data = field(1, service) + field(2, method) + field(3, message.SerializeToString())
        if timeout is not None:
            data += varint(4 << 3) + varint(timeout & (1 << 64) - 1)
        for key, value in metadata:
            data += field(5, field(1, key) + field(2, value))
        self.send(data, stream, flags=flags)
        return stream

    def read(self):
        """Returns (stream, type, flags, data) of the next frame."""
        length, stream, kind, flags = struct.unpack(">IIBB", self._exactly(10))
        expect(length <= 4 << 20, f"a frame of at most 4 MiB, found {length}")
        return stream, kind, flags, self._exactly(length)

    def _exactly(self, count):
        data = bytearray()
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise EOFError("the server closed the connection")
            data += part
        return bytes(data)

    def answer(self, stream):
        """The next frame must answer this stream: returns (status, payload)."""
        found, kind, flags, data = self.read()
        equal((found, kind, flags), (stream, RESPONSE, 0), "stream, type, flags")
        parts = fields(data)
        return status_pb2.Status.FromString(parts.get(1, b"")), parts.get(2, b"")

    def refused(self, stream, code):
        """The next frame must end this stream with that code; returns the status."""
        status, _ = self.answer(stream)
        equal(status.code, code.value[0], f"code ({status.message})")
        return status

    def close(self):
        self.socket.close()

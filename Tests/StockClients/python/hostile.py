#!/usr/bin/env python3
"""Hostile clients of the wire, frame by frame over TLS, each beside an honest one: what the server answers,
that it holds no more memory than it says, and that grpcio is served all the while.

Reads SIGNALBOX_SERVER, SIGNALBOX_CA and SIGNALBOX_PID; with_server.py --interop provides them.
"""
import os
import pathlib
import struct

import grpc
import hpack

import http2
from cases import case, equal, expect, run
from http2 import (
    ACK,
    CALM,
    CANCEL,
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    GOAWAY,
    HEADERS,
    PING,
    PRIORITY,
    PROTOCOL_ERROR,
    RESET,
    SETTINGS,
    WINDOW_UPDATE,
    frame,
    message,
    secured,
    socket_to,
)
from interop_stub import DEADLINE, SERVICE, M, Stub, asking, payload
from ttrpc import Frames, field


class Hostile(http2.HTTP2):
    """A connection whose calls are those of grpc.testing.TestService."""

    def head(self, method, extra=()):
        return super().head(SERVICE + method, extra)


def served(stub):
    """An honest client on a connection of its own is served."""
    equal(stub.empty(M["Empty"](), timeout=DEADLINE), M["Empty"](), "an honest call")
    equal(len(stub.unary(M["SimpleRequest"](response_size=300_000, payload=payload(300_000)),
                         timeout=DEADLINE).payload.body), 300_000, "a large honest call")


def memory():
    """Resident bytes of the server."""
    fields = pathlib.Path(f"/proc/{os.environ['SIGNALBOX_PID']}/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


def flood(connection, part, count):
    """Sends `part(n)` for n below `count`, until the server has closed."""
    for begin in range(0, count, 50):
        if not connection.send(b"".join(part(n) for n in range(begin, min(begin + 50, count)))):
            return


@case("rapid reset: calls that are reset while they run, by the thousand, end the connection")
def _(stub):
    hostile = Hostile()
    flood(hostile, lambda n: hostile.call(2 * n + 1, "StreamingInputCall")
          + frame(RESET, struct.pack(">I", CANCEL), stream=2 * n + 1), 20_000)
    hostile.thrown_out(CALM)
    served(stub)


@case("an honest client that cancels some hundred calls at once is not taken for that")
def _(stub):
    calls = [stub.output(asking(10, interval=60_000_000), timeout=DEADLINE) for _ in range(500)]
    for call in calls:
        call.cancel()
    # Some may still be ending: what finds no place meanwhile was not begun, and is tried again.
    for _ in range(1_000):
        try:
            stub.empty(M["Empty"](), timeout=DEADLINE)
            break
        except grpc.RpcError as error:
            equal(error.code(), grpc.StatusCode.UNAVAILABLE, error)
    served(stub)


@case("made you reset: streams that the server has to reset, by the thousand, end the connection")
def _(stub):
    hostile = Hostile()
    overflow = struct.pack(">I", 2**31 - 1)
    flood(hostile, lambda n: hostile.call(2 * n + 1, "StreamingInputCall")
          + frame(WINDOW_UPDATE, overflow, stream=2 * n + 1), 20_000)
    hostile.thrown_out(CALM)
    served(stub)
    hostile = Hostile()
    hostile.send(hostile.call(1, "StreamingInputCall") + frame(WINDOW_UPDATE, bytes(4), stream=1))
    hostile.thrown_out(PROTOCOL_ERROR)
    served(stub)


@case("a header block that does not end, in CONTINUATION frames, ends the connection")
def _(stub):
    hostile = Hostile()
    hostile.send(frame(HEADERS, hostile.head("EmptyCall"), 0, 1))
    flood(hostile, lambda n: frame(CONTINUATION, b"\0\1x\1y", 0, 1), 100_000)
    found = hostile.until(GOAWAY)
    expect(found is None or int.from_bytes(found[3][4:8], "big") != 0, "no farewell in peace")
    served(stub)


@case("a small header block that unfolds to megabytes is refused, and the connection goes on")
def _(stub):
    before, hostile = memory(), Hostile()
    # One entry of some 4,000 bytes in the table, which holds no more, then references to it of a byte each.
    head = hostile.head("EmptyCall") + hostile.encoder.encode([("x-large", "v" * 3_900)]) + b"\xbe" * 16_000
    pieces = [head[start:start + 16_000] for start in range(0, len(head), 16_000)]
    hostile.send(frame(HEADERS, pieces[0], 0, 1) + b"".join(
        frame(CONTINUATION, piece, END_HEADERS if last else 0, 1)
        for piece, last in zip(pieces[1:], [False] * (len(pieces) - 2) + [True])))
    found = hostile.until(HEADERS, 1)
    expect(found is not None, "an answer on the stream")
    fields = dict(hpack.Decoder().decode(found[3]))
    equal((fields[":status"], fields["grpc-status"]), ("431", "8"), "status")
    hostile.send(hostile.call(3, "EmptyCall", M["Empty"]()))
    expect(hostile.until(HEADERS, 3), f"an honest call on the same connection, found {hostile.goaway}")
    expect(memory() - before < 32 << 20, "no memory for it")
    served(stub)


@case("floods of PING, SETTINGS, PRIORITY and empty DATA end the connection")
def _(stub):
    for title, part, reason in (
            ("PING", lambda n: frame(PING, struct.pack(">Q", n)), b"too_many_pings"),
            ("SETTINGS", lambda n: frame(SETTINGS), None),
            ("PRIORITY", lambda n: frame(PRIORITY, struct.pack(">IB", 0, 1), stream=2 * n + 101), None),
            ("empty DATA", lambda n: frame(DATA, stream=1), None)):
        hostile = Hostile()
        hostile.send(hostile.call(1, "StreamingInputCall"))
        flood(hostile, part, 20_000)
        hostile.thrown_out(CALM, reason)
        served(stub)


@case("more streams than were announced are refused one by one, and the others go on")
def _(stub):
    hostile = Hostile()
    hostile.send(frame(SETTINGS, flags=ACK))
    hostile.send(b"".join(hostile.call(2 * n + 1, "StreamingInputCall") for n in range(300)))
    refused = {hostile.until(RESET)[2] for _ in range(44)}
    equal(refused, {2 * n + 1 for n in range(256, 300)}, "refused streams")
    hostile.send(frame(DATA, message(M["StreamingInputCallRequest"](payload=payload(7))), END_STREAM, 1))
    expect(hostile.until(HEADERS, 1), "an answer to the first")
    served(stub)


@case("200 large answers to a client that never opens its window cost no more than the queue's limit")
def _(stub):
    served(stub)
    before = memory()
    # SETTINGS_INITIAL_WINDOW_SIZE 0.
    hostile = Hostile(struct.pack(">HI", 4, 0))
    large = M["SimpleRequest"](response_size=1 << 20)
    for n in range(200):
        hostile.send(hostile.call(2 * n + 1, "UnaryCall", large))
    # What the queue has no room for is refused; the rest waits.
    decoder, refused = hpack.Decoder(), False
    while not refused:
        refused = ("grpc-status", "8") in decoder.decode(hostile.until(HEADERS)[3])
    served(stub)
    expect(memory() - before < 96 << 20, f"32 MiB and what it takes to make them, "
                                         f"found {(memory() - before) >> 20} MiB more")
    hostile.socket.close()
    served(stub)


@case("frames that break HTTP/2, and bytes that are none, end their connection and nobody else's")
def _(stub):
    good = Hostile().head("EmptyCall")
    for title, data in (
            ("an even stream", frame(HEADERS, good, END_HEADERS, 2)),
            ("DATA on no stream", frame(DATA, b"x", 0, 0)), ("DATA on an idle stream", frame(DATA, b"x", 0, 5)),
            ("a frame that is too large", struct.pack(">I", 1 << 23)[1:] + bytes(6)),
            ("a PING of 7 bytes", frame(PING, b"1234567")), ("SETTINGS of 5 bytes", frame(SETTINGS, b"12345")),
            ("broken HPACK", frame(HEADERS, b"\xff\xff\xff\xff\xff\xff\xff\xff", END_HEADERS, 1)),
            ("CONTINUATION of nothing", frame(CONTINUATION, good, END_HEADERS, 1)),
            ("a window of 2^31", frame(WINDOW_UPDATE, struct.pack(">I", 2**31 - 1))),
            ("padding longer than the frame", frame(DATA, b"\xff\0", 8, 1))):
        hostile = Hostile()
        hostile.send(data)
        found = hostile.until(GOAWAY)
        expect(found and int.from_bytes(found[3][4:8], "big") != 0, f"{title}: a GOAWAY, found {found}")
        equal(hostile.until(GOAWAY), None, title)
    for garbage in (b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 100, b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n" + bytes(50)):
        connection = secured()
        connection.sendall(garbage)
        while connection.recv(65536):
            pass
    served(stub)


@case("ttrpc: an absurd length, garbage, and thousands of calls whose answers nobody reads")
def _(stub):
    frames = Frames()
    frames.send(b"", 1, length=0xFFFFFFFF)
    try:
        while True:
            frames.read()
    except EOFError:
        pass
    for garbage in (b"\0" * 100_000, b"\0\1\2\3" * 10_000, os.urandom(100_000)):
        connection = secured("ttrpc")
        try:
            connection.sendall(garbage)
        except OSError:
            pass  # The server closed before all of it was sent.
        served(stub)
        connection.close()
    before, frames = memory(), Frames()
    frames.socket.settimeout(3)
    request = field(1, "grpc.testing.TestService") + field(2, "UnaryCall") + field(
        3, M["SimpleRequest"](response_size=1 << 20, payload=payload(20_000)).SerializeToString())
    try:
        for n in range(5_000):
            frames.send(request, 2 * n + 1)
        raise AssertionError("100 MB of requests were taken though nobody reads their answers")
    except TimeoutError:
        pass  # It stopped reading.
    expect(memory() - before < 96 << 20, f"found {(memory() - before) >> 20} MiB more")
    served(stub)
    frames.close()


@case("silence at every stage is given up: no handshake, no preface, no end of a header block")
def _(stub):
    silent = [socket_to()[1] for _ in range(200)]
    without = [secured() for _ in range(20)]
    cut = [Hostile() for _ in range(20)]
    for each in cut:
        each.send(frame(HEADERS, each.head("EmptyCall"), 0, 1))
    served(stub)
    for each in silent:
        equal(each.recv(1), b"", "the end of a socket without a handshake")
    for each in without:
        # The server's own preface, and then the end.
        while each.recv(65536):
            pass
    for each in cut:
        equal(each.until(DATA), None, "the end of a connection with half a header block")
    served(stub)


def main():
    root = pathlib.Path(os.environ["SIGNALBOX_CA"]).read_bytes()
    with grpc.secure_channel(os.environ["SIGNALBOX_SERVER"],
                             grpc.ssl_channel_credentials(root)) as channel:
        grpc.channel_ready_future(channel).result(timeout=20)
        run("hostile", Stub(channel))


main()

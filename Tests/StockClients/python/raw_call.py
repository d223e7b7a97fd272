"""One gRPC call through the h2 library, which shows what grpcio hides: headers, and each message's flag."""
import gzip
import os
import socket
import ssl

import h2.config
import h2.connection
import h2.events

from cases import expect

DEADLINE = 20


def raw_call(path, request, headers=(), compressed=False):
    """One call: (response headers, [(flag, message bytes)], trailers).

    - compressed: whether its request is, and says so with the flag; the headers say which way.
    """
    host, port = os.environ["SIGNALBOX_SERVER"].rsplit(":", 1)
    context = ssl.create_default_context(cafile=os.environ["SIGNALBOX_CA"])
    context.set_alpn_protocols(["h2"])
    with context.wrap_socket(socket.create_connection((host, int(port)), timeout=DEADLINE),
                             server_hostname=host) as connection:
        state = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        state.initiate_connection()
        state.send_headers(1, [
            (":method", "POST"), (":scheme", "https"), (":path", path),
            (":authority", host), ("te", "trailers"), ("content-type", "application/grpc"),
            *headers])
        data = request.SerializeToString()
        if compressed:
            data = gzip.compress(data)
        state.send_data(1, bytes([compressed]) + len(data).to_bytes(4, "big") + data, end_stream=True)
        connection.sendall(state.data_to_send())
        blocks, body = [], b""
        while True:
            received = connection.recv(65536)
            expect(received, "the stream's end before the connection's")
            for event in state.receive_data(received):
                if isinstance(event, (h2.events.ResponseReceived, h2.events.TrailersReceived)):
                    blocks.append(dict(event.headers))
                elif isinstance(event, h2.events.DataReceived):
                    body += event.data
                    state.acknowledge_received_data(event.flow_controlled_length, 1)
                elif isinstance(event, h2.events.StreamEnded):
                    return blocks[0], list(unframed(body)), blocks[-1]
            connection.sendall(state.data_to_send())


def unframed(body):
    """The messages of a response's body, as (flag, bytes)."""
    while body:
        length = int.from_bytes(body[1:5], "big")
        yield body[0], body[5:5 + length]
        body = body[5 + length:]

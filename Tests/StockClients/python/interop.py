#!/usr/bin/env python3
"""The gRPC interoperability cases (grpc/grpc, doc/interop-test-descriptions.md) by stock grpcio,
against signalbox-interop; the compression cases also with a raw look at the flag, through h2.

Reads SIGNALBOX_SERVER and SIGNALBOX_CA; with_server.py --interop provides them.
"""
import gzip
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

import grpc
import grpc_tools
import h2.config
import h2.connection
import h2.events
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2

from cases import case, equal, expect, run

ROOT = pathlib.Path(__file__).resolve().parents[3]
DEADLINE = 20
Code = grpc.StatusCode


def messages():
    """The classes of grpc.testing, without a Python package of that name (it is grpcio's)."""
    with tempfile.NamedTemporaryFile() as file:
        subprocess.run(
            [sys.executable, "-m", "grpc_tools.protoc", f"-I{ROOT / 'proto'}",
             f"-I{pathlib.Path(grpc_tools.__file__).parent / '_proto'}", "--include_imports",
             f"--descriptor_set_out={file.name}", "grpc/testing/test.proto"], check=True)
        files = descriptor_pb2.FileDescriptorSet.FromString(file.read())
    pool = descriptor_pool.DescriptorPool()
    for description in files.file:
        pool.Add(description)
    return message_factory.GetMessageClassesForFiles([f.name for f in files.file], pool)


M = {name.rsplit(".", 1)[1]: kind for name, kind in messages().items()}
SERVICE = "/grpc.testing.TestService/"
ECHO_INITIAL, ECHO_TRAILING = "x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin"
SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"


class Stub:
    """The calls of grpc.testing.TestService on one channel."""

    def __init__(self, channel):
        def method(kind, name, request, response):
            return getattr(channel, kind)(
                SERVICE + name, request_serializer=M[request].SerializeToString,
                response_deserializer=M[response].FromString)
        self.channel = channel
        output = ("StreamingOutputCallRequest", "StreamingOutputCallResponse")
        self.empty = method("unary_unary", "EmptyCall", "Empty", "Empty")
        self.unary = method("unary_unary", "UnaryCall", "SimpleRequest", "SimpleResponse")
        self.output = method("unary_stream", "StreamingOutputCall", *output)
        self.input = method("stream_unary", "StreamingInputCall", "StreamingInputCallRequest",
                            "StreamingInputCallResponse")
        self.duplex = method("stream_stream", "FullDuplexCall", *output)
        self.half_duplex = method("stream_stream", "HalfDuplexCall", *output)
        self.unimplemented = method("unary_unary", "UnimplementedCall", "Empty", "Empty")
        self.nobody = channel.unary_unary("/grpc.testing.UnimplementedService/UnimplementedCall")


def payload(size):
    return M["Payload"](body=b"\0" * size)


def asking(*sizes, body=0, interval=0):
    return M["StreamingOutputCallRequest"](
        response_parameters=[M["ResponseParameters"](size=size, interval_us=interval)
                             for size in sizes], payload=payload(body))


class Requests:
    """A request stream that the test feeds one by one."""

    def __init__(self):
        self.ready, self.items, self.closed = threading.Condition(), [], False

    def send(self, item):
        with self.ready:
            self.items.append(item)
            self.ready.notify()

    def close(self):
        with self.ready:
            self.closed = True
            self.ready.notify()

    def __iter__(self):
        return self

    def __next__(self):
        with self.ready:
            self.ready.wait_for(lambda: self.items or self.closed, timeout=DEADLINE)
            if not self.items:
                raise StopIteration
            return self.items.pop(0)


def ends(code, call):
    """The call must fail with that code; returns the error."""
    try:
        result = call()
        if hasattr(result, "__next__"):
            list(result)
    except grpc.RpcError as error:
        equal(error.code(), code, f"code ({error.details()})")
        return error
    raise AssertionError(f"expected {code.name}, but the call succeeded")


@case("empty_unary")
def _(stub):
    equal(stub.empty(M["Empty"](), timeout=DEADLINE), M["Empty"](), "answer")


@case("large_unary")
def _(stub):
    request = M["SimpleRequest"](response_size=314159, payload=payload(271828))
    equal(stub.unary(request, timeout=DEADLINE).payload.body, b"\0" * 314159, "answer")


@case("client_streaming")
def _(stub):
    parts = (M["StreamingInputCallRequest"](payload=payload(size))
             for size in (27182, 8, 1828, 45904))
    equal(stub.input(parts, timeout=DEADLINE).aggregated_payload_size, 74922, "sum")


@case("server_streaming")
def _(stub):
    sizes = [31415, 9, 2653, 58979]
    found = [len(part.payload.body) for part in stub.output(asking(*sizes), timeout=DEADLINE)]
    equal(found, sizes, "sizes")


@case("ping_pong")
def _(stub):
    requests = Requests()
    answers = stub.duplex(requests, timeout=DEADLINE)
    for body, size in [(27182, 31415), (8, 9), (1828, 2653), (45904, 58979)]:
        requests.send(asking(size, body=body))
        equal(len(next(answers).payload.body), size, "size of the answer")
    requests.close()
    equal(list(answers), [], "answers after the last")


@case("half_duplex: all requests are taken before the first answer")
def _(stub):
    sizes = [31415, 9, 2653, 58979]
    answers = stub.half_duplex((asking(size) for size in sizes), timeout=DEADLINE)
    equal([len(answer.payload.body) for answer in answers], sizes, "sizes")


@case("empty_stream")
def _(stub):
    equal(list(stub.duplex(iter(()), timeout=DEADLINE)), [], "answers")


@case("unimplemented_method")
def _(stub):
    ends(Code.UNIMPLEMENTED, lambda: stub.unimplemented(M["Empty"](), timeout=DEADLINE))


@case("unimplemented_service")
def _(stub):
    ends(Code.UNIMPLEMENTED, lambda: stub.nobody(b"", timeout=DEADLINE))


@case("custom_metadata")
def _(stub):
    sent = ((ECHO_INITIAL, "test_initial_metadata_value"), (ECHO_TRAILING, b"\xab\xab\xab"))
    request = M["SimpleRequest"](response_size=314159, payload=payload(271828))
    _, unary = stub.unary.with_call(request, metadata=sent, timeout=DEADLINE)
    requests = Requests()
    duplex = stub.duplex(requests, metadata=sent, timeout=DEADLINE)
    requests.send(asking(314159, body=271828))
    requests.close()
    list(duplex)
    for call in (unary, duplex):
        equal(dict(call.initial_metadata()).get(ECHO_INITIAL), sent[0][1], "initial metadata")
        equal(dict(call.trailing_metadata()).get(ECHO_TRAILING), sent[1][1], "trailing metadata")


def echoing(code, message):
    return M["EchoStatus"](code=code, message=message)


@case("status_code_and_message")
def _(stub):
    status = echoing(2, "test status message")
    unary = ends(Code.UNKNOWN, lambda: stub.unary(
        M["SimpleRequest"](response_status=status), timeout=DEADLINE))
    duplex = ends(Code.UNKNOWN, lambda: stub.duplex(
        iter([M["StreamingOutputCallRequest"](response_status=status)]), timeout=DEADLINE))
    equal((unary.details(), duplex.details()), (status.message,) * 2, "messages")


@case("special_status_message")
def _(stub):
    request = M["SimpleRequest"](response_status=echoing(2, SPECIAL))
    error = ends(Code.UNKNOWN, lambda: stub.unary(request, timeout=DEADLINE))
    equal(error.details(), SPECIAL, "message, byte for byte")


@case("cancel_after_begin")
def _(stub):
    requests = Requests()
    call = stub.input.future(requests, timeout=DEADLINE)
    call.cancel()
    requests.close()
    expect(call.cancelled(), "cancelled")
    equal(call.code(), Code.CANCELLED, "code")


@case("cancel_after_first_response")
def _(stub):
    requests = Requests()
    answers = stub.duplex(requests, timeout=DEADLINE)
    requests.send(asking(31415, body=27182))
    equal(len(next(answers).payload.body), 31415, "first answer")
    answers.cancel()
    ends(Code.CANCELLED, lambda: next(answers))
    requests.close()


@case("timeout_on_sleeping_server")
def _(stub):
    requests = Requests()
    answers = stub.duplex(requests, timeout=0.001)
    requests.send(asking(31415, body=27182, interval=5_000_000))
    ends(Code.DEADLINE_EXCEEDED, lambda: next(answers))
    requests.close()


@case("client_compressed_unary and client_compressed_streaming")
def _(stub):
    yes, no = M["BoolValue"](value=True), M["BoolValue"](value=False)
    probe = M["SimpleRequest"](expect_compressed=yes, response_size=314159, payload=payload(271828))
    ends(Code.INVALID_ARGUMENT, lambda: stub.unary(probe, timeout=DEADLINE))
    equal(len(stub.unary(probe, timeout=DEADLINE, compression=grpc.Compression.Gzip).payload.body),
          314159, "answer to a compressed request")
    plain = M["SimpleRequest"](expect_compressed=no, response_size=314159, payload=payload(271828))
    equal(len(stub.unary(plain, timeout=DEADLINE).payload.body), 314159, "answer to a plain one")
    parts = [M["StreamingInputCallRequest"](expect_compressed=yes, payload=payload(27182)),
             M["StreamingInputCallRequest"](expect_compressed=yes, payload=payload(45904))]
    ends(Code.INVALID_ARGUMENT, lambda: stub.input(iter(parts), timeout=DEADLINE))
    answer = stub.input(iter(parts), timeout=DEADLINE, compression=grpc.Compression.Gzip)
    equal(answer.aggregated_payload_size, 73086, "sum of compressed requests")


@case("server_compressed_unary and server_compressed_streaming")
def _(stub):
    for wanted in (True, False):
        request = M["SimpleRequest"](response_compressed=M["BoolValue"](value=wanted),
                                     response_size=314159, payload=payload(271828))
        equal(len(stub.unary(request, timeout=DEADLINE).payload.body), 314159, "answer")
    request = M["StreamingOutputCallRequest"](response_parameters=[
        M["ResponseParameters"](size=31415, compressed=M["BoolValue"](value=True)),
        M["ResponseParameters"](size=92653, compressed=M["BoolValue"](value=False))])
    equal([len(part.payload.body) for part in stub.output(request, timeout=DEADLINE)],
          [31415, 92653], "sizes")


def raw_call(method, request, headers=()):
    """One call through the h2 library: (response headers, [(flag, message bytes)], trailers)."""
    host, port = os.environ["SIGNALBOX_SERVER"].rsplit(":", 1)
    context = ssl.create_default_context(cafile=os.environ["SIGNALBOX_CA"])
    context.set_alpn_protocols(["h2"])
    with context.wrap_socket(socket.create_connection((host, int(port)), timeout=DEADLINE),
                             server_hostname=host) as connection:
        state = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        state.initiate_connection()
        state.send_headers(1, [
            (":method", "POST"), (":scheme", "https"), (":path", SERVICE + method),
            (":authority", host), ("te", "trailers"), ("content-type", "application/grpc"),
            *headers])
        data = request.SerializeToString()
        state.send_data(1, b"\0" + len(data).to_bytes(4, "big") + data, end_stream=True)
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
    while body:
        length = int.from_bytes(body[1:5], "big")
        yield body[0], body[5:5 + length]
        body = body[5 + length:]


@case("the compressed flag is really set where it was asked for, and only there")
def _(_):
    accepting = [("grpc-accept-encoding", "gzip")]
    asked = M["SimpleRequest"](response_size=5000, response_compressed=M["BoolValue"](value=True))
    head, [(flag, data)], trailers = raw_call("UnaryCall", asked, accepting)
    equal((flag, head.get("grpc-encoding"), trailers.get("grpc-status")), (1, "gzip", "0"), "flag")
    expect(len(data) < 1000, f"a small message, found {len(data)} bytes")
    answer = M["SimpleResponse"].FromString(gzip.decompress(data))
    equal(len(answer.payload.body), 5000, "the message inside")
    asked.response_compressed.value = False
    _, [(flag, _)], _ = raw_call("UnaryCall", asked, accepting)
    equal(flag, 0, "flag when it was not asked for")
    asked.response_compressed.value = True
    _, [(flag, _)], _ = raw_call("UnaryCall", asked)
    equal(flag, 0, "flag when the client did not say that it understands gzip")
    stream = M["StreamingOutputCallRequest"](response_parameters=[
        M["ResponseParameters"](size=3000, compressed=M["BoolValue"](value=value))
        for value in (True, False)])
    _, parts, _ = raw_call("StreamingOutputCall", stream, accepting)
    equal([flag for flag, _ in parts], [1, 0], "flags of a stream")


@case("an unknown grpc-encoding is UNIMPLEMENTED and says what is known")
def _(_):
    head, parts, trailers = raw_call("EmptyCall", M["Empty"](), [("grpc-encoding", "snappy")])
    if trailers.get("grpc-status") == "12":
        expect("gzip" in (trailers.get("grpc-accept-encoding") or head["grpc-accept-encoding"]),
               "gzip among the known")
    else:
        # The one message was not compressed: the encoding was announced and never used.
        equal((trailers.get("grpc-status"), len(parts)), ("0", 1), "status and messages")


@case("errors before the first message are trailers-only")
def _(_):
    head, parts, trailers = raw_call("Nothing", M["Empty"]())
    equal((head is trailers, parts), (True, []), "one block of headers, no data")
    equal((head[":status"], head["grpc-status"]), ("200", "12"), "status")


@case("health answers Check and Watch")
def _(stub):
    health = health_pb2_grpc.HealthStub(stub.channel)
    serving = health_pb2.HealthCheckResponse.SERVING
    unknown = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
    request = health_pb2.HealthCheckRequest
    for name in ("", "grpc.testing.TestService"):
        equal(health.Check(request(service=name), timeout=DEADLINE).status, serving, name)
    ends(Code.NOT_FOUND, lambda: health.Check(request(service="nobody"), timeout=DEADLINE))
    for name, status in (("", serving), ("nobody", unknown)):
        watch = health.Watch(request(service=name), timeout=DEADLINE)
        equal(next(watch).status, status, f"first status of {name!r}")
        watch.cancel()


@case("reflection answers every kind of request, as v1 and as v1alpha")
def _(stub):
    request = reflection_pb2.ServerReflectionRequest
    requests = [request(list_services="*"),
                request(file_containing_symbol="grpc.testing.TestService.UnaryCall"),
                request(file_by_filename="grpc/testing/messages.proto"),
                request(file_containing_symbol="no.such.Symbol"),
                request(all_extension_numbers_of_type="grpc.testing.SimpleRequest")]
    # grpcio has stubs of v1alpha only; the messages of v1 are the same on the wire.
    for package in ("grpc.reflection.v1", "grpc.reflection.v1alpha"):
        call = stub.channel.stream_stream(
            f"/{package}.ServerReflection/ServerReflectionInfo",
            request_serializer=request.SerializeToString,
            response_deserializer=reflection_pb2.ServerReflectionResponse.FromString)
        services, symbol, file, nothing, extensions = call(iter(requests), timeout=DEADLINE)
        names = {service.name for service in services.list_services_response.service}
        expect({"grpc.testing.TestService", "grpc.health.v1.Health"} <= names, f"found {names}")
        for answer, name in ((symbol, "grpc/testing/test.proto"),
                             (file, "grpc/testing/messages.proto")):
            files = [descriptor_pb2.FileDescriptorProto.FromString(data).name
                     for data in answer.file_descriptor_response.file_descriptor_proto]
            expect(name in files, f"{name}, found {files}")
        equal(nothing.error_response.error_code, Code.NOT_FOUND.value[0], "unknown symbol")
        equal(list(extensions.all_extension_numbers_response.extension_number), [], "extensions")


def main():
    root = pathlib.Path(os.environ["SIGNALBOX_CA"]).read_bytes()
    with grpc.secure_channel(os.environ["SIGNALBOX_SERVER"],
                             grpc.ssl_channel_credentials(root)) as channel:
        grpc.channel_ready_future(channel).result(timeout=20)
        run("interop", Stub(channel))


main()

#!/usr/bin/env python3
"""The ordinary cases of gRPC's interop suite, and compression, with stock grpcio.

    interop_client.py --server HOST:PORT --ca FILE [CASE ...]

Makes its stubs from proto/grpc/testing. Prints one line per case; exits 1 if one failed.
Cases are those of grpc/grpc doc/interop-test-descriptions.md.
"""

import argparse
import itertools
import os
import sys
import tempfile
import traceback

import grpc
from grpc_tools import protoc

PROTO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "proto")
FILES = [
    "grpc/testing/empty.proto",
    "grpc/testing/messages.proto",
    "grpc/testing/test.proto",
    "grpc/health/v1/health.proto",
    "grpc/reflection/v1/reflection.proto",
    "grpc/reflection/v1alpha/reflection.proto",
]


def make_stubs():
    out = tempfile.mkdtemp(prefix="interop-stubs-")
    include = os.path.join(os.path.dirname(protoc.__file__), "_proto")
    # Messages are made from descriptors: generated modules would be called grpc, as the library is.
    args = ["protoc", f"-I{PROTO}", f"-I{include}", f"--descriptor_set_out={out}/set",
            "--include_imports"] + FILES
    if protoc.main(args) != 0:
        raise SystemExit("protoc failed")
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    pool = descriptor_pool.DescriptorPool()
    with open(f"{out}/set", "rb") as file:
        for one in descriptor_pb2.FileDescriptorSet.FromString(file.read()).file:
            pool.Add(one)
    return pool, lambda name: message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


POOL, message = make_stubs()
Empty = message("grpc.testing.Empty")
SimpleRequest = message("grpc.testing.SimpleRequest")
SimpleResponse = message("grpc.testing.SimpleResponse")
InputRequest = message("grpc.testing.StreamingInputCallRequest")
InputResponse = message("grpc.testing.StreamingInputCallResponse")
OutputRequest = message("grpc.testing.StreamingOutputCallRequest")
OutputResponse = message("grpc.testing.StreamingOutputCallResponse")
BoolValue = message("grpc.testing.BoolValue")


class Stub:
    def __init__(self, channel, service="grpc.testing.TestService"):
        def method(kind, name, request, response):
            return getattr(channel, kind)(
                f"/{service}/{name}", request_serializer=request.SerializeToString,
                response_deserializer=response.FromString)

        self.empty = method("unary_unary", "EmptyCall", Empty, Empty)
        self.unary = method("unary_unary", "UnaryCall", SimpleRequest, SimpleResponse)
        self.output = method("unary_stream", "StreamingOutputCall", OutputRequest, OutputResponse)
        self.input = method("stream_unary", "StreamingInputCall", InputRequest, InputResponse)
        self.duplex = method("stream_stream", "FullDuplexCall", OutputRequest, OutputResponse)
        self.half_duplex = method("stream_stream", "HalfDuplexCall", OutputRequest, OutputResponse)
        self.unimplemented = method("unary_unary", "UnimplementedCall", Empty, Empty)


SIZES = [(31415, 27182), (9, 8), (2653, 1828), (58979, 45904)]


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def expect_code(code, call):
    try:
        call()
    except grpc.RpcError as error:
        expect(error.code() == code, f"expected {code}, got {error.code()}: {error.details()}")
        return error
    raise AssertionError(f"expected {code}, got OK")


def output_request(response_size=None, payload_size=0, **more):
    request = OutputRequest(**more)
    if response_size is not None:
        request.response_parameters.add(size=response_size)
    if payload_size:
        request.payload.body = bytes(payload_size)
    return request


def empty_unary(stub, channel):
    expect(stub.empty(Empty()) == Empty(), "an empty message")


def large_unary(stub, channel):
    request = SimpleRequest(response_size=314159)
    request.payload.body = bytes(271828)
    expect(stub.unary(request).payload.body == bytes(314159), "314159 zero bytes")


def client_streaming(stub, channel):
    requests = (InputRequest(payload={"body": bytes(size)}) for size in (27182, 8, 1828, 45904))
    expect(stub.input(requests).aggregated_payload_size == 74922, "74922 bytes")


def server_streaming(stub, channel):
    request = OutputRequest(response_parameters=[{"size": size} for size, _ in SIZES])
    sizes = [len(response.payload.body) for response in stub.output(request)]
    expect(sizes == [size for size, _ in SIZES], f"got {sizes}")


def ping_pong(stub, channel):
    import queue

    requests = queue.Queue()
    responses = stub.duplex(iter(requests.get, None))
    for size, payload in SIZES:
        requests.put(output_request(size, payload))
        expect(len(next(responses).payload.body) == size, f"{size} bytes")
    requests.put(None)
    expect(next(responses, None) is None, "the end")


def empty_stream(stub, channel):
    expect(list(stub.duplex(iter(()))) == [], "no answers")


def cancel_after_begin(stub, channel):
    import threading

    hold = threading.Event()

    def requests():
        hold.wait()
        return
        yield

    future = stub.input.future(requests())
    future.cancel()
    hold.set()
    expect(future.code() == grpc.StatusCode.CANCELLED, f"got {future.code()}")


def cancel_after_first_response(stub, channel):
    import queue

    requests = queue.Queue()
    responses = stub.duplex(iter(requests.get, None))
    requests.put(output_request(31415, 27182))
    expect(len(next(responses).payload.body) == 31415, "31415 bytes")
    responses.cancel()
    expect_code(grpc.StatusCode.CANCELLED, lambda: next(responses))
    requests.put(None)


def timeout_on_sleeping_server(stub, channel):
    request = output_request(payload_size=27182)
    request.response_parameters.add(size=31415, interval_us=50_000)
    expect_code(
        grpc.StatusCode.DEADLINE_EXCEEDED,
        lambda: list(stub.duplex(iter([request]), timeout=0.001)))


def custom_metadata(stub, channel):
    initial, trailing = "x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin"
    metadata = ((initial, "test_initial_metadata_value"), (trailing, b"\xab\xab\xab"))

    def check(call):
        expect((initial, "test_initial_metadata_value") in call.initial_metadata(), "initial")
        expect((trailing, b"\xab\xab\xab") in call.trailing_metadata(), "trailing")

    request = SimpleRequest(response_size=314159, payload={"body": bytes(271828)})
    _, call = stub.unary.with_call(request, metadata=metadata)
    check(call)
    call = stub.duplex(iter([output_request(314159, 271828)]), metadata=metadata)
    expect(len(list(call)) == 1, "one answer")
    check(call)


def status_code_and_message(stub, channel):
    status = {"code": 2, "message": "test status message"}
    for call in (
        lambda: stub.unary(SimpleRequest(response_status=status)),
        lambda: list(stub.duplex(iter([OutputRequest(response_status=status)]))),
    ):
        error = expect_code(grpc.StatusCode.UNKNOWN, call)
        expect(error.details() == status["message"], error.details())


def special_status_message(stub, channel):
    text = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
    error = expect_code(
        grpc.StatusCode.UNKNOWN,
        lambda: stub.unary(SimpleRequest(response_status={"code": 2, "message": text})))
    expect(error.details() == text, repr(error.details()))


def unimplemented_method(stub, channel):
    expect_code(grpc.StatusCode.UNIMPLEMENTED, lambda: stub.unimplemented(Empty()))


def unimplemented_service(stub, channel):
    other = Stub(channel, "grpc.testing.UnimplementedService")
    expect_code(grpc.StatusCode.UNIMPLEMENTED, lambda: other.unimplemented(Empty()))


def half_duplex(stub, channel):
    sizes = [len(r.payload.body)
             for r in stub.half_duplex(iter([output_request(size) for size, _ in SIZES]))]
    expect(sizes == [size for size, _ in SIZES], f"got {sizes}")


def client_compressed_unary(stub, channel):
    request = SimpleRequest(
        expect_compressed=BoolValue(value=True), response_size=314159,
        payload={"body": bytes(271828)})
    expect_code(grpc.StatusCode.INVALID_ARGUMENT, lambda: stub.unary(request))
    response = stub.unary(request, compression=grpc.Compression.Gzip)
    expect(len(response.payload.body) == 314159, "314159 bytes")


def client_compressed_streaming(stub, channel):
    def requests():
        return iter([
            InputRequest(expect_compressed=BoolValue(value=True), payload={"body": bytes(27182)}),
            InputRequest(payload={"body": bytes(45904)})])

    expect_code(grpc.StatusCode.INVALID_ARGUMENT, lambda: stub.input(requests()))
    response = stub.input(requests(), compression=grpc.Compression.Gzip)
    expect(response.aggregated_payload_size == 73086, "73086 bytes")


def server_compressed_unary(stub, channel):
    request = SimpleRequest(response_compressed=BoolValue(value=True), response_size=314159)
    response, call = stub.unary.with_call(request)
    expect(response.payload.body == bytes(314159), "314159 zero bytes")


def server_compressed_streaming(stub, channel):
    request = OutputRequest(response_parameters=[
        {"compressed": {"value": True}, "size": 31415},
        {"compressed": {"value": False}, "size": 92653}])
    sizes = [len(response.payload.body) for response in stub.output(request)]
    expect(sizes == [31415, 92653], f"got {sizes}")


def health(stub, channel):
    request, response = message("grpc.health.v1.HealthCheckRequest"), message(
        "grpc.health.v1.HealthCheckResponse")
    check = channel.unary_unary(
        "/grpc.health.v1.Health/Check", request_serializer=request.SerializeToString,
        response_deserializer=response.FromString)
    watch = channel.unary_stream(
        "/grpc.health.v1.Health/Watch", request_serializer=request.SerializeToString,
        response_deserializer=response.FromString)
    expect(check(request()).status == 1, "SERVING")
    expect(check(request(service="grpc.testing.TestService")).status == 1, "SERVING")
    expect_code(grpc.StatusCode.NOT_FOUND, lambda: check(request(service="nobody")))
    for service, status in (("", 1), ("nobody", 3)):
        call = watch(request(service=service))
        expect(next(call).status == status, f"status {status} of {service!r}")
        call.cancel()


def reflection(stub, channel):
    for package in ("grpc.reflection.v1", "grpc.reflection.v1alpha"):
        request = message(f"{package}.ServerReflectionRequest")
        response = message(f"{package}.ServerReflectionResponse")
        call = channel.stream_stream(
            f"/{package}.ServerReflection/ServerReflectionInfo",
            request_serializer=request.SerializeToString,
            response_deserializer=response.FromString)
        answers = list(call(iter([
            request(list_services="*"),
            request(file_containing_symbol="grpc.testing.TestService.UnaryCall"),
            request(file_by_filename="grpc/testing/messages.proto"),
            request(file_containing_symbol="no.such.Thing"),
            request(all_extension_numbers_of_type="grpc.testing.SimpleRequest")])))
        names = [service.name for service in answers[0].list_services_response.service]
        expect("grpc.testing.TestService" in names, f"got {names}")
        expect(len(answers[1].file_descriptor_response.file_descriptor_proto) >= 3, "three files")
        expect(len(answers[2].file_descriptor_response.file_descriptor_proto) >= 1, "a file")
        expect(answers[3].error_response.error_code == 5, "NOT_FOUND")
        expect(list(answers[4].all_extension_numbers_response.extension_number) == [], "none")


ORDINARY = [
    empty_unary, large_unary, client_streaming, server_streaming, ping_pong, empty_stream,
    cancel_after_begin, cancel_after_first_response, timeout_on_sleeping_server, custom_metadata,
    status_code_and_message, special_status_message, unimplemented_method, unimplemented_service,
]
MORE = [
    half_duplex, client_compressed_unary, client_compressed_streaming, server_compressed_unary,
    server_compressed_streaming, health, reflection,
]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    parser.add_argument("--ca", required=True)
    parser.add_argument("cases", nargs="*")
    options = parser.parse_args()
    with open(options.ca, "rb") as file:
        credentials = grpc.ssl_channel_credentials(file.read())
    cases = [case for case in ORDINARY + MORE
             if not options.cases or case.__name__ in options.cases]
    failures = 0
    with grpc.secure_channel(options.server, credentials) as channel:
        for case in cases:
            try:
                case(Stub(channel), channel)
                print(f"ok      {case.__name__}")
            except Exception:
                failures += 1
                print(f"FAILED  {case.__name__}")
                traceback.print_exc()
    print(f"{len(cases) - failures} of {len(cases)} passed")
    sys.exit(1 if failures else 0)


main()

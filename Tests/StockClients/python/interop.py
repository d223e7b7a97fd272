#!/usr/bin/env python3
"""The gRPC interoperability cases (grpc/grpc, doc/interop-test-descriptions.md) by stock grpcio,
against signalbox-interop; the compression cases also with a raw look at the flag, through h2.

Reads SIGNALBOX_SERVER and SIGNALBOX_CA; with_server.py --interop provides them.
"""
import gzip
import os
import pathlib

import grpc
from google.protobuf import descriptor_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2

from cases import case, equal, expect, run
from interop_stub import (
    DEADLINE,
    ECHO_INITIAL,
    ECHO_TRAILING,
    SERVICE,
    SPECIAL,
    M,
    Requests,
    Stub,
    asking,
    payload,
)
from raw_call import raw_call
from ttrpc import DATA, NO_DATA, REMOTE_CLOSED, Frames

Code = grpc.StatusCode


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


@case("the compressed flag is really set where it was asked for, and only there")
def _(_):
    accepting = [("grpc-accept-encoding", "gzip")]
    asked = M["SimpleRequest"](response_size=5000, response_compressed=M["BoolValue"](value=True))
    head, [(flag, data)], trailers = raw_call(SERVICE + "UnaryCall", asked, accepting)
    equal((flag, head.get("grpc-encoding"), trailers.get("grpc-status")), (1, "gzip", "0"), "flag")
    expect(len(data) < 1000, f"a small message, found {len(data)} bytes")
    answer = M["SimpleResponse"].FromString(gzip.decompress(data))
    equal(len(answer.payload.body), 5000, "the message inside")
    asked.response_compressed.value = False
    _, [(flag, _)], _ = raw_call(SERVICE + "UnaryCall", asked, accepting)
    equal(flag, 0, "flag when it was not asked for")
    asked.response_compressed.value = True
    _, [(flag, _)], _ = raw_call(SERVICE + "UnaryCall", asked)
    equal(flag, 0, "flag when the client did not say that it understands gzip")
    stream = M["StreamingOutputCallRequest"](response_parameters=[
        M["ResponseParameters"](size=3000, compressed=M["BoolValue"](value=value))
        for value in (True, False)])
    _, parts, _ = raw_call(SERVICE + "StreamingOutputCall", stream, accepting)
    equal([flag for flag, _ in parts], [1, 0], "flags of a stream")


@case("an unknown grpc-encoding is UNIMPLEMENTED and says what is known")
def _(_):
    head, parts, trailers = raw_call(SERVICE + "EmptyCall", M["Empty"](), [("grpc-encoding", "snappy")])
    equal((trailers.get("grpc-status"), len(parts)), ("12", 0), "status and messages")
    expect("gzip" in (trailers.get("grpc-accept-encoding") or head["grpc-accept-encoding"]),
           "gzip among the known")


@case("errors before the first message are trailers-only")
def _(_):
    head, parts, trailers = raw_call(SERVICE + "Nothing", M["Empty"]())
    equal((head is trailers, parts), (True, []), "one block of headers, no data")
    equal((head[":status"], head["grpc-status"]), ("200", "12"), "status")


@case("the longest time-out is none that anybody waits for, and one over 8 digits is malformed")
def _(_):
    for timeout, http, status in (("99999999H", "200", "0"), ("99999999n", "200", None), ("0m", "200", "4"),
                                  ("100000000S", "400", "13"), ("-1S", "400", "13"), ("1", "400", "13"),
                                  ("1x", "400", "13"), ("", "400", "13")):
        head, _, trailers = raw_call(SERVICE + "EmptyCall", M["Empty"](), [("grpc-timeout", timeout)])
        found = (head[":status"], trailers["grpc-status"])
        expect(found == (http, status) or status is None, f"{timeout!r}: found {found}")


@case("binary metadata comes back, padded or not, alone or several at once; bad values fail nothing")
def _(stub):
    name = ECHO_TRAILING
    for sent, found in (("q6ur", "q6ur"), ("qw==", "qw"), ("qw", "qw"), ("", ""), ("!!!", None)):
        _, _, trailers = raw_call(SERVICE + "EmptyCall", M["Empty"](), [(name, sent)])
        equal((trailers["grpc-status"], trailers.get(name)), ("0", found), f"{sent!r}")
    every = bytes(range(256)) * 8
    _, call = stub.unary.with_call(M["SimpleRequest"](response_size=1), metadata=((name, every),),
                                   timeout=DEADLINE)
    equal(dict(call.trailing_metadata()).get(name), every, "2,048 bytes of every value")


@case("a header list over 16 KiB is RESOURCE_EXHAUSTED with 431, and the connection goes on")
def _(stub):
    head, _, trailers = raw_call(SERVICE + "EmptyCall", M["Empty"](), [("x-large", "v" * 17_000)])
    equal((head[":status"], trailers["grpc-status"]), ("431", "8"), "status")
    equal(stub.empty(M["Empty"](), timeout=DEADLINE), M["Empty"](), "another call")


@case("messages up to 4 MiB pass both ways, and none above, also where compression hides it")
def _(stub):
    inside = (4 << 20) - 64
    found = stub.unary(M["SimpleRequest"](response_size=inside, payload=payload(inside)), timeout=DEADLINE)
    equal(len(found.payload.body), inside, "size of the answer")
    over = M["SimpleRequest"](payload=payload((4 << 20) + 1))
    for compression in (grpc.Compression.NoCompression, grpc.Compression.Gzip):
        ends(Code.RESOURCE_EXHAUSTED,
             lambda: stub.unary(over, timeout=DEADLINE, compression=compression))
    ends(Code.RESOURCE_EXHAUSTED,
         lambda: stub.unary(M["SimpleRequest"](response_size=4 << 20), timeout=DEADLINE))


@case("messages around every edge of a stream's window arrive, alone and in streams")
def _(stub):
    # The window is 256 KiB; a message has 5 bytes before it and a few of its own.
    sizes = [(256 << 10) + change for change in (*range(-24, 4), 4096, 256 << 10)]
    for size in sizes:
        found = stub.unary(M["SimpleRequest"](response_size=1, payload=payload(size)), timeout=DEADLINE)
        equal(len(found.payload.body), 1, f"answer to {size} bytes")
    parts = [M["StreamingInputCallRequest"](payload=payload(size)) for size in sizes]
    equal(stub.input(iter(parts), timeout=60).aggregated_payload_size, sum(sizes), "sum")


@case("more streams than the server allows wait in the client, and all are served")
def _(stub):
    calls = [stub.unary.future(M["SimpleRequest"](response_size=n), timeout=60) for n in range(1_000)]
    equal([len(call.result().payload.body) for call in calls], list(range(1_000)), "sizes")


@case("ttrpc serves the same calls: unary, a server's stream, errors; and health")
def _(_):
    frames = Frames()
    test = "grpc.testing.TestService"
    status, payload_ = frames.answer(frames.request(
        test, "UnaryCall", M["SimpleRequest"](response_size=314159, payload=payload(271828))))
    equal((status.code, len(M["SimpleResponse"].FromString(payload_).payload.body)), (0, 314159), "answer")
    stream = frames.request(test, "StreamingOutputCall", asking(31415, 9, 2653, 58979), REMOTE_CLOSED)
    sizes = []
    while True:
        found, kind, flags, data = frames.read()
        equal((found, kind), (stream, DATA), "stream and type")
        if flags & NO_DATA:
            break
        sizes.append(len(M["StreamingOutputCallResponse"].FromString(data).payload.body))
    equal(sizes, [31415, 9, 2653, 58979], "sizes")
    request = M["SimpleRequest"](response_status=echoing(2, SPECIAL))
    equal(frames.refused(frames.request(test, "UnaryCall", request), Code.UNKNOWN).message, SPECIAL, "message")
    for service, method in ((test, "UnimplementedCall"), ("grpc.testing.UnimplementedService", "Any"),
                            (test, "StreamingInputCall"), (test, "FullDuplexCall")):
        frames.refused(frames.request(service, method, M["Empty"]()), Code.UNIMPLEMENTED)
    asked = health_pb2.HealthCheckRequest(service=test)
    status, data = frames.answer(frames.request("grpc.health.v1.Health", "Check", asked))
    equal(health_pb2.HealthCheckResponse.FromString(data).status,
          health_pb2.HealthCheckResponse.SERVING, "health")
    frames.close()


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

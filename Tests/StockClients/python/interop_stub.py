"""The calls of grpc.testing.TestService for grpcio, and its messages."""
import pathlib
import subprocess
import sys
import tempfile
import threading

import grpc_tools
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

ROOT = pathlib.Path(__file__).resolve().parents[3]
DEADLINE = 20


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

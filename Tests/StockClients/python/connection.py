"""A grpcio connection to the server named by the environment, and the errors it gives."""
import os
import pathlib
import sys
import uuid

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / ".build-clients" / "python"))

from signalbox.v1 import (  # noqa: E402  (after the path that holds them)
    event_service_pb2_grpc,
    execution_service_pb2_grpc,
    server_service_pb2_grpc,
    workflow_service_pb2,
    workflow_service_pb2_grpc,
)

WORKFLOWS = ROOT / "Tests" / "StockClients" / "workflows"
DEADLINE = 20
DOMAIN = "signalbox"


class Timed(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    """Gives every call a deadline, so that a hanging server is a failure and not a hang."""

    def _timed(self, details):
        if details.timeout is not None:
            return details
        return details._replace(timeout=DEADLINE)

    def intercept_unary_unary(self, next_call, details, request):
        return next_call(self._timed(details), request)

    def intercept_unary_stream(self, next_call, details, request):
        return next_call(self._timed(details), request)


class Connection:
    """Stubs of all services on one channel."""

    def __init__(self, address, ca, token=None, options=(), certificate=None, compression=None):
        root = pathlib.Path(ca).read_bytes()
        pair = certificate and [pathlib.Path(file).read_bytes() for file in certificate]
        credentials = grpc.ssl_channel_credentials(root, *(reversed(pair) if pair else ()))
        if token:
            credentials = grpc.composite_channel_credentials(
                credentials, grpc.access_token_call_credentials(token))
        self.raw = grpc.secure_channel(
            address, credentials, list(options), compression=compression)
        self.channel = grpc.intercept_channel(self.raw, Timed())
        self.executions = execution_service_pb2_grpc.ExecutionServiceStub(self.channel)
        self.workflows = workflow_service_pb2_grpc.WorkflowServiceStub(self.channel)
        self.events = event_service_pb2_grpc.EventServiceStub(self.channel)
        self.server = server_service_pb2_grpc.ServerServiceStub(self.channel)

    @classmethod
    def from_environment(cls, token=True, **rest):
        names = os.environ
        secret = names["SIGNALBOX_TOKEN"] if token is True else token
        return cls(names["SIGNALBOX_SERVER"], names["SIGNALBOX_CA"], secret or None, **rest)

    def put(self, name):
        """Saves one of the fixture workflows; text that is there already makes no new version."""
        text = (WORKFLOWS / f"{name}.json").read_text()
        return self.workflows.Put(workflow_service_pb2.PutWorkflowRequest(definition_json=text))

    def close(self):
        self.raw.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def unique(prefix="t"):
    return f"{prefix}-{uuid.uuid4()}"


def refused(code, call, *arguments, reason=None, **keywords):
    """Runs a call that must fail with `code`, with google.rpc.ErrorInfo; returns the details."""
    try:
        result = call(*arguments, **keywords)
        if hasattr(result, "__next__"):
            list(result)
    except grpc.RpcError as error:
        if error.code() != code:
            raise AssertionError(
                f"expected {code.name}, found {error.code().name}: {error.details()}") from error
        if not error.details():
            raise AssertionError(f"{code.name} came without a message") from error
        status = rpc_status.from_call(error)
        details = list(status.details) if status else []
        infos = [unpack(detail, error_details_pb2.ErrorInfo) for detail in details]
        infos = [info for info in infos if info is not None]
        if len(infos) != 1 or infos[0].domain != DOMAIN or not infos[0].reason:
            raise AssertionError(f"expected one ErrorInfo of {DOMAIN}, found {details}") from error
        if reason is not None and infos[0].reason != reason:
            raise AssertionError(f"expected reason {reason}, found {infos[0].reason}") from error
        return details
    raise AssertionError(f"expected {code.name}, but the call succeeded")


def unpack(detail, kind):
    value = kind()
    return value if detail.Unpack(value) else None

#!/usr/bin/env python3
"""Stock clients try every method of the contract with every role, on what is theirs and what is not,
and JSON Web Tokens that a library we did not write has made.

The methods come from the generated descriptors, and what each needs from the table of
docs/access.md: a method that is not in it fails. Starts its own server.
"""
import importlib
import json
import pathlib
import sys
import tempfile
import time

import grpc
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from google.protobuf import duration_pb2
from google.rpc import error_details_pb2

from cases import case, equal, expect, run
from connection import ROOT, Connection, refused, unique, unpack
from rest import Rest

sys.path.insert(0, str(ROOT / "Tests" / "StockClients"))
from with_server import CERTS, Server  # noqa: E402  (after the path that holds it)

from signalbox.v1 import admin_service_pb2 as admin_pb  # noqa: E402
from signalbox.v1 import admin_service_pb2_grpc  # noqa: E402
from signalbox.v1 import bulk_service_pb2 as ks  # noqa: E402
from signalbox.v1 import bulk_service_pb2_grpc  # noqa: E402
from signalbox.v1 import execution_service_pb2 as es  # noqa: E402
from signalbox.v1 import server_service_pb2 as server_pb  # noqa: E402
from signalbox.v1 import workflow_service_pb2 as ws  # noqa: E402

Code = grpc.StatusCode
ISSUER, AUDIENCE = "https://issuer.test", "signalbox"
ROLES = {"viewer": 1, "operator": 2, "editor": 3, "admin": 4, "worker": 5}
ORDER = ["viewer", "operator", "editor", "admin"]
# Fields that a method looks at before it looks for the object it names.
NEEDED = {
    "ExecutionService/GetNodeExecution": {"node_path": "n"},
    "AdminService/RenamePod": {"name": "n"},
    "ControlService/PauseControl": {"action": 1},
}


class Bench:
    """A server, a workspace beside its own, tokens of every role, and an issuer's keys."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-issuer-"))
        self.keys = {
            "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
            "ES256": ec.generate_private_key(ec.SECP256R1()),
            "EdDSA": ed25519.Ed25519PrivateKey.generate(),
        }
        published = []
        for name, key in self.keys.items():
            algorithm = jwt.algorithms.get_default_algorithms()[name]
            published.append({**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": name})
        (self.folder / "jwks.json").write_text(json.dumps({"keys": published}))
        self.server = Server(
            "--jwt-issuer", ISSUER, "--jwt-audience", AUDIENCE,
            "--jwt-jwks", str(self.folder / "jwks.json"),
            "--jwt-workspace-claim", "workspace", "--jwt-role-claim", "roles")
        self.server.start()
        try:
            self.fill()
        except BaseException:
            self.server.kill()
            raise

    def fill(self):
        self.root = self.connect(self.server.token)
        self.admin = admin_service_pb2_grpc.AdminServiceStub(self.root.channel)
        self.admin.CreateWorkspace(admin_pb.CreateWorkspaceRequest(workspace_id="acme"))
        self.tokens = {role: self.token(f"role-{role}", role) for role in ROLES}
        self.foreign = {role: self.token(f"foreign-{role}", role, workspace="acme")
                        for role in ROLES}
        text = (ROOT / "Tests/StockClients/workflows/three-noops.json").read_text()
        self.workflow = self.root.workflows.Put(
            ws.PutWorkflowRequest(definition_json=text)).id
        self.execution = self.finished()

    def finished(self):
        """The id of a new execution that has ended."""
        return self.root.executions.Trigger(es.TriggerRequest(
            workflow_id=self.workflow, wait=duration_pb2.Duration(seconds=20))).execution.id

    def connect(self, token):
        return Connection(self.server.address, CERTS / "ca.pem", token)

    def token(self, name, role, workspace="", **more):
        return self.root.server.CreateToken(server_pb.CreateTokenRequest(
            workspace_id=workspace, name=name, role=ROLES[role], **more)).secret

    def signed(self, algorithm="RS256", headers=None, **changes):
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "exp": int(time.time()) + 600,
                  "workspace": "default", "roles": ["operator", "elsewhere"], **changes}
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, self.keys[algorithm], algorithm,
                          headers={"kid": algorithm, **(headers or {})})

    def end(self):
        self.root.close()
        self.server.stop()
        self.server.remove()
        for file in self.folder.iterdir():
            file.unlink()
        self.folder.rmdir()


def table():
    """What docs/access.md says each operation needs."""
    rows = {}
    for line in (ROOT / "docs" / "access.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) >= 4 and cells[1].startswith("`") and "/" in cells[1]:
            rows[cells[1].strip("`")] = cells[2]
    return rows


def methods():
    """Every method of signalbox.v1, from the generated descriptors."""
    for file in sorted((ROOT / ".build-clients/python/signalbox/v1").glob("*_pb2.py")):
        module = importlib.import_module(f"signalbox.v1.{file.stem}")
        for service in module.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                yield f"{service.name}/{method.name}", service, method


def outcome(connection, service, method, fields):
    """The status code and reason of one call, its first answer read."""
    from google.protobuf import message_factory
    request_type = message_factory.GetMessageClass(method.input_type)
    response_type = message_factory.GetMessageClass(method.output_type)
    known = {name: value for name, value in fields.items()
             if name in method.input_type.fields_by_name}
    request = request_type(**known)
    streams, answers = method.client_streaming, method.server_streaming
    kind = {(False, False): connection.raw.unary_unary, (False, True): connection.raw.unary_stream,
            (True, False): connection.raw.stream_unary,
            (True, True): connection.raw.stream_stream}[streams, answers]
    call = kind(f"/{service.full_name}/{method.name}",
                request_serializer=request_type.SerializeToString,
                response_deserializer=response_type.FromString)
    try:
        answer = call(iter([request]) if streams else request, timeout=20)
        if answers:
            next(answer, None)
            answer.cancel()
        return Code.OK, None
    except grpc.RpcError as error:
        from grpc_status import rpc_status
        status = rpc_status.from_call(error)
        infos = [unpack(detail, error_details_pb2.ErrorInfo) for detail in status.details] \
            if status else []
        return error.code(), next((info.reason for info in infos if info), None)


def permits(role, needed):
    if role in ORDER and needed in ORDER:
        return ORDER.index(role) >= ORDER.index(needed)
    return role == needed


@case("every method of the contract is in the table, and the table names no other")
def _(b):
    documented = {name for name in table() if not name.startswith("Bridge/")}
    equal({name for name, _, _ in methods()}, documented, "methods")


@case("every method lets in who has its role, and nobody else")
def _(b):
    needs = table()
    with b.connect(None) as nobody:
        for name, service, method in methods():
            if needs[name] == "nothing":
                continue
            equal(outcome(nobody, service, method, {}), (Code.UNAUTHENTICATED, "UNAUTHENTICATED"),
                  f"{name} of nobody")
    for role, secret in b.tokens.items():
        with b.connect(secret) as connection:
            for name, service, method in methods():
                if needs[name] == "nothing":
                    continue
                code, reason = outcome(connection, service, method, {})
                what = f"{name} of {role}"
                if needs[name] == "an identity" or permits(role, needs[name]):
                    expect(code not in (Code.PERMISSION_DENIED, Code.UNAUTHENTICATED,
                                        Code.UNIMPLEMENTED, Code.INTERNAL, Code.UNKNOWN),
                           f"{what}: let in, found {code.name} {reason}")
                else:
                    equal((code, reason), (Code.PERMISSION_DENIED, "ROLE_INSUFFICIENT"), what)


@case("what is another workspace's does not exist, whatever the role")
def _(b):
    needs = table()
    for role, secret in b.foreign.items():
        with b.connect(secret) as connection:
            for name, service, method in methods():
                fields = method.input_type.fields_by_name
                if needs[name] not in ROLES:
                    continue
                if "workspace_id" in fields:
                    equal(outcome(connection, service, method, {"workspace_id": "default"}),
                          (Code.NOT_FOUND, "WORKSPACE_NOT_FOUND"),
                          f"{name} of {role} on the workspace default")
                named = {"execution_id": b.execution, "workflow_id": b.workflow,
                         "token_id": "role-viewer", "principal": "user:nobody",
                         "pod_id": "nowhere"}
                object_fields = {field: value for field, value in named.items() if field in fields}
                makes = name.split("/")[1].startswith(("Put", "Create", "List"))
                if not object_fields or makes:
                    continue
                code, _ = outcome(connection, service, method,
                                  {**object_fields, **NEEDED.get(name, {})})
                # Who may not do it to its own either is told no more than that.
                equal(code, Code.NOT_FOUND if "pod_id" in object_fields or permits(role, needs[name])
                      else Code.PERMISSION_DENIED, f"{name} of {role} on another's object")


@case("a pod that does not exist is NOT_FOUND before the role is looked at")
def _(b):
    needs = table()
    with b.connect(b.tokens["viewer"]) as connection:
        for name, service, method in methods():
            makes = name == "AdminService/CreatePod"
            if "pod_id" in method.input_type.fields_by_name and needs[name] in ROLES and not makes:
                equal(outcome(connection, service, method, {"pod_id": "nowhere"}),
                      (Code.NOT_FOUND, "POD_NOT_FOUND"), name)


@case("tokens of an issuer are taken, signed with RSA, a curve or Ed25519")
def _(b):
    for algorithm in b.keys:
        with b.connect(b.signed(algorithm)) as c:
            principal = c.server.GetInfo(server_pb.GetInfoRequest()).principal
            equal((principal.name, principal.workspace_id, principal.role),
                  ("user:ada", "default", ROLES["operator"]), algorithm)
            # Who tried every method has cleared what there was.
            execution = b.finished()
            c.executions.Get(es.GetExecutionRequest(execution_id=execution))
            refused(Code.PERMISSION_DENIED, c.executions.Delete,
                    es.DeleteExecutionRequest(execution_id=execution))


@case("a token of an issuer also gives a connection its identity")
def _(b):
    with b.connect(None) as c:
        answer = c.server.Authenticate(server_pb.AuthenticateRequest(token=b.signed()))
        equal(answer.principal.name, "user:ada", "principal")
        c.executions.Get(es.GetExecutionRequest(execution_id=b.finished()))


@case("a token of an issuer works by every dialect over HTTP, with the workspace and role of its claims")
def _(b):
    lists = ("/workspaces/default/pods/default/executions", "/api/v1/executions",
             "/api/executions?teamId=default", "/api/workflows/executions/active")
    for algorithm in b.keys:
        user = Rest(b.server.address, CERTS / "ca.pem", b.signed(algorithm))
        for path in lists:
            equal(user.get(path).status_code, 200, f"{algorithm}: {path}")
    answer = user.post(f"/api/workflows/{b.workflow}/execute", {})
    equal(answer.status_code, 200, "what an operator may")
    answer = user.post("/workspaces/default/pods/default/workflows", {"nodes": [], "edges": []})
    equal((answer.status_code, answer.json()["code"]), (403, "ROLE_INSUFFICIENT"), "what it may not")
    for what, token in {"for others": b.signed(aud="others"),
                        "expired": b.signed(exp=int(time.time()) - 120)}.items():
        for path in lists:
            answer = Rest(b.server.address, CERTS / "ca.pem", token).get(path)
            equal((answer.status_code, answer.json()["code"]), (401, "TOKEN_REFUSED"),
                  f"{what}: {path}")


@case("a token that is forged, expired, early or for others is refused, all alike")
def _(b):
    now = int(time.time())
    stranger = ec.generate_private_key(ec.SECP256R1())
    public = b.keys["RS256"].public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "exp": now + 600,
              "workspace": "default", "roles": ["admin"]}

    def confused(key):
        # The library refuses to use a public key as a secret, so the signature is made by hand.
        import base64
        import hashlib
        import hmac
        encode = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=")  # noqa: E731
        signed = b".".join(encode(json.dumps(part).encode()) for part in (
            {"alg": "HS256", "kid": "RS256", "typ": "JWT"}, claims))
        return (signed + b"." + encode(hmac.digest(key, signed, hashlib.sha256))).decode()

    bad = {
        "unsigned": jwt.encode(claims, None, "none", headers={"kid": "RS256"}),
        "signed with the public key as a secret": confused(public),
        "signed by a stranger": jwt.encode(claims, stranger, "ES256", headers={"kid": "ES256"}),
        "of an unknown key": b.signed(headers={"kid": "another"}),
        "expired": b.signed(exp=now - 120),
        "early": b.signed(nbf=now + 120),
        "without an end": b.signed(exp=None),
        "for others": b.signed(aud="others"),
        "of another issuer": b.signed(iss="https://evil.test"),
        "huge": b.signed(x="x" * 9_000),
        "cut": b.signed()[:-20],
    }
    for what, token in bad.items():
        with b.connect(token) as c:
            try:
                refused(Code.UNAUTHENTICATED, c.executions.List, es.ListExecutionsRequest(),
                        reason="TOKEN_REFUSED")
            except AssertionError as error:
                raise AssertionError(f"{what}: {error}") from error


@case("a user works where it is a member, until it is none")
def _(b):
    token = b.signed(sub="eve", workspace=None, roles=None)
    with b.connect(token) as c:
        mine = es.ListExecutionsRequest(workspace_id="acme")
        refused(Code.NOT_FOUND, c.executions.List, mine, reason="WORKSPACE_NOT_FOUND")
        b.admin.PutMember(admin_pb.PutMemberRequest(
            workspace_id="acme", principal="user:eve", role=ROLES["viewer"]))
        c.executions.List(mine)
        refused(Code.PERMISSION_DENIED, c.executions.Trigger,
                es.TriggerRequest(workspace_id="acme", workflow_id="w"))
        refused(Code.INVALID_ARGUMENT, c.executions.List, es.ListExecutionsRequest())
        b.admin.DeleteMember(admin_pb.DeleteMemberRequest(
            workspace_id="acme", principal="user:eve"))
        refused(Code.NOT_FOUND, c.executions.List, mine, reason="WORKSPACE_NOT_FOUND")


@case("a bulk operation stops when the role of who started it does not suffice any more, and says why")
def _(b):
    text = (ROOT / "Tests/StockClients/workflows/three-noops.json").read_text()
    b.root.workflows.Put(ws.PutWorkflowRequest(workspace_id="acme", definition_json=text))
    for _ in range(120):
        b.root.executions.Trigger(es.TriggerRequest(
            workspace_id="acme", workflow_id=b.workflow, wait=duration_pb2.Duration(seconds=20)))

    def put(role):
        b.admin.PutMember(admin_pb.PutMemberRequest(
            workspace_id="acme", principal="user:mallory", role=ROLES[role]))

    put("editor")
    with b.connect(b.signed(sub="mallory", workspace=None, roles=None)) as c:
        bulk = bulk_service_pb2_grpc.BulkServiceStub(c.channel)
        started = bulk.StartBulkOperation(ks.StartBulkOperationRequest(
            workspace_id="acme", action=ks.BULK_ACTION_DELETE, rate=50)).operation
        request = ks.WatchBulkOperationRequest(workspace_id="acme", operation_id=started.id)
        lowered, now = False, None
        for now in bulk.WatchBulkOperation(request, timeout=60):
            if now.succeeded >= 50 and not lowered:
                put("operator")
                lowered = True
    equal((now.status, now.stop_reason, now.stopped_by),
          (ks.BULK_STATUS_STOPPED, "ROLE_INSUFFICIENT", ""), "how it ended")
    expect(50 <= now.succeeded < 120, f"what it did stays done, and no more: {now}")
    b.admin.DeleteMember(admin_pb.DeleteMemberRequest(
        workspace_id="acme", principal="user:mallory"))


@case("past its rate a token is told when to come again")
def _(b):
    with b.connect(b.token("slow", "viewer", calls_per_minute=2)) as c:
        for _ in range(2):
            c.executions.List(es.ListExecutionsRequest())
        details = refused(Code.RESOURCE_EXHAUSTED, c.executions.List, es.ListExecutionsRequest(),
                          reason="RATE_LIMITED")
        retry = [unpack(detail, error_details_pb2.RetryInfo) for detail in details]
        retry = [info for info in retry if info]
        expect(retry and 0 < retry[0].retry_delay.ToSeconds() <= 30, f"a delay, found {retry}")
        info = unpack(details[0], error_details_pb2.ErrorInfo)
        equal((info.metadata["limit"], info.metadata["remaining"]), ("2", "0"), "metadata")


@case("a stream that is open ends with its token")
def _(b):
    name = unique("watcher")
    text = (ROOT / "Tests/StockClients/workflows/approval.json").read_text()
    workflow = b.root.workflows.Put(ws.PutWorkflowRequest(definition_json=text)).id
    held = b.root.executions.Trigger(es.TriggerRequest(
        workflow_id=workflow, wait=duration_pb2.Duration(seconds=20))).execution.id
    with b.connect(b.token(name, "viewer")) as c:
        stream = c.executions.Watch(es.WatchRequest(execution_id=held))
        next(stream)
        b.root.server.RevokeToken(server_pb.RevokeTokenRequest(token_id=name))
        refused(Code.UNAUTHENTICATED, list, stream, reason="TOKEN_REFUSED")


@case("a token that was rotated or revoked ends on open connections at once")
def _(b):
    name = unique("rotated")
    first = b.token(name, "viewer", kind=server_pb.TOKEN_KIND_SDK)
    expect(first.startswith("sdk_"), "an SDK token")
    with b.connect(first) as c:
        c.executions.List(es.ListExecutionsRequest())
        second = b.admin.RotateToken(admin_pb.RotateTokenRequest(token_id=name)).secret
        refused(Code.UNAUTHENTICATED, c.executions.List, es.ListExecutionsRequest())
    with b.connect(second) as c:
        c.executions.List(es.ListExecutionsRequest())
        b.root.server.RevokeToken(server_pb.RevokeTokenRequest(token_id=name))
        refused(Code.UNAUTHENTICATED, c.executions.List, es.ListExecutionsRequest())
    entries = b.admin.ListAuditEntries(admin_pb.ListAuditEntriesRequest(
        operation="AdminService/RotateToken", page_size=1)).entries
    equal((entries[0].object, entries[0].principal, entries[0].outcome),
          (f"token {name}", "token:admin", "OK"), "audit entry")
    expect(entries[0].origin.startswith("grpc 127.0.0.1:"), f"found {entries[0].origin}")


def main():
    bench = Bench()
    try:
        grpc.channel_ready_future(bench.root.raw).result(timeout=20)
        run("access", bench)
    finally:
        bench.end()


main()

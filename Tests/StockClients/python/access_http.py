#!/usr/bin/env python3
"""Every call of every dialect, with every role, on what is the caller's and on what is not.

The calls come from /openapi.json, and what each needs from its summary there (`Needs editor.`; nothing
said: viewer), so that a call which is added is tried, too. Reads SIGNALBOX_SERVER, SIGNALBOX_CA and
SIGNALBOX_TOKEN; with_server.py provides them.
"""
import re

from cases import case, equal, expect, run
from connection import unique
from rest import Desk, Rest

ROLES = {"viewer": 1, "operator": 2, "editor": 3, "admin": 4}
ORDER = list(ROLES)
NEEDS = re.compile(r"\bNeeds (viewer|operator|editor|admin)\b")
DEFINITION = {"nodes": [{"id": "s", "type": "start", "data": {}}], "edges": []}
# What a call looks at before it looks at its caller's role, or would not do anything without.
BODIES = {
    "clientStopManyExecutions": {"status": ["queued"], "workflowId": "all"},
    "clientPutExecutionTags": [],
    "clientCreateTag": {"name": "t"}, "clientRenameTag": {"name": "t"},
}
QUERIES = {"teamsListExecutions": {"workflowId": "three-noops"}}


class Bench(Desk):
    def __init__(self):
        super().__init__()
        for name in ("three-noops", "approval"):
            self.grpc.put(name)
        self.execution = self.trigger("three-noops")
        self.tokens = {role: self.secret(unique(role), number) for role, number in ROLES.items()}
        from signalbox.v1 import admin_service_pb2 as pb
        from signalbox.v1 import admin_service_pb2_grpc
        self.other = unique("other")
        admin_service_pb2_grpc.AdminServiceStub(self.grpc.channel).CreateWorkspace(
            pb.CreateWorkspaceRequest(workspace_id=self.other))
        self.foreign = self.secret("foreign", ROLES["admin"], workspace=self.other)
        document = Rest().get("/openapi.json").json()
        self.calls = [(path, method.upper(), call) for path, item in document["paths"].items()
                      for method, call in item.items()
                      if call["security"] != [{}] and not path.endswith("/events")]

    def path(self, template):
        """The path of something that exists, in the workspace `default`."""
        values = {"wId": "default", "teamId": "default", "podId": "default", "id": "three-noops",
                  "workflowId": "three-noops"}
        last = template.split("{id}")[0].rstrip("/").split("/")[-1]
        if last in ("executions", "execution"):
            values["id"] = values["executionId"] = str(self.execution.number)
        elif last != "workflows":
            values["id"] = "nowhere"
        return re.sub(r"\{(\w+)\}", lambda m: values.get(m.group(1), "1"), template)

    def call(self, rest, path, method, call, **query):
        body = BODIES.get(call["operationId"], {} if "requestBody" in call else None)
        contents = call.get("requestBody", {}).get("content", {"application/json": {}})
        if "application/json" not in contents:
            body = None
        return rest(method, self.path(path), json=body,
                    params={**QUERIES.get(call["operationId"], {}), **query})


def needs(call):
    found = NEEDS.search(call["summary"])
    return found.group(1) if found else "viewer"


@case("nobody without a token is let in")
def _(b):
    rest, bad = Rest(), Rest(token="sdk_" + "x" * 40)
    for path, method, call in b.calls:
        for client, code in ((rest, "UNAUTHENTICATED"), (bad, "TOKEN_REFUSED")):
            answer = b.call(client, path, method, call)
            equal((answer.status_code, answer.json().get("code")), (401, code),
                  f"{method} {path}")
            equal(answer.headers["WWW-Authenticate"], "Bearer", f"{method} {path}")


@case("who has the role is let in, and nobody else")
def _(b):
    for role in ORDER:
        rest = Rest(token=b.tokens[role])
        for path, method, call in b.calls:
            answer = b.call(rest, path, method, call)
            what = f"{method} {path} as {role}: {answer.status_code} {answer.text[:200]}"
            if ORDER.index(role) >= ORDER.index(needs(call)):
                expect(answer.status_code not in (401, 403) and answer.status_code < 500, what)
            else:
                equal(answer.status_code, 403, what)
                equal(answer.json().get("code"), "ROLE_INSUFFICIENT", what)


@case("what is another workspace's does not exist, whatever the role")
def _(b):
    rest = Rest(token=b.foreign)
    for path, method, call in b.calls:
        answer = b.call(rest, path, method, call)
        what = f"{method} {path}: {answer.status_code} {answer.text[:200]}"
        if "{teamId}" in path:
            equal((answer.status_code, answer.json()["code"]), (403, "TEAM_FORBIDDEN"), what)
        elif "{wId}" in path:
            equal((answer.status_code, answer.json()["code"]), (404, "WORKSPACE_NOT_FOUND"), what)
        elif "{" in path:
            expect(answer.status_code in (400, 404), what)
            if answer.status_code == 400:
                expect("INVALID" in answer.json()["code"] or answer.json()["code"], what)
        else:
            expect(answer.status_code < 500, what)
            expect(str(b.execution.id) not in answer.text, what)
    owner = Rest(token=b.token)
    equal(owner.get(f"/api/executions/{b.execution.id}").status_code in (200, 404), True, "still")


run("access_http", Bench())

#!/usr/bin/env python3
"""Every call of every dialect, with every role, on what is the caller's and on what is not.

The calls come from /openapi.json, and what each needs from its summary there (`Needs editor.`; nothing
said: viewer), so that a call which is added is tried, too. Each is tried on something new of its kind.
Reads SIGNALBOX_SERVER, SIGNALBOX_CA and SIGNALBOX_TOKEN; with_server.py provides them.
"""
import re

from cases import case, equal, expect, run
from connection import unique
from rest import Desk, Rest, chain

ROLES = {"viewer": 1, "operator": 2, "editor": 3, "admin": 4}
ORDER = list(ROLES)
NEEDS = re.compile(r"\bNeeds (viewer|operator|editor|admin)\b")
# Whose summaries are the page's own words.
ROLE_OF = {**dict.fromkeys(
    ["automationExecute", "automationStop", "automationStopAll", "automationContinue",
     "automationTraceLogs", "automationPauseControl", "automationStopBatch"], "operator")}
# What a call looks at before it looks at its caller's role, or would not do anything without.
BODIES = {
    "clientStopManyExecutions": {"status": ["queued"], "workflowId": "nothing"},
    "clientPutExecutionTags": [],
    "clientCreateTag": {"name": "t"}, "clientRenameTag": {"name": "t"},
    "automationExecute": {"workflowId": "access"},
}
QUERIES = {"teamsListExecutions": {"workflowId": "access"}}
# By what the calls of each dialect begin with.
PREFIXES = ("/workspaces/", "/v1/workspaces/", "/api/v1/executions", "/api/executions",
            "/api/workflows/{id}", "/api/workflows/execution")
POD = "/workspaces/default/pods/default"


class Bench(Desk):
    def __init__(self):
        super().__init__()
        self.admin = Rest(token=self.token)
        self.tokens = {role: self.secret(unique(role), number) for role, number in ROLES.items()}
        from signalbox.v1 import admin_service_pb2 as pb
        from signalbox.v1 import admin_service_pb2_grpc
        self.other = unique("other")
        admin_service_pb2_grpc.AdminServiceStub(self.grpc.channel).CreateWorkspace(
            pb.CreateWorkspaceRequest(workspace_id=self.other))
        self.foreign = {role: self.secret(f"foreign-{role}", number, workspace=self.other)
                        for role, number in ROLES.items()}
        self.workflow()
        document = Rest().get("/openapi.json").json()
        self.calls = [(path, method.upper(), call) for path, item in document["paths"].items()
                      for method, call in item.items()
                      if call["security"] != [{}]]
        dialects = {prefix for path, _, _ in self.calls for prefix in PREFIXES
                    if path.startswith(prefix)}
        equal(dialects, set(PREFIXES), "the dialects whose calls are tried")

    # Something new of each kind, in the workspace `default`.

    def workflow(self):
        return self.put(chain("access", {"id": "e", "type": "end", "data": {}})).id

    def execution(self):
        return str(self.trigger(self.workflow()).number)

    def made(self, path, body, key="id"):
        answer = self.admin.post(path, body)
        expect(answer.status_code in (200, 201), f"POST {path}: {answer.text}")
        return answer.json()[key]

    def schedule(self):
        return self.made(f"{POD}/schedules", {
            "workflowId": self.workflow(), "cronExpression": "@yearly", "enabled": False})

    def webhook(self):
        return self.made(f"{POD}/webhooks", {"workflowId": self.workflow()})

    def tag(self):
        return self.made("/api/v1/tags", {"name": unique("tag")})

    def batch(self):
        return self.made("/api/workflows/execute", {
            "executionMode": "parallel", "workflows": [chain("x")]}, "batchId")

    KINDS = {"executions": execution, "execution": execution, "workflows": workflow,
             "schedules": schedule, "webhooks": webhook, "tags": tag, "batch": batch}

    def path(self, template, kept=None):
        """The path of something that is new, or that `kept` has of its kind."""
        found = re.search(r"/(\w+)/\{(id|executionId|batchId)\}", template)
        values = {"wId": "default", "teamId": "default", "podId": "default"}
        if found:
            kind, made = found.group(1), {} if kept is None else kept
            if kind not in made:
                made[kind] = self.KINDS[kind](self)
            values[found.group(2)] = made[kind]
        return re.sub(r"\{(\w+)\}", lambda name: values[name.group(1)], template)

    def call(self, rest, path, method, call, kept=None):
        body = BODIES.get(call["operationId"], {} if "requestBody" in call else None)
        answer = rest(method, self.path(path, kept), json=body,
                      params=QUERIES.get(call["operationId"]), stream=path.endswith("/events"))
        # A stream that is let in goes on.
        text = "" if answer.headers.get("Content-Type") == "text/event-stream" else answer.text[:200]
        if not text:
            answer.close()
        return answer, f"{method} {path}: {answer.status_code} {text}"


def needs(call):
    found = NEEDS.search(call["summary"])
    return ROLE_OF.get(call["operationId"], found.group(1) if found else "viewer")


def is_of_one(path):
    return re.search(r"\{(id|executionId|batchId)\}", path) is not None


@case("nobody without a token is let in")
def _(b):
    rest, bad = Rest(), Rest(token="sdk_" + "x" * 40)
    for path, method, call in b.calls:
        for client, code in ((rest, "UNAUTHENTICATED"), (bad, "TOKEN_REFUSED")):
            answer, what = b.call(client, path, method, call)
            equal((answer.status_code, answer.json().get("code")), (401, code), what)
            equal(answer.headers["WWW-Authenticate"], "Bearer", what)


@case("who has the role is let in, and nobody else")
def _(b):
    for role in ORDER:
        rest = Rest(token=b.tokens[role])
        for path, method, call in b.calls:
            answer, what = b.call(rest, path, method, call)
            if ORDER.index(role) >= ORDER.index(needs(call)):
                refusals = (401, 403, 404) if is_of_one(path) else (401, 403)
                expect(answer.status_code not in refusals and answer.status_code < 500,
                       f"as {role}: {what}")
            else:
                equal(answer.status_code, 403, f"as {role}: {what}")
                equal(answer.json().get("code"), "ROLE_INSUFFICIENT", what)


@case("what is another workspace's does not exist, whatever the role, and stays as it is")
def _(b):
    kept = {}
    for role, secret in b.foreign.items():
        rest = Rest(token=secret)
        for path, method, call in b.calls:
            answer, what = b.call(rest, path, method, call, kept)
            what = f"as the other's {role}: {what}"
            if "{teamId}" in path:
                equal((answer.status_code, answer.json()["code"]), (403, "TEAM_FORBIDDEN"), what)
            elif "{wId}" in path:
                equal((answer.status_code, answer.json()["code"]), (404, "WORKSPACE_NOT_FOUND"),
                      what)
            elif is_of_one(path) and ORDER.index(role) < ORDER.index(needs(call)):
                # It may not do this to its own either, and is not told more.
                equal(answer.status_code, 403, what)
            elif is_of_one(path):
                equal(answer.status_code, 404, what)
            else:
                expect(answer.status_code < 500, what)
                expect('"access"' not in answer.text, f"of the other workspace: {what}")
    execution, schedule = b.execution(), b.schedule()
    for path in (f"{POD}/executions/{execution}", f"{POD}/schedules/{schedule}"):
        foreign = path.replace("/default/", f"/{b.other}/", 1)
        for target in (path, foreign):
            equal(rest("DELETE", target).status_code, 404, f"DELETE {target}")
        equal(b.admin.get(path).status_code, 200, f"{path} is still there")


run("access_http", Bench())

"""HTTP to the server named by the environment, by `requests` and by curl."""
import json
import os
import shutil
import subprocess

import requests

from connection import Connection

DEADLINE = 20


class Rest:
    """One caller over HTTPS; keeps its connection alive."""

    def __init__(self, address=None, ca=None, token=None, header="Authorization"):
        self.base = f"https://{address or os.environ['SIGNALBOX_SERVER']}"
        self.session = requests.Session()
        self.session.verify = str(ca or os.environ["SIGNALBOX_CA"])
        self.session.trust_env = False
        if token:
            self.session.headers[header] = f"Bearer {token}" if header == "Authorization" else token

    def __call__(self, method, path, **more):
        return self.session.request(method, self.base + path, timeout=DEADLINE, **more)

    def get(self, path, **params):
        return self("GET", path, params=params or None)

    def post(self, path, body=None, **params):
        return self("POST", path, json=body, params=params or None)


def curl(*arguments, token=None, header="Authorization: Bearer"):
    """Runs curl as a page shows it, and returns status, header fields and body."""
    command = [shutil.which("curl") or "curl", "-sS", "-i", "--max-time", str(DEADLINE),
               "--cacert", os.environ["SIGNALBOX_CA"], *arguments]
    if token:
        command += ["-H", f"{header} {token}"]
    done = subprocess.run(command, capture_output=True, check=True)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines[1:])
    return int(lines[0].split()[1]), {k.lower(): v for k, v in fields.items()}, body


class Desk:
    """The contract's own client beside the dialect's, to make what is then looked at."""

    def __init__(self):
        self.grpc = Connection.from_environment()
        self.token = os.environ["SIGNALBOX_TOKEN"]

    def secret(self, name, role, workspace="", **more):
        """A new token's text."""
        from signalbox.v1 import server_service_pb2 as pb
        return self.grpc.server.CreateToken(pb.CreateTokenRequest(
            workspace_id=workspace, name=name, role=role, **more)).secret

    def put(self, definition, **more):
        from signalbox.v1 import workflow_service_pb2 as pb
        return self.grpc.workflows.Put(
            pb.PutWorkflowRequest(definition_json=json.dumps(definition), **more))

    def trigger(self, workflow, data=None, wait=True, **more):
        """An execution, at rest unless `wait` is false."""
        from google.protobuf import duration_pb2
        from signalbox.v1 import execution_service_pb2 as pb
        request = pb.TriggerRequest(
            workflow_id=workflow, input_json="" if data is None else json.dumps(data), **more)
        if wait:
            request.wait.CopyFrom(duration_pb2.Duration(seconds=60))
        return self.grpc.executions.Trigger(request).execution

    def until(self, execution, *kinds):
        """Reads an execution's events, live, up to the first of one of the kinds; none: to its end."""
        from signalbox.v1 import execution_service_pb2 as pb
        for batch in self.grpc.executions.Watch(pb.WatchRequest(execution_id=str(execution))):
            if any(event.WhichOneof("kind") in kinds for event in batch.events):
                return


def chain(workflow_id, *nodes, name=None):
    """A definition of nodes one after the other, from `start` on."""
    nodes = [{"id": "start", "type": "start", "name": "Start", "data": {}}, *nodes]
    edges = [{"source": a["id"], "target": b["id"]} for a, b in zip(nodes, nodes[1:])]
    return {"id": workflow_id, "name": name or workflow_id, "nodes": nodes, "edges": edges}

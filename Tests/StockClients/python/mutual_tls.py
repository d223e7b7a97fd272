#!/usr/bin/env python3
"""A stock Python gRPC client whose certificate is its identity.

The server runs with --client-ca certs/ca.pem --client-certificate-role developer=operator; reads
SIGNALBOX_SERVER, SIGNALBOX_CA and SIGNALBOX_TOKEN.
"""
import grpc
from google.protobuf import duration_pb2

from cases import case, equal, run
from connection import ROOT, WORKFLOWS, Connection, refused
from signalbox.v1 import server_service_pb2, workflow_service_pb2
from signalbox.v1 import execution_service_pb2 as es

CERTIFICATE = (ROOT / "certs" / "client.pem", ROOT / "certs" / "client-key.pem")
PRINCIPAL = "certificate:CN=developer"


def certified(token=None):
    return Connection.from_environment(token=token, certificate=CERTIFICATE)


@case("a client certificate is an identity with the role it was given")
def _(_):
    with certified() as c:
        info = c.server.GetInfo(server_service_pb2.GetInfoRequest())
        equal((info.principal.name, info.principal.role),
              (PRINCIPAL, server_service_pb2.ROLE_OPERATOR), "principal")


@case("what it triggers and answers is recorded as its own")
def _(_):
    with certified() as c:
        made = c.executions.Trigger(es.TriggerRequest(
            workflow_id="approval", wait=duration_pb2.Duration(seconds=20))).execution
        equal(made.triggered_by, PRINCIPAL, "triggered_by")
        ended = c.executions.Respond(es.RespondRequest(
            execution_id=made.id, decision=es.DECISION_REJECT))
        equal(ended.ended_by, PRINCIPAL, "ended_by")


@case("its role bounds what it may do")
def _(_):
    text = (WORKFLOWS / "approval.json").read_text()
    with certified() as c:
        refused(grpc.StatusCode.PERMISSION_DENIED, c.workflows.Put,
                workflow_service_pb2.PutWorkflowRequest(definition_json=text))


@case("a token on the call overrides the certificate")
def _(_):
    with certified(token=True) as c:
        info = c.server.GetInfo(server_service_pb2.GetInfoRequest())
        equal(info.principal.role, server_service_pb2.ROLE_ADMIN, "role")


def main():
    with certified(token=True) as connection:
        grpc.channel_ready_future(connection.raw).result(timeout=20)
        connection.put("approval")
    run("mutual TLS", None)


main()

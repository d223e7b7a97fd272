"""The rule that holds after every test: an execution that is not final has a next wake-up, and a get shows it."""
from connection import ROOT, Connection

import grpc

from signalbox.v1 import admin_service_pb2 as admin
from signalbox.v1 import admin_service_pb2_grpc
from signalbox.v1 import execution_pb2 as ex
from signalbox.v1 import execution_service_pb2 as es

# Some servers let nobody in without one; the token says who it is.
CERTIFICATE = (ROOT / "certs" / "client.pem", ROOT / "certs" / "client-key.pem")
OPEN = [ex.EXECUTION_STATUS_QUEUED, ex.EXECUTION_STATUS_RUNNING, ex.EXECUTION_STATUS_SUSPENDED]


def pages(call, request):
    """Every page of a list."""
    while True:
        page = call(request)
        yield page
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


def faults(address, ca, token, certificate=None):
    """What breaks the rule in any workspace, one line each, and how many executions were looked at."""
    found, looked_at = [], 0
    with Connection(address, ca, token, certificate=certificate) as connection:
        workspaces = admin_service_pb2_grpc.AdminServiceStub(connection.channel).ListWorkspaces
        for page in pages(workspaces, admin.ListWorkspacesRequest()):
            for workspace in page.workspaces:
                for execution in still_open(connection, workspace.id):
                    looked_at += 1
                    fault = wrong(connection, execution)
                    if fault:
                        found.append(f"{workspace.id}: {fault}")
    return found, looked_at


def still_open(connection, workspace):
    request = es.ListExecutionsRequest(
        workspace_id=workspace, page_size=1_000,
        filter=es.ExecutionFilter(states=[es.StateFilter(status=status) for status in OPEN]))
    for page in pages(connection.executions.List, request):
        yield from page.executions


def wrong(connection, listed):
    try:
        now = connection.executions.Get(es.GetExecutionRequest(
            workspace_id=listed.workspace_id, execution_id=listed.id))
    except grpc.RpcError as error:
        # It may have ended since it was listed, and been erased.
        if error.code() == grpc.StatusCode.NOT_FOUND:
            return None
        raise
    name = f"execution {now.number} of '{now.workflow_id}', {ex.ExecutionStatus.Name(now.status)},"
    if now.status not in OPEN:
        return f"{name} still waits for {now.next_wake_up}" if now.next_wake_up else None
    if not now.next_wake_up:
        return f"{name} shows no next wake-up"
    if now.status == ex.EXECUTION_STATUS_SUSPENDED and not now.interrupts:
        return f"{name} is suspended at nothing"
    return None

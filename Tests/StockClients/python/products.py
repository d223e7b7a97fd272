#!/usr/bin/env python3
"""Client libraries that others wrote for the products, from PyPI, used unchanged: `n8n-client`, `n8npy-client`
and `n8n-sdk-python` on the executions client dialect, `nodeloom-sdk` on teams. Needs the environment of
with_server.py."""
import asyncio
import contextlib
import os
import tempfile

os.environ["SSL_CERT_FILE"] = os.environ["REQUESTS_CA_BUNDLE"] = os.environ["SIGNALBOX_CA"]

import httpx  # noqa: E402  (after the authority that it is to trust)
import n8n_api  # noqa: E402
import n8n_client  # noqa: E402
from nodeloom.api import ApiClient, ApiError  # noqa: E402

from cases import case, equal, expect, run  # noqa: E402
from connection import unique  # noqa: E402
from page import BASE  # noqa: E402
from rest import Desk, chain  # noqa: E402

# It writes a log into the folder that it is loaded in.
with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
    import n8n_sdk_python  # noqa: E402
    from n8n_sdk_python.models.executions import ExecutionStatus  # noqa: E402
    from n8n_sdk_python.utils.errors import N8nAPIError  # noqa: E402

VIEWER, OPERATOR = 1, 2


class Bench(Desk):
    def __init__(self):
        super().__init__()
        self.n8n = n8n_client.N8nClient(api_key=self.token, base_url=BASE)
        for name in ("three-noops", "failing", "approval"):
            self.grpc.put(name)

    def loom(self, role):
        from signalbox.v1 import server_service_pb2
        return ApiClient(self.secret(unique("sdk"), role, kind=server_service_pb2.TOKEN_KIND_SDK),
                         endpoint=BASE)


def refused(kind, status, call, *arguments):
    try:
        call(*arguments)
    except kind as error:
        code = error.status_code if kind is ApiError else error.response.status_code
        equal(code, status, str(error))
        return error
    raise AssertionError(f"expected {status}, found an answer")


@case("n8n-client pages through executions by cursor, and filters them")
def _(b):
    made = [str(b.trigger("three-noops").number) for _ in range(5)]
    whole = b.n8n.get_all_pages(b.n8n.get_executions, workflow_id="three-noops", limit=2)
    equal([one["id"] for one in whole], list(reversed(made)), "all pages")
    first = b.n8n.get_executions(limit=2, include_data=True)
    expect(first.next_cursor and len(first.data) == 2, "a page")
    expect("runData" in first.data[0]["data"]["resultData"], "its data")
    b.trigger("failing")
    equal({one["status"] for one in b.n8n.get_executions(status="error").data}, {"error"}, "status")


@case("n8n-client reads, retries and deletes executions")
def _(b):
    failed = str(b.trigger("failing").number)
    equal(b.n8n.get_execution(failed, include_data=True)["status"], "error", "status")
    for load in (False, True):
        again = b.n8n.retry_execution(failed, load_workflow=load)
        equal(again["retryOf"], failed, "retryOf")
        b.until(again["id"])
    equal(b.n8n.delete_execution(failed)["status"], "error", "deleted")
    refused(httpx.HTTPStatusError, 404, b.n8n.get_execution, failed)
    refused(httpx.HTTPStatusError, 401,
            n8n_client.N8nClient(api_key="wrong", base_url=BASE).get_executions)


@case("n8npy-client lists, reads, retries and deletes executions, and knows what went wrong by its status")
def _(b):
    client = n8n_api.N8nClient(base_url=f"{BASE}/api/v1", api_key=b.token)
    failed = b.trigger("failing").number
    page = client.get_executions(status="error", workflowId="failing", limit=1, includeData=True)
    equal([one["id"] for one in page["data"]], [str(failed)], "the newest failure")
    expect("runData" in page["data"][0]["data"]["resultData"], "its data")
    b.trigger("failing")
    first = client.get_executions(workflowId="failing", limit=1)
    second = client.get_executions(workflowId="failing", limit=1, cursor=first["nextCursor"])
    equal(second["data"][0]["id"], str(failed), "the second page")
    equal(client.get_execution(failed)["status"], "error", "status")
    again = client.retry_execution(failed, loadWorkflow=True)
    equal(again["retryOf"], str(failed), "retryOf")
    b.until(again["id"])
    equal(client.delete_execution(failed)["id"], failed, "deleted")
    for kind, call in (
            (n8n_api.N8nNotFoundError, lambda: client.get_execution(failed)),
            (n8n_api.N8nAuthError, n8n_api.N8nClient(
                base_url=f"{BASE}/api/v1", api_key="wrong").get_executions)):
        try:
            call()
        except kind:
            continue
        raise AssertionError(f"expected {kind.__name__}")


@case("n8n-sdk-python lists, reads and deletes executions, as its models have them")
def _(b):
    executions = n8n_sdk_python.N8nClient(base_url=BASE, api_key=b.token).executions
    done = b.trigger("three-noops").number

    async def calls():
        page = await executions.list_executions(
            status=ExecutionStatus.SUCCESS, workflow_id="three-noops", limit=1)
        equal([one.id for one in page.data], [str(done)], "the newest")
        one = await executions.get_execution(done, include_data=True)
        expect(one.finished and one.startedAt <= one.stoppedAt, f"found {one}")
        expect("runData" in one.data.root["resultData"], f"found {one.data}")
        equal((await executions.delete_execution(done)).id, done, "deleted")
        try:
            await executions.get_execution(done)
        except N8nAPIError as error:
            equal(error.status_code, 404, f"{error}")
        else:
            raise AssertionError("it is still there")
    asyncio.run(calls())


@case("n8n-client keeps tags")
def _(b):
    tag = b.n8n.create_tag(unique("tag"))
    equal(b.n8n.get_tag(tag["id"])["name"], tag["name"], "the tag")
    expect(tag["id"] in [one["id"] for one in b.n8n.get_tags(limit=100).data], "the list")
    equal(b.n8n.update_tag(tag["id"], tag["name"] + "2")["name"], tag["name"] + "2", "renamed")
    b.n8n.delete_tag(tag["id"])
    refused(httpx.HTTPStatusError, 404, b.n8n.get_tag, tag["id"])


@case("nodeloom-sdk runs workflows and reads executions with an SDK token")
def _(b):
    loom = b.loom(OPERATOR)
    listed = {one["id"]: one for one in loom.list_workflows("default")}
    expect("three-noops" in listed, f"workflows: {listed}")
    workflow = loom.get_workflow("three-noops")
    equal(workflow["id"], "three-noops", "the workflow")
    answer = loom.execute_workflow(workflow["id"], {"orderId": 42})
    execution = answer["executionId"]
    b.until(execution)
    found = loom.get_execution(execution)
    equal((found["status"], found["inputData"]), ("SUCCESS", {"orderId": 42}), "the execution")
    equal(loom.execute_workflow(workflow["id"])["executionId"] != execution, True, "no input")
    page = loom.list_executions("default", page=0, size=1)
    equal((page["number"], page["size"], len(page["content"])), (0, 1, 1), "the page")


@case("nodeloom-sdk says what was wrong, from the field that it reads")
def _(b):
    error = refused(ApiError, 403, b.loom(VIEWER).execute_workflow, "three-noops")
    expect("operator" in error.message, error.message)
    refused(ApiError, 404, b.loom(VIEWER).get_execution, "00000000-0000-4000-8000-000000000000")
    refused(ApiError, 403, b.loom(VIEWER).list_executions, "elsewhere")
    refused(ApiError, 401, ApiClient("sdk_wrong", endpoint=BASE).list_workflows, "default")


@case("nodeloom-sdk runs a workflow that chooses, and shows the branch")
def _(b):
    workflow = b.put(chain(unique("wf"), {
        "id": "v", "type": "if", "name": "Validate",
        "data": {"condition": "${ .input.orderId == 42 }"}})).id
    loom = b.loom(OPERATOR)
    execution = loom.execute_workflow(workflow, {"orderId": 42})["executionId"]
    b.until(execution)
    node = loom.get_execution(execution)["nodeExecutions"][1]
    equal((node["nodeType"], node["outputData"]["branch"]), ("IF_ELSE", "true"), "the branch")


if __name__ == "__main__":
    run("products", Bench())

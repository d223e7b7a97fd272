#!/usr/bin/env python3
"""A stock Python gRPC client on what becomes of executions after their end: retry and edited replay.

Reads SIGNALBOX_SERVER, SIGNALBOX_CA and SIGNALBOX_TOKEN; with_server.py provides them.
"""
import json

import grpc
from google.protobuf import duration_pb2

from cases import case, equal, expect, run
from connection import Connection, refused, unique
from signalbox.v1 import execution_pb2, workflow_service_pb2
from signalbox.v1 import execution_service_pb2 as es

Code = grpc.StatusCode
MINUTE = duration_pb2.Duration(seconds=60)
FULL = execution_pb2.EXECUTION_VIEW_FULL
COMPLETED = execution_pb2.EXECUTION_STATUS_COMPLETED
FAILED = execution_pb2.EXECUTION_STATUS_FAILED
SUSPENDED = execution_pb2.EXECUTION_STATUS_SUSPENDED
RETRY = execution_pb2.TRIGGER_KIND_RETRY


def graph(name, *nodes, edges=()):
    """A chain of nodes between start and end; further edges where it is none."""
    listed = [{"id": "s", "type": "start"}, *nodes, {"id": "e", "type": "end"}]
    chain = [(a["id"], b["id"]) for a, b in zip(listed, listed[1:])]
    return json.dumps({"id": name, "nodes": listed, "edges": [
        {"source": source, "target": target} for source, target in chain + list(edges)]})


def put(c, definition):
    return c.workflows.Put(workflow_service_pb2.PutWorkflowRequest(definition_json=definition))


def triggered(c, workflow, **fields):
    return c.executions.Trigger(
        es.TriggerRequest(workflow_id=workflow, wait=MINUTE, **fields)).execution


def get(c, execution_id):
    return c.executions.Get(es.GetExecutionRequest(execution_id=execution_id, view=FULL))


def ended(c, execution_id):
    """Follows the events to the end, or until it suspends."""
    stream = c.executions.Watch(es.WatchRequest(execution_id=execution_id))
    for batch in stream:
        if any(event.WhichOneof("kind") == "execution_suspended" for event in batch.events):
            stream.cancel()
            break
    return get(c, execution_id)


def reused(execution):
    return {node.node_id for node in execution.node_executions if node.reused}


@case("a retry takes over what completed, and a fixed version is used where it is asked for")
def _(c):
    name = unique("retry")
    noop = {"id": "n", "type": "noop"}
    put(c, graph(name, noop, {"id": "v", "type": "set", "data": {"value": "${.input | error}"}}))
    failed = triggered(c, name, input_json='{"x":7}')
    equal(failed.status, FAILED, "status")
    again = ended(c, c.executions.Retry(es.RetryRequest(execution_id=failed.id)).id)
    equal(again.status, FAILED, "status of the retry of the same version")
    put(c, graph(name, noop, {"id": "v", "type": "set", "data": {"value": "${.input.x}"}}))
    fixed = ended(c, c.executions.Retry(
        es.RetryRequest(execution_id=failed.id, current_version=True)).id)
    equal((fixed.status, fixed.output_json, fixed.workflow_version), (COMPLETED, "7", 2), "retry")
    equal((fixed.trigger, fixed.source_id, fixed.source_number),
          (RETRY, failed.id, failed.number), "link to the source")
    equal(reused(fixed), {"s", "n"}, "results taken over")
    source = get(c, failed.id)
    equal((source.retried_by.id, source.retry_success.number), (fixed.id, fixed.number), "links")
    listed = c.executions.List(es.ListExecutionsRequest(
        filter=es.ExecutionFilter(workflow_ids=[name]))).executions
    equal({row.id: row.retried_by.id for row in listed}[failed.id], fixed.id, "link in the list")


@case("a retry names the nodes that the current version does not have")
def _(c):
    name = unique("retry")
    put(c, graph(name, {"id": "gone", "type": "fail", "data": {"message": "no"}}))
    failed = triggered(c, name)
    put(c, graph(name))
    details = refused(
        Code.FAILED_PRECONDITION, c.executions.Retry,
        es.RetryRequest(execution_id=failed.id, current_version=True), reason="NODES_MISSING")
    expect("gone" in str(details), f"expected the node's id, found {details}")


@case("only what failed or was cancelled is retried, and a repeat gets the first result")
def _(c):
    name = unique("retry")
    put(c, graph(name))
    completed = triggered(c, name)
    refused(Code.FAILED_PRECONDITION, c.executions.Retry,
            es.RetryRequest(execution_id=completed.id), reason="EXECUTION_COMPLETED")
    c.put("approval")
    waiting = triggered(c, "approval")
    refused(Code.FAILED_PRECONDITION, c.executions.Retry,
            es.RetryRequest(execution_id=waiting.id), reason="EXECUTION_NOT_FINAL")
    c.executions.Cancel(es.CancelExecutionRequest(execution_id=waiting.id))
    request = es.RetryRequest(execution_id=waiting.id, request_id=unique())
    first = c.executions.Retry(request)
    equal(c.executions.Retry(request).id, first.id, "the repeat")
    equal(ended(c, first.id).status, SUSPENDED, "the approval is asked again")
    refused(Code.NOT_FOUND, c.executions.Retry, es.RetryRequest(execution_id="999999999"))


@case("a replay takes another input, or other results before its node")
def _(c):
    name = unique("replay")
    put(c, graph(name, {"id": "n", "type": "noop"},
                 {"id": "v", "type": "set", "data": {"value": {"got": "${.input.x}"}}}))
    first = triggered(c, name, input_json='{"x":1}')
    other = ended(c, c.executions.Replay(
        es.ReplayRequest(execution_id=first.id, input_json='{"x":2}')).id)
    equal((other.input_json, other.output_json), ('{"x":2}', '{"got":2}'), "edited input")
    output = es.NodeOutput(node_id="n", output_json='{"x":3}')
    third = ended(c, c.executions.Replay(es.ReplayRequest(
        execution_id=first.id, from_node_id="v", outputs=[output])).id)
    equal(third.output_json, '{"got":3}', "edited output")
    equal([node.node_id for node in third.node_executions if node.edited], ["n"], "edited nodes")
    for fields in (
            {"input_json": "{"}, {"input_json": "1", "from_node_id": "v"}, {"outputs": [output]},
            {"from_node_id": "v", "outputs": [es.NodeOutput(node_id="v", output_json="1")]},
            {"from_node_id": "v", "outputs": [es.NodeOutput(node_id="n", output_json="{")]}):
        refused(Code.INVALID_ARGUMENT, c.executions.Replay,
                es.ReplayRequest(execution_id=first.id, **fields))


if __name__ == "__main__":
    with Connection.from_environment() as connection:
        run("life", connection)

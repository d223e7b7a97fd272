#!/usr/bin/env python3
"""Workflows of every legal and illegal shape, through a stock gRPC client: each legal one is saved and run,
and gives what it must; each illegal one is refused with every fault it has, and leaves nothing behind.
"""
import itertools
import json
import pathlib
import socket
import sys

import grpc
from google.protobuf import duration_pb2
from google.rpc import error_details_pb2

from cases import case, equal, expect, run
from connection import Connection, refused, unpack
from signalbox.v1 import execution_pb2 as ex
from signalbox.v1 import execution_service_pb2 as es
from signalbox.v1 import workflow_service_pb2 as ws

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import with_server  # noqa: E402  (after the path that holds it)

Code = grpc.StatusCode
COMPLETED, FAILED = ex.EXECUTION_STATUS_COMPLETED, ex.EXECUTION_STATUS_FAILED
START, END = {"id": "start", "type": "start"}, {"id": "end", "type": "end"}
# How many of each kind were tried.
tried = {"legal": 0, "illegal": 0}


def node(id, type, **data):
    return {"id": id, "type": type, **({"data": data} if data else {})}


def edge(source, target, handle=None):
    return {"source": source, **({"sourceHandle": handle} if handle else {}), "target": target}


def graph(nodes, edges):
    """`nodes` between a start and an end; `edges` as "a>b" or "a:handle>b"."""
    def parsed(text):
        source, target = text.split(">")
        source, _, handle = source.partition(":")
        return edge(source, target, handle)
    return {"nodes": [START, *nodes, END],
            "edges": [parsed(text) for text in edges.split()]}


def chain(*nodes):
    ids = ["start", *(each["id"] for each in nodes), "end"]
    return graph(nodes, " ".join(f"{a}>{b}" for a, b in zip(ids, ids[1:])))


class Runner:
    """Saves workflows under ids of its own and runs them."""

    def __init__(self, connection):
        self.c, self.count = connection, 0

    def save(self, definition):
        self.count += 1
        tried["legal"] += 1
        name = f"shape-{self.count}"
        saved = self.c.workflows.Put(ws.PutWorkflowRequest(
            workflow_id=name, definition_json=json.dumps(definition)))
        equal(saved.version, 1, "version")
        return name

    def run(self, definition, input=None):
        name = self.save(definition)
        return self.c.executions.Trigger(es.TriggerRequest(
            workflow_id=name, input_json=json.dumps(input),
            wait=duration_pb2.Duration(seconds=60)), timeout=70).execution

    def gives(self, definition, output, input=None, title=""):
        found = self.run(definition, input)
        equal((found.status, found.error.code), (COMPLETED, ""), f"{title}: status")
        equal(json.loads(found.output_json), output, f"{title}: output")
        return found

    def fails(self, definition, code, input=None, title=""):
        found = self.run(definition, input)
        equal((found.status, found.error.code), (FAILED, code),
              f"{title}: status and code ({found.error.message})")
        expect(found.error.message, f"{title}: a message")
        return found


# Legal: graphs


@case("chains of any length hand their input on")
def _(r):
    for length in (0, 1, 2, 5, 20, 200):
        r.gives(chain(*(node(f"n{i}", "noop") for i in range(length))), {"a": [1, None]},
                {"a": [1, None]}, f"{length} nodes")


@case("branches run beside each other, and the join gets the output of each")
def _(r):
    for width in (2, 3, 10, 100):
        nodes = [node(f"n{i}", "set", value=i) for i in range(width)]
        edges = " ".join(f"start>n{i} n{i}>end" for i in range(width))
        r.gives(graph(nodes, edges), {f"n{i}": i for i in range(width)}, title=f"{width} wide")


@case("diamonds on diamonds, and edges that pass nodes over")
def _(r):
    for depth in (1, 2, 6):
        nodes, edges, before = [], [], "start"
        for level in range(depth):
            for side in "ab":
                nodes.append(node(f"{side}{level}", "set", value=f"{side}{level}"))
                edges += [f"{before}>{side}{level}", f"{side}{level}>j{level}"]
            nodes.append(node(f"j{level}", "noop"))
            before = f"j{level}"
        r.gives(graph(nodes, " ".join([*edges, f"{before}>end"])),
                {f"{side}{depth - 1}": f"{side}{depth - 1}" for side in "ab"}, title=f"{depth} deep")
    r.gives(graph([node("a", "set", value=1), node("b", "set", value="${ .input + 1 }")],
                  "start>a a>b a>end b>end"), {"a": 1, "b": 2}, title="a shortcut")


@case("each way through three questions leads where it must, and the others are skipped")
def _(r):
    for answers in itertools.product((True, False), repeat=3):
        nodes, edges = [], []

        def ask(path):
            if len(path) == 3:
                nodes.append(node("leaf" + path, "set", value=path))
                edges.append(f"leaf{path}>end")
                return "leaf" + path
            nodes.append(node("if" + path, "if", condition=f"${{ .execution.input[{len(path)}] }}"))
            for handle in ("true", "false"):
                edges.append(f"if{path}:{handle}>{ask(path + handle[0])}")
            return "if" + path

        edges.append(f"start>{ask('')}")
        wanted = "".join("t" if answer else "f" for answer in answers)
        found = r.gives(graph(nodes, " ".join(edges)), wanted, list(answers), wanted)
        full = r.c.executions.Get(es.GetExecutionRequest(
            execution_id=found.id, view=ex.EXECUTION_VIEW_FULL))
        skipped = {each.node_id for each in full.node_executions
                   if each.status == ex.NODE_STATUS_SKIPPED}
        leaves = {f"leaf{''.join(path)}" for path in itertools.product("tf", repeat=3)}
        equal(skipped & leaves, leaves - {f"leaf{wanted}"}, "skipped leaves")


@case("a branch that is not chosen is skipped to the join, however long it is")
def _(r):
    nodes = [node("ask", "if", condition="${ .input }"), node("yes", "set", value="yes"),
             *(node(f"n{i}", "noop") for i in range(3))]
    edges = "start>ask ask:true>yes yes>end ask:false>n0 n0>n1 n1>n2 n2>end"
    r.gives(graph(nodes, edges), "yes", True, "chosen")
    r.gives(graph(nodes, edges), False, False, "the long one")
    # Both handles may lead to one place, and one handle to several.
    both = "start>ask ask:true>yes ask:true>n0 ask:false>n1 yes>end n0>end n1>end n2>end start>n2"
    r.gives(graph(nodes, both), {"yes": "yes", "n0": True, "n2": True}, True, "two from one handle")


@case("a switch leaves by the case that equals its value, or by default")
def _(r):
    for value, wanted in (("a", "A"), ("b", "B"), ("c", "other"), (1, "one"), (True, "yes"),
                          (None, "other"), ("A", "other"), ("default", "other")):
        nodes = [node("s", "switch", value="${ .input }", cases=["a", "b", "1", "true"]),
                 *(node(id, "set", value=text) for id, text in
                   (("na", "A"), ("nb", "B"), ("n1", "one"), ("nt", "yes"), ("no", "other")))]
        edges = ("start>s s:a>na s:b>nb s:1>n1 s:true>nt s:default>no "
                 "na>end nb>end n1>end nt>end no>end")
        r.gives(graph(nodes, edges), wanted, value, repr(value))
    alone = graph([node("s", "switch", value="${ .input }", cases=["a"])], "start>s s:a>end")
    r.gives(alone, "a", "a", "its case")
    nothing = r.run(alone, "b")
    equal((nothing.status, nothing.output_json), (COMPLETED, "null"), "a value without an edge")


@case("no end gives null, several ends an object, one of several that ran its own output")
def _(r):
    lone = {"nodes": [START, node("a", "noop")], "edges": [edge("start", "a")]}
    r.gives(lone, None, 1, "no end")
    r.gives({"nodes": [START], "edges": []}, None, 1, "only a start")
    two = {"nodes": [START, node("x", "end", output=1), node("y", "end", output="${ .input }")],
           "edges": [edge("start", "x"), edge("start", "y")]}
    r.gives(two, {"x": 1, "y": 7}, 7, "two ends")
    one = {"nodes": [START, node("ask", "if", condition="${ .input }"), node("x", "end", output=1),
                     node("y", "end", output=2)],
           "edges": [edge("start", "ask"), edge("ask", "x", "true"), edge("ask", "y", "false")]}
    r.gives(one, 1, True, "one of two ends")
    r.gives(one, 2, False, "the other")


@case("what editors save beside the graph is no fault and changes nothing")
def _(r):
    definition = chain(node("a", "noop", label="A", description="does nothing"))
    definition.update(viewport={"x": 1, "zoom": 2}, name="Zoë's ☃")
    for each in definition["nodes"]:
        each.update(position={"x": 1.5, "y": -2}, selected=True, width=100)
    for index, each in enumerate(definition["edges"]):
        each.update(id=f"e{index}", animated=True, targetHandle="in")
    r.gives(definition, 3, 3)


# Legal: data and expressions


@case("values keep their types and digits")
def _(r):
    for value, output in (
            ("text", "text"), (1.5, 1.5), (True, True), (None, None), ([1, ["a", {}]], [1, ["a", {}]]),
            ({"a": {"b": []}}, {"a": {"b": []}}), ("", ""), ("☃ \U0001F600", "☃ \U0001F600"),
            ("${ .input.n }", 7), ("n is ${ .input.n }!", "n is 7!"), ("$${ .input }", "${ .input }"),
            ({"k": "${ .input.list[1] }"}, {"k": "b"}), ("${ .input.list | length }", 2),
            ("${ .input.nothing }", None), ("${ [.input.list[] | ascii_upcase] }", ["A", "B"]),
            ("${ .last.n + .nodes.start.output.n }", 14), ("${ .execution.workflowVersion }", 1)):
        r.gives(chain(node("a", "set", value=value)), output, {"n": 7, "list": ["a", "b"]}, repr(value))
    digits = "1234567890123456789012345678901234567890.10"
    name = r.save(chain(node("a", "set", value="${ .input.n }")))
    found = r.c.executions.Trigger(es.TriggerRequest(
        workflow_id=name, input_json=f'{{"n": {digits}}}', wait=duration_pb2.Duration(seconds=60)))
    equal(found.execution.output_json, digits, "digits")


@case("errors fail, are made the output, or are routed")
def _(r):
    boom = {"code": "BOOM", "message": "no"}
    found = r.fails(chain(node("a", "fail", **boom)), "BOOM", title="unhandled")
    equal(found.error.node_path, "a", "where")
    continued = r.run(chain(node("a", "fail", onError="continue", **boom)))
    equal((continued.status, json.loads(continued.output_json)["code"]), (COMPLETED, "BOOM"), "continue")
    routed = graph([node("a", "fail", onError="route", **boom), node("b", "set", value="${ .input.code }")],
                   "start>a a:error>b b>end")
    r.gives(routed, "BOOM", title="route")
    tried_again = chain(node("a", "fail", retry={"attempts": 3, "delay": "1ms"}, **boom))
    found = r.fails(tried_again, "BOOM", title="retry")
    full = r.c.executions.Get(es.GetExecutionRequest(
        execution_id=found.id, view=ex.EXECUTION_VIEW_FULL))
    equal([each.attempt for each in full.node_executions if each.node_id == "a"], [3], "attempts")
    siblings = graph([node("a", "fail", **boom), node("w", "wait", duration="1h")],
                     "start>a start>w a>end w>end")
    r.fails(siblings, "BOOM", title="a sibling that waits")
    r.gives(chain(node("a", "fail", bypass=True, **boom)), 5, 5, "bypass")


@case("waits end, and time-outs end what lasts")
def _(r):
    r.gives(chain(node("a", "wait", duration="5ms")), 1, 1, "a duration")
    r.gives(chain(node("a", "wait", until="2001-01-01T00:00:00Z")), 1, 1, "an instant that has passed")
    found = r.fails(chain(node("a", "wait", duration="1h", timeout="5ms")), "NODE_TIMED_OUT")
    equal(found.reason, ex.EXECUTION_REASON_TIMED_OUT, "reason")


@case("loops and tries run their bodies, also within each other")
def _(r):
    body = chain(node("b", "set", value="${ .item * 2 }"))
    for items in ([], [1], list(range(30))):
        r.gives(chain(node("e", "foreach", items="${ .input }", body=body)), [2 * i for i in items],
                items, f"{len(items)} items")
    one = chain(node("e", "foreach", items="${ .input }", concurrency=1, body=body))
    r.gives(one, [2, 4], [1, 2], "one at a time")
    nested = chain(node("e", "foreach", items="${ .input }", body=chain(
        node("i", "foreach", items="${ .item }", body=body))))
    r.gives(nested, [[2], [], [4, 6]], [[1], [], [2, 3]], "loops in a loop")
    boom = chain(node("f", "fail", code="BOOM", message="no"))
    caught = chain(node("s", "set", value="${ .error.code }"))
    guard = {"body": boom, "catch": [{"on": ["OTHER"], "body": chain()}, {"on": ["BOOM"], "body": caught}],
             "finally": chain()}
    r.gives(chain(node("t", "try", **guard)), "BOOM", title="caught by its code")
    r.gives(chain(node("t", "try", body=boom, catch=[{"body": caught}])), "BOOM", title="caught by all")
    r.fails(chain(node("t", "try", body=boom, catch=[{"on": ["OTHER"], "body": caught}])), "BOOM")
    r.gives(chain(node("e", "foreach", items="${ .input }", body=chain(node("t", "try", **guard)))),
            ["BOOM"] * 2, [1, 2], "a try in a loop")


@case("an input schema lets in what satisfies it and refuses the rest")
def _(r):
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    definition = chain()
    definition["nodes"][0] = node("start", "start", inputSchema=schema)
    r.gives(definition, {"n": 1}, {"n": 1})
    name = r.save(definition)
    for bad in ("{}", '{"n": 1.5}', "[]", "null"):
        refused(Code.INVALID_ARGUMENT, r.c.executions.Trigger,
                es.TriggerRequest(workflow_id=name, input_json=bad))


@case("what goes wrong in a run has its documented code")
def _(r):
    for title, definition, code in (
            ("a condition that is none", graph([node("i", "if", condition="${ .input }")],
                                               "start>i i:true>end i:false>end"),
             "CONDITION_NOT_BOOLEAN"),
            ("an expression that fails", chain(node("a", "set", value="${ error(\"x\") }")),
             "EXPRESSION_FAILED"),
            ("no result", chain(node("a", "set", value="${ empty }")), "EXPRESSION_OUTPUT_COUNT"),
            ("two results", chain(node("a", "set", value="${ 1, 2 }")), "EXPRESSION_OUTPUT_COUNT"),
            ("a number that doubles cannot hold", chain(node("a", "set", value="${ pow(2; 60) }")),
             "EXPRESSION_NUMBER_RANGE"),
            ("items that are none", chain(node("e", "foreach", items="${ .input }", body=chain())),
             "ITEMS_NOT_ARRAY"),
            ("a duration that is none", chain(node("w", "wait", duration="${ \"soon\" }")), "BAD_DURATION"),
            ("an instant that is none", chain(node("w", "wait", until="${ \"soon\" }")), "BAD_INSTANT"),
            ("a URL that is none", chain(node("h", "http", url="${ \"gopher://x\" }")), "HTTP_BAD_URL"),
            ("an address that is not allowed", chain(node("h", "http", url="http://127.0.0.1:9/")),
             "HTTP_FORBIDDEN_ADDRESS"),
            ("a workflow that is none", chain(node("w", "workflow", workflowId="no-such-workflow")),
             "WORKFLOW_NOT_FOUND"),
            ("a result that is too large",
             chain(node("a", "set", value="${ [range(300000)] }")), "EXPRESSION_TOO_LARGE")):
        r.fails(definition, code, 7, title)


@case("expressions that loop or allocate end with their code, and the next ones are served")
def _(r):
    for program, code in (
            ("[limit(1e18; repeat(1))] | length", None), ("last(range(1e18))", "EXPRESSION_TIMED_OUT"),
            ("def f: f; f", "EXPRESSION_TIMED_OUT"), ("[range(1e18)]", None),
            ("\"x\" * 1e9", None), ("reduce range(1e9) as $i (\"x\"; . + .)", None)):
        found = r.run(chain(node("a", "set", value=f"${{ {program} }}")))
        equal(found.status, FAILED, program)
        # Whether time, memory or the machine's own limit is met first is the machine's to say.
        expect(found.error.code in ({code} if code else {
            "EXPRESSION_TIMED_OUT", "EXPRESSION_MEMORY", "EXPRESSION_TOO_LARGE", "EXPRESSION_FAILED"}),
            f"{program}: found {found.error.code} ({found.error.message})")
        r.gives(chain(node("a", "set", value="${ 1 + 1 }")), 2, title=f"after {program}")


@case("a node's error has its code, whatever goes wrong while it runs")
def _(r):
    silent, closed = socket.socket(), socket.socket()
    silent.bind(("127.0.0.1", 0))
    silent.listen()
    closed.bind(("127.0.0.1", 0))  # Never listens.
    places = [f"http://127.0.0.1:{each.getsockname()[1]}/" for each in (silent, closed)]
    for kind, data, code in (
            ("log", {"message": "${ \"x\" * 100000 }"}, "LOG_TOO_LARGE"),
            ("approval", {"deadline": "${ .input }"}, "BAD_DEADLINE"),
            ("http", {"url": "http://127.0.0.1/", "headers": {"x": "${ \"a\\nb\" }"}}, "HTTP_BAD_HEADER"),
            ("http", {"url": "http://127.0.0.1:1/"}, "HTTP_FORBIDDEN_ADDRESS"),
            ("http", {"url": "http://nowhere.invalid/"}, "HTTP_UNREACHABLE"),
            ("http", {"url": "${ .input }"}, "HTTP_BAD_URL")):
        r.fails(chain(node("a", kind, **data)), code, "someday", title=code)
    server = with_server.Server(*(word for place in places
                                  for word in ("--http-allow", place.split("/")[2]))).start()
    with Connection(server.address, with_server.CERTS / "ca.pem", token=server.token) as c:
        others = Runner(c)
        others.fails(chain(node("a", "http", url=places[1])), "HTTP_UNREACHABLE", title="nobody listens")
        others.fails(chain(node("a", "http", url=places[0], timeout="200ms")), "NODE_TIMED_OUT", title="silence")
    equal(server.stop(), 0, "exit status")
    server.remove()
    silent.close()
    closed.close()


# Illegal


def found_faults(r, text):
    """The faults that Validate lists, as "CODE pointer"; Put must refuse with as many."""
    tried["illegal"] += 1
    faults = r.c.workflows.Validate(ws.ValidateWorkflowRequest(definition_json=text)).faults
    expect(faults, f"faults, found none in {text[:200]}")
    expect(all(fault.message for fault in faults), "a message with every fault")
    details = refused(Code.INVALID_ARGUMENT, r.c.workflows.Put,
                      ws.PutWorkflowRequest(workflow_id="illegal", definition_json=text))
    shown = [v for detail in details for v in
             (unpack(detail, error_details_pb2.BadRequest) or error_details_pb2.BadRequest())
             .field_violations]
    expect(shown, "violations with the refusal")
    missing = 0
    if not shown[-1].field:
        # There was no room for all of them, and the last one says so.
        missing = int(shown.pop().description.split()[1])
    equal(len(shown) + missing, len(faults), "violations of Put")
    for violation, fault in zip(shown, faults):
        expect(violation.description.startswith(fault.code), f"{violation} beside {fault}")
    return sorted(f"{fault.code} {fault.pointer}" for fault in faults)


@case("a graph that is none is refused with every fault")
def _(r):
    s = '{"id":"s","type":"start"}'
    for text, wanted in (
            ("{", ["BAD_JSON "]), ('{"nodes":[],"nodes":[]}', ["BAD_JSON "]), ("[]", ["BAD_TYPE "]),
            ('"x"', ["BAD_TYPE "]), ("{}", ["MISSING_FIELD "]), ('{"nodes":{}}', ["BAD_TYPE /nodes"]),
            ('{"nodes":[]}', ["MISSING_START /nodes"]),
            (f'{{"nodes":[{s},{{"id":"t","type":"start"}}]}}', ["MULTIPLE_START /nodes/1"]),
            (f'{{"nodes":[{s},7,{{}}]}}',
             ["BAD_TYPE /nodes/1", "MISSING_FIELD /nodes/2", "MISSING_FIELD /nodes/2"]),
            (f'{{"nodes":[{s}],"edges":[{{}},3]}}',
             ["BAD_TYPE /edges/1", "MISSING_FIELD /edges/0", "MISSING_FIELD /edges/0"]),
            (f'{{"nodes":[{s},{{"id":"a","type":"noop"}},{{"id":"a","type":"noop"}}],'
             '"edges":[{"source":"s","target":"a"}]}', ["DUPLICATE_ID /nodes/2/id"]),
            (f'{{"nodes":[{s}],"edges":[{{"source":"s","target":"a"}},{{"source":"b","target":"c"}}]}}',
             ["DANGLING_EDGE /edges/0/target", "DANGLING_EDGE /edges/1/source",
              "DANGLING_EDGE /edges/1/target"]),
            (f'{{"nodes":[{s},{{"id":"e","type":"end"}}],"edges":[{{"source":"s","target":"e"}},'
             '{"source":"s","target":"e"}]}', ["DUPLICATE_EDGE /edges/1"]),
            ('{"id":"a b","nodes":[{"id":"s.x","type":"start"}]}', ["BAD_ID /id", "BAD_ID /nodes/0/id"]),
            (f'{{"nodes":[{s},{{"id":"a","type":"noop"}},{{"id":"b","type":"noop"}}],'
             '"edges":[{"source":"a","target":"b"}]}',
             ["UNREACHABLE_NODE /nodes/1", "UNREACHABLE_NODE /nodes/2"])):
        equal(found_faults(r, text), sorted(wanted), text)
    for length in (1, 2, 3, 50):
        nodes = [node(f"n{i}", "noop") for i in range(length)]
        edges = "start>n0 " + " ".join(f"n{i}>n{(i + 1) % length}" for i in range(length)) + " n0>end"
        equal(found_faults(r, json.dumps(graph(nodes, edges))),
              sorted(f"CYCLE /nodes/{i + 1}" for i in range(length)), f"a circle of {length}")


# A kind, its data, its faults with @ for the data and # for the node; handles of edges to the end.
BAD_NODES = [
    ("noop", {"url": "x"}, ["UNKNOWN_FIELD @/url"], [""]),
    ("noop", {"retry": {}}, ["MISSING_FIELD @/retry"], [""]),
    ("noop", {"retry": 3}, ["BAD_RETRY @/retry"], [""]),
    ("noop", {"retry": {"attempts": 0, "backoff": 0.5, "x": 1}},
     ["BAD_RETRY @/retry/attempts", "BAD_RETRY @/retry/backoff", "UNKNOWN_FIELD @/retry/x"], [""]),
    ("noop", {"timeout": "soon"}, ["BAD_DURATION @/timeout"], [""]),
    ("noop", {"onError": "ignore"}, ["BAD_VALUE @/onError"], [""]),
    ("noop", {"onError": "route"}, ["MISSING_EDGE #"], [""]),
    ("noop", {"breakpoint": "here"}, ["BAD_VALUE @/breakpoint"], [""]),
    ("noop", {"bypass": "yes"}, ["BAD_TYPE @/bypass"], [""]),
    ("teleport", {}, ["UNKNOWN_KIND #/type"], [""]),
    ("set", {}, ["MISSING_FIELD @"], [""]),
    ("set", {"value": {"a": "${ .input"}}, ["BAD_EXPRESSION @/value/a"], [""]),
    ("set", {"value": ["${ env }", "${ input }", "${ $ENV }", "${ import \"a\" as a; 1 }"]},
     [f"BAD_EXPRESSION @/value/{i}" for i in range(4)], [""]),
    ("set", {"value": ["${ nope(1) }", "${ 1 + }", "${ env }", "${ .fine }"]},
     [f"BAD_EXPRESSION @/value/{i}" for i in range(3)], [""]),
    ("set", {"value": "${ debug } ${ stderr }"}, ["BAD_EXPRESSION @/value"] * 2, [""]),
    ("if", {}, ["MISSING_FIELD @"], ["true", "false"]),
    ("if", {"condition": "yes"}, ["BAD_TYPE @/condition"], ["true", "false"]),
    ("switch", {"value": 1, "cases": ["a", "a"]}, ["BAD_VALUE @/cases"], ["a"]),
    ("foreach", {}, ["MISSING_FIELD @", "MISSING_FIELD @"], [""]),
    ("foreach", {"items": 7, "concurrency": 0, "body": {"nodes": []}},
     ["BAD_TYPE @/items", "BAD_VALUE @/concurrency", "MISSING_START @/body/nodes"], [""]),
    ("try", {"body": {"nodes": [START]}}, ["MISSING_FIELD @/catch"], [""]),
    ("wait", {}, ["MISSING_FIELD @/duration"], [""]),
    ("wait", {"until": "tomorrow"}, ["BAD_INSTANT @/until"], [""]),
    ("workflow", {"workflowId": "a b", "version": 0},
     ["BAD_ID @/workflowId", "BAD_VALUE @/version"], [""]),
    ("event", {"event": "", "key": {}}, ["BAD_VALUE @/event", "BAD_TYPE @/key"], [""]),
    ("http", {}, ["MISSING_FIELD @"], [""]),
    ("http", {"url": "file:///etc/passwd", "method": "get", "redirects": 21},
     ["BAD_URL @/url", "BAD_VALUE @/method", "BAD_VALUE @/redirects"], [""]),
    ("http", {"url": "http://a/", "headers": {"a b": "c"}}, ["BAD_VALUE @/headers"], [""]),
    ("http", {"url": "http://a/", "auth": {"type": "digest"}}, ["BAD_VALUE @/auth/type"], [""]),
    ("approval", {"deadline": "later"}, ["BAD_DURATION @/deadline"], [""]),
    ("approval", {"onDeadline": "fail"}, ["MISSING_FIELD @/deadline"], [""]),
    ("ask", {"schema": {"type": "objekt", "foo": 1}},
     ["BAD_SCHEMA @/schema/type", "BAD_SCHEMA @/schema/foo"], [""]),
    ("fail", {"code": "no stock"}, ["BAD_VALUE @/code"], [""]),
    ("log", {"message": "m", "level": "loud"}, ["BAD_VALUE @/level"], [""]),
]


def shape_of(bad):
    """A graph in which every node of `bad` stands beside the others, and its faults."""
    nodes, edges, faults = [], [], []
    for index, (type, data, found, handles) in enumerate(bad):
        nodes.append({"id": f"n{index}", "type": type, "data": data})
        edges.append(f"start>n{index}")
        edges += [f"n{index}:{handle}>end" if handle else f"n{index}>end" for handle in handles]
        place = f"/nodes/{index + 1}"
        faults += [fault.replace("@", f"{place}/data").replace("#", place) for fault in found]
    return graph(nodes, " ".join(edges)), sorted(faults)


@case("a bad node is refused with all that is wrong with it")
def _(r):
    for bad in BAD_NODES:
        definition, wanted = shape_of([bad])
        equal(found_faults(r, json.dumps(definition)), wanted, f"{bad[0]} {bad[1]}")


@case("all bad nodes in one definition, and in bodies, are all listed")
def _(r):
    definition, wanted = shape_of(BAD_NODES)
    expect(len(wanted) > 40, "many faults")
    equal(found_faults(r, json.dumps(definition)), wanted, "all at once")
    definition["edges"] += [edge("nowhere", "n0"), edge("start", "n0")]
    count = len(definition["edges"])
    wanted += [f"DANGLING_EDGE /edges/{count - 2}/source", f"DUPLICATE_EDGE /edges/{count - 1}"]
    definition["nodes"].append(node("alone", "noop", wrong=1))
    place = f"/nodes/{len(definition['nodes']) - 1}"
    wanted += [f"UNREACHABLE_NODE {place}", f"UNKNOWN_FIELD {place}/data/wrong"]
    equal(found_faults(r, json.dumps(definition)), sorted(wanted), "and the graph's own")
    body, within = shape_of(BAD_NODES)
    loop = chain(node("e", "foreach", items=[], body=body))
    moved = [fault.replace(" /", " /nodes/1/data/body/") for fault in within]
    equal(found_faults(r, json.dumps(loop)), sorted(moved), "in a body")


@case("what was refused is not there")
def _(r):
    refused(Code.NOT_FOUND, r.c.workflows.Get, ws.GetWorkflowRequest(workflow_id="illegal"))


@case("at least a hundred workflows were tried")
def _(_):
    expect(tried["legal"] >= 80 and tried["illegal"] >= 50 and sum(tried.values()) >= 100, f"{tried}")


def main():
    with Connection.from_environment() as connection:
        grpc.channel_ready_future(connection.raw).result(timeout=20)
        run("shapes", Runner(connection))


main()

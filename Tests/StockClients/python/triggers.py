#!/usr/bin/env python3
"""A stock grpcio client makes schedules and webhooks and reads what they fired; deliveries are signed
and posted over HTTPS with the standard library.

Needs a server in the environment (with_server.py). Times are real: schedules here fire each second.
"""
import hashlib
import hmac
import http.client
import json
import os
import queue
import ssl
import time

import grpc
import requests
import socketio
from google.protobuf import duration_pb2, timestamp_pb2

from cases import case, equal, expect, run
from connection import Connection, refused, unique, unpack

from google.rpc import error_details_pb2
from signalbox.v1 import execution_pb2
from signalbox.v1 import execution_service_pb2 as es
from signalbox.v1 import schedule_service_pb2 as pb
from signalbox.v1 import schedule_service_pb2_grpc
from signalbox.v1 import server_service_pb2 as server_pb
from signalbox.v1 import webhook_service_pb2 as wh
from signalbox.v1 import webhook_service_pb2_grpc
from signalbox.v1 import workflow_service_pb2 as ws

Code = grpc.StatusCode
NEWS_SECONDS_MAX = 15
FIRED, BUFFERED, SKIPPED, MISSED, REFUSED, FAILED = range(1, 7)


def instant(text):
    value = timestamp_pb2.Timestamp()
    value.FromJsonString(text)
    return value


class Bench:
    """A connection, and the workflows `three-noops` and `approval`, deployed."""

    def __init__(self):
        self.connection = Connection.from_environment()
        self.executions = self.connection.executions
        self.workflows = self.connection.workflows
        self.schedules = schedule_service_pb2_grpc.ScheduleServiceStub(self.connection.channel)
        self.webhooks = webhook_service_pb2_grpc.WebhookServiceStub(self.connection.channel)
        self.noops = self.deployed("three-noops")
        self.approval = self.deployed("approval")
        self.news = queue.Queue()
        self.listen()

    def listen(self):
        """News of every execution of the workspace, by Socket.IO; a schedule that fires each second
        makes some, also where the one that is looked at leaves a time out."""
        session = requests.Session()
        session.verify, session.trust_env = os.environ["SIGNALBOX_CA"], False
        self.socket = socketio.Client(http_session=session)
        self.socket.on("execution-update", self.news.put)
        self.socket.connect("https://" + os.environ["SIGNALBOX_SERVER"], transports=["polling"],
                            auth={"token": os.environ["SIGNALBOX_TOKEN"]})
        self.create(overlap_policy=pb.OVERLAP_POLICY_ALLOW_ALL)

    def deployed(self, name):
        workflow = self.connection.put(name).id
        self.workflows.Deploy(ws.DeployWorkflowRequest(workflow_id=workflow))
        return workflow

    def create(self, workflow=None, cron="* * * * * *", **spec):
        paused = spec.pop("paused", False)
        return self.schedules.CreateSchedule(pb.CreateScheduleRequest(
            schedule_id=unique("s"), paused=paused,
            spec=pb.ScheduleSpec(workflow_id=workflow or self.noops, cron=cron, **spec)))

    def get(self, schedule):
        return self.schedules.GetSchedule(pb.GetScheduleRequest(schedule_id=schedule.id))

    def fires(self, schedule):
        return list(reversed(self.schedules.ListScheduleFires(
            pb.ListScheduleFiresRequest(schedule_id=schedule.id, page_size=1000)).fires))

    def until(self, schedule, enough):
        """The schedule's fires, oldest first, once they satisfy `enough`."""
        while not enough(fires := self.fires(schedule)):
            self.news.get(timeout=NEWS_SECONDS_MAX)
        return fires

    def delete(self, schedule):
        self.schedules.DeleteSchedule(pb.DeleteScheduleRequest(schedule_id=schedule.id))


@case("a schedule fires each second once, as its principal, and says so on the execution")
def fires(bench):
    schedule = bench.create(input_json='{"n": 1}', overlap_policy=pb.OVERLAP_POLICY_ALLOW_ALL)
    fires = bench.until(schedule, lambda fires: len(fires) >= 3)
    bench.delete(schedule)
    times = [fire.nominal_time.seconds for fire in fires]
    equal(times, list(range(times[0], times[0] + len(times))), "the nominal times")
    equal({fire.outcome for fire in fires}, {FIRED}, "the outcomes")
    execution = bench.executions.Get(es.GetExecutionRequest(
        execution_id=fires[0].execution_id, view=execution_pb2.EXECUTION_VIEW_FULL))
    equal(execution.trigger, execution_pb2.TRIGGER_KIND_SCHEDULE, "the trigger")
    equal(execution.trigger_id, schedule.id, "the schedule")
    equal(execution.nominal_time, fires[0].nominal_time, "the nominal time")
    equal(execution.triggered_by, schedule.runs_as, "the principal")
    equal(json.loads(execution.input_json), {"n": 1}, "the input")


@case("skip leaves times out while an execution waits for an approval")
def skips(bench):
    schedule = bench.create(bench.approval)
    fires = bench.until(schedule, lambda fires: len(fires) >= 3)
    bench.delete(schedule)
    equal([fire.outcome for fire in fires[:3]], [FIRED, SKIPPED, SKIPPED], "the outcomes")
    equal(fires[1].reason, "OVERLAP", "the reason")


@case("buffer one fires once more when what runs has been answered")
def buffers(bench):
    schedule = bench.create(bench.approval, overlap_policy=pb.OVERLAP_POLICY_BUFFER_ONE)
    fires = bench.until(schedule, lambda fires: len(fires) >= 3)
    equal([fire.outcome for fire in fires[:3]], [FIRED, BUFFERED, SKIPPED], "the outcomes")
    equal(bench.get(schedule).buffered_count, 1, "the number that waits")
    bench.schedules.PauseSchedule(pb.PauseScheduleRequest(schedule_id=schedule.id))
    bench.schedules.ResumeSchedule(pb.ResumeScheduleRequest(schedule_id=schedule.id))
    bench.executions.Respond(es.RespondRequest(
        execution_id=fires[0].execution_id, decision=es.DECISION_APPROVE))
    fires = bench.until(schedule, lambda fires: fires[1].outcome == FIRED)
    bench.delete(schedule)


@case("cancel other cancels what runs in the name of the schedule")
def cancels(bench):
    schedule = bench.create(bench.approval, overlap_policy=pb.OVERLAP_POLICY_CANCEL_OTHER)
    fires = bench.until(schedule, lambda fires: len(fires) >= 2)
    bench.delete(schedule)
    first = bench.executions.Get(es.GetExecutionRequest(execution_id=fires[0].execution_id))
    equal(first.status, execution_pb2.EXECUTION_STATUS_CANCELLED, "the first one's status")
    equal(first.ended_by, f"schedule:{schedule.id}", "by whom")


@case("buffer all fires each in its order, one after the other")
def buffers_all(bench):
    schedule = bench.create(bench.approval, overlap_policy=pb.OVERLAP_POLICY_BUFFER_ALL)
    fires = bench.until(schedule, lambda fires: len(fires) >= 4)
    equal([fire.outcome for fire in fires[:4]], [FIRED, BUFFERED, BUFFERED, BUFFERED], "the outcomes")
    for index in range(2):
        bench.executions.Respond(es.RespondRequest(
            execution_id=fires[index].execution_id, decision=es.DECISION_APPROVE))
        fires = bench.until(schedule, lambda fires: fires[index + 1].outcome == FIRED)
        equal([fire.outcome for fire in fires[index + 2:index + 3]], [BUFFERED], "the one behind it")
    bench.delete(schedule)


@case("a schedule fires the deployed version as its principal, and no more once that is revoked")
def principals(bench):
    server = bench.connection.server
    made = server.CreateToken(server_pb.CreateTokenRequest(
        name=unique("cron"), role=server_pb.ROLE_EDITOR))
    editor = Connection.from_environment(token=made.secret)
    workflow = unique("versions")

    def save(value):
        return bench.workflows.Put(ws.PutWorkflowRequest(definition_json=json.dumps({
            "id": workflow, "nodes": [{"id": "s", "type": "start"},
                                      {"id": "v", "type": "set", "data": {"value": value}},
                                      {"id": "e", "type": "end"}],
            "edges": [{"source": "s", "target": "v"}, {"source": "v", "target": "e"}]})))
    save("deployed")
    bench.workflows.Deploy(ws.DeployWorkflowRequest(workflow_id=workflow))
    save("only saved")
    schedule = schedule_service_pb2_grpc.ScheduleServiceStub(editor.channel).CreateSchedule(
        pb.CreateScheduleRequest(schedule_id=unique("s"), spec=pb.ScheduleSpec(
            workflow_id=workflow, cron="* * * * * *",
            overlap_policy=pb.OVERLAP_POLICY_ALLOW_ALL)))
    fires = bench.until(schedule, lambda fires: len(fires) >= 1)
    for _ in bench.executions.Watch(es.WatchRequest(execution_id=fires[0].execution_id)):
        pass
    execution = bench.executions.Get(es.GetExecutionRequest(
        execution_id=fires[0].execution_id, view=execution_pb2.EXECUTION_VIEW_FULL))
    equal((execution.triggered_by, execution.workflow_version, execution.output_json),
          (f"token:{made.token.name}", 1, '"deployed"'), "who, and what")
    server.RevokeToken(server_pb.RevokeTokenRequest(token_id=made.token.id))
    editor.close()
    fires = bench.until(schedule, lambda fires: fires[-1].outcome == REFUSED)
    equal((fires[-1].reason, fires[-1].execution_id), ("PRINCIPAL_GONE", ""), "why")
    bench.delete(schedule)


@case("a workflow that is not deployed is not fired, and the fire says why")
def undeployed(bench):
    text = json.dumps({
        "id": unique("w"), "nodes": [{"id": "s", "type": "start", "data": {}},
                                     {"id": "e", "type": "end", "data": {}}],
        "edges": [{"source": "s", "target": "e"}]})
    workflow = bench.workflows.Put(ws.PutWorkflowRequest(definition_json=text)).id
    schedule = bench.create(workflow)
    fires = bench.until(schedule, lambda fires: len(fires) >= 1)
    bench.delete(schedule)
    equal((fires[0].outcome, fires[0].reason), (FAILED, "NOT_DEPLOYED"), "the outcome")


@case("a paused schedule fires nothing and keeps its note")
def pauses(bench):
    schedule = bench.create(cron="0 0 1 1 *", paused=True)
    expect(schedule.paused and not schedule.next_times, "it was not paused")
    resumed = bench.schedules.ResumeSchedule(pb.ResumeScheduleRequest(schedule_id=schedule.id))
    expect(not resumed.paused and len(resumed.next_times) == 10, "it was not resumed")
    paused = bench.schedules.PauseSchedule(
        pb.PauseScheduleRequest(schedule_id=schedule.id, note="holidays"))
    equal(paused.pause_note, "holidays", "the note")
    bench.delete(schedule)


@case("a backfill fires each time of a range once")
def backfills(bench):
    schedule = bench.create(cron="0 * * * *", paused=True)
    request = pb.BackfillScheduleRequest(
        schedule_id=schedule.id, before=instant("2026-01-01T06:00:00Z"),
        overlap_policy=pb.OVERLAP_POLICY_ALLOW_ALL)
    getattr(request, "from").CopyFrom(instant("2026-01-01T00:00:00Z"))
    answer = bench.schedules.BackfillSchedule(request)
    equal((answer.accepted_count, answer.existing_count), (6, 0), "the counts")
    fires = bench.until(
        schedule, lambda fires: sum(fire.outcome == FIRED for fire in fires) == 6)
    expect(all(fire.backfill for fire in fires), "a fire is not marked")
    again = bench.schedules.BackfillSchedule(request)
    equal((again.accepted_count, again.existing_count), (0, 6), "the counts of a repeat")
    bench.delete(schedule)


@case("a preview shows the days on which the clocks are set")
def previews(bench):
    def times(cron, zone, after, count):
        answer = bench.schedules.PreviewSchedule(pb.PreviewScheduleRequest(
            cron=cron, time_zone=zone, after=instant(after), count=count))
        return [time.ToDatetime().strftime("%d %H:%M") for time in answer.times]
    equal(times("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3),
          ["28 01:30", "29 01:00", "30 00:30"], "Berlin")
    equal(times("30 1 * * *", "America/New_York", "2026-11-01T00:00:00Z", 2),
          ["01 05:30", "02 06:30"], "New York")


@case("what is wrong with an expression is told with its position")
def positions(bench):
    for cron, position in (("* * * *", 7), ("0 25 * * *", 3), ("0 0 * * MON-FOO", 13)):
        details = refused(
            Code.INVALID_ARGUMENT, bench.schedules.CreateSchedule,
            pb.CreateScheduleRequest(
                spec=pb.ScheduleSpec(workflow_id=bench.noops, cron=cron)))
        faults = [unpack(detail, error_details_pb2.BadRequest) for detail in details]
        fault = next(found for found in faults if found).field_violations[0]
        equal(fault.field, "spec.cron", "the field")
        expect(fault.description.startswith(f"at position {position}:"), fault.description)


@case("unknown schedules, taken ids and foreign zones are refused with their reasons")
def refuses(bench):
    refused(Code.NOT_FOUND, bench.schedules.GetSchedule,
            pb.GetScheduleRequest(schedule_id="none"), reason="SCHEDULE_NOT_FOUND")
    schedule = bench.create(cron="@yearly")
    refused(Code.ALREADY_EXISTS, bench.schedules.CreateSchedule, pb.CreateScheduleRequest(
        schedule_id=schedule.id, spec=schedule.spec), reason="SCHEDULE_EXISTS")
    refused(Code.NOT_FOUND, bench.schedules.CreateSchedule, pb.CreateScheduleRequest(
        spec=pb.ScheduleSpec(workflow_id="none", cron="@daily")), reason="WORKFLOW_NOT_FOUND")
    refused(Code.INVALID_ARGUMENT, bench.schedules.CreateSchedule, pb.CreateScheduleRequest(
        spec=pb.ScheduleSpec(workflow_id=bench.noops, cron="@daily", time_zone="PST")))
    bench.delete(schedule)


def signed(secret, text):
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def ours(secret, body, age=0, identifier=None):
    """The headers of our own signature."""
    stamp = str(int(time.time()) - age)
    head = f"{identifier}.{stamp}." if identifier else f"{stamp}."
    headers = {"X-Webhook-Timestamp": stamp,
               "X-Webhook-Signature": "sha256=" + signed(secret, head.encode() + body)}
    return headers | ({"X-Webhook-Id": identifier} if identifier else {})


class Hook:
    """A webhook, and posts to its URL."""

    def __init__(self, bench, workflow=None, secret="", **spec):
        self.bench = bench
        made = bench.webhooks.CreateWebhook(wh.CreateWebhookRequest(
            secret=secret, spec=wh.WebhookSpec(workflow_id=workflow or bench.noops, **spec)))
        self.secret, self.webhook = made.secret, made.webhook
        self.id = made.webhook.id

    def post(self, body=b"{}", headers=None, kind="application/json", query=""):
        """Status and answer of one POST over HTTPS."""
        host, port = os.environ["SIGNALBOX_SERVER"].rsplit(":", 1)
        context = ssl.create_default_context(cafile=os.environ["SIGNALBOX_CA"])
        connection = http.client.HTTPSConnection(host, int(port), context=context, timeout=30)
        try:
            connection.request("POST", self.webhook.path + query, body,
                               {"Content-Type": kind, **(headers or {})})
            response = connection.getresponse()
            text = response.read().decode()
            is_json = (response.getheader("content-type") or "").startswith("application/json")
            return response.status, json.loads(text) if is_json else text
        finally:
            connection.close()

    def input(self, answer):
        return json.loads(self.bench.executions.Get(es.GetExecutionRequest(
            execution_id=answer["executionId"],
            view=execution_pb2.EXECUTION_VIEW_FULL)).input_json)


@case("a delivery with our signature makes one execution, and the same again no other")
def own_signature(bench):
    hook = Hook(bench)
    body = b'{"order": 7}'
    headers = ours(hook.secret, body)
    status, answer = hook.post(body, headers)
    equal((status, answer["repeated"]), (202, False), "the answer")
    equal(hook.input(answer), {"order": 7}, "the input")
    execution = bench.executions.Get(es.GetExecutionRequest(execution_id=answer["executionId"]))
    equal((execution.trigger, execution.trigger_id),
          (execution_pb2.TRIGGER_KIND_WEBHOOK, hook.id), "what started it")
    status, again = hook.post(body, headers)
    equal((status, again["repeated"], again["executionId"]),
          (202, True, answer["executionId"]), "the answer to a replay")
    status, named = hook.post(body, ours(hook.secret, body, identifier="evt-1"))
    equal((status, named["repeated"]), (202, False), "one with an id of its own")


@case("a delivery that does not verify gets 401, always with the same words")
def refuses_deliveries(bench):
    hook = Hook(bench)
    good = ours(hook.secret, b"{}")
    wrongs = [{}, ours("another-secret", b"{}"), ours(hook.secret, b"{ }"),
              ours(hook.secret, b"{}", age=301), ours(hook.secret, b"{}", age=-301),
              {**good, "X-Webhook-Timestamp": "x"}, {**good, "X-Webhook-Id": "added"}]
    answers = [hook.post(b"{}", headers) for headers in wrongs]
    equal({status for status, _ in answers}, {401}, "the statuses")
    equal(len({json.dumps(answer) for _, answer in answers}), 1, "different answers")
    equal(len(bench.webhooks.GetWebhook(
        wh.GetWebhookRequest(webhook_id=hook.id)).recent_deliveries), 0, "deliveries")


@case("what a delivery brings as a token for somebody else is not looked at")
def foreign_tokens(bench):
    hook = Hook(bench)
    for value in ("Basic dXNlcjpwYXNz", "Bearer of.another.system", "garbage", ""):
        headers = ours(hook.secret, b"{}", identifier=unique("d"))
        status, answer = hook.post(b"{}", {**headers, "Authorization": value, "x-api-key": "k"})
        equal((status, answer.get("repeated")), (202, False), f"Authorization: {value}")
    status, answer = hook.post(b"{}", {"Authorization": "Bearer " + os.environ["SIGNALBOX_TOKEN"]})
    equal((status, answer["code"]), (401, "DELIVERY_REFUSED"), "our token in place of a signature")


@case("GitHub's signature verifies, and a repeat is told by what is signed")
def github(bench):
    hook = Hook(bench, secret="It's-a-secret", verification=wh.WEBHOOK_VERIFICATION_GITHUB)
    body = b'{"action": "opened"}'
    headers = {"X-Hub-Signature-256": "sha256=" + signed(hook.secret, body),
               "X-GitHub-Delivery": "72d3162e", "X-GitHub-Event": "issues"}
    first, second = hook.post(body, headers), hook.post(body, headers)
    equal([first[0], second[0]], [202, 202], "the statuses")
    equal([first[1]["repeated"], second[1]["repeated"]], [False, True], "repeated")
    headers["X-GitHub-Delivery"] = "72d3162f"
    equal(hook.post(body, headers)[1]["repeated"], True, "what was overheard, under another id")
    other = b'{"action": "closed"}'
    headers["X-Hub-Signature-256"] = "sha256=" + signed(hook.secret, other)
    equal(hook.post(other, headers)[1]["repeated"], False, "another delivery")


@case("who cannot sign is put off after a while, and who can is not")
def strangers(bench):
    hook = Hook(bench)
    wrong, count = ours("a-wrong-secret", b"x"), 0
    while (answer := hook.post(b"x", wrong))[0] == 401:
        count += 1
        expect(count < 6_000, "a stranger is never put off")
    equal((answer[0], answer[1]["code"]), (429, "RATE_LIMITED"), "beyond what may come")
    expect(count >= 60, f"{count} were taken")
    # Where a sender has shown that it can sign, strangers beside it do not keep it out.
    known = Hook(bench)
    equal(known.post(b"1", ours(known.secret, b"1"))[0], 202, "another webhook")
    for _ in range(100):
        equal(known.post(b"x", wrong)[0], 401, "a stranger at the sender's address")
    equal(known.post(b"2", ours(known.secret, b"2"))[0], 202, "the sender")


@case("Stripe's signature verifies within its window")
def stripe(bench):
    hook = Hook(bench, secret="whsec_test", verification=wh.WEBHOOK_VERIFICATION_STRIPE)
    body = b'{"id": "evt_1", "type": "charge.succeeded"}'

    def header(age):
        stamp = str(int(time.time()) - age)
        code = signed("whsec_test", f"{stamp}.".encode() + body)
        return {"Stripe-Signature": f"t={stamp},v1={'0' * 64},v1={code},v0=1"}
    equal(hook.post(body, header(400))[0], 401, "an old one")
    equal(hook.post(body, header(0))[1]["repeated"], False, "the first")
    equal(hook.post(body, header(1))[1]["repeated"], True, "the same event, signed again")


@case("Slack's signature verifies, its form becomes an object, its question is answered")
def slack(bench):
    hook = Hook(bench, secret="8f742231b10e8888", verification=wh.WEBHOOK_VERIFICATION_SLACK)

    def headers(body):
        stamp = str(int(time.time()))
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature":
                "v0=" + signed(hook.secret, f"v0:{stamp}:".encode() + body)}
    body = b"command=%2Fdeploy&text=to+production"
    status, answer = hook.post(body, headers(body), kind="application/x-www-form-urlencoded")
    equal(status, 202, "the status")
    equal(hook.input(answer), {"command": "/deploy", "text": "to production"}, "the input")
    body = b'{"type": "url_verification", "challenge": "3eZbrw1a"}'
    equal(hook.post(body, headers(body)), (200, "3eZbrw1a"), "the challenge")


@case("a shared secret, none at all, and what a body becomes")
def other_ways(bench):
    hook = Hook(bench, verification=wh.WEBHOOK_VERIFICATION_SHARED_SECRET,
                input_headers=["X-Event"], input_query=True)
    equal(hook.post(headers={"X-Webhook-Secret": "wrong"})[0], 401, "a wrong secret")
    status, answer = hook.post(
        b"hi", {"X-Webhook-Secret": hook.secret, "X-Event": "push"}, "text/plain", "?a=1&a=2")
    equal(status, 202, "the status")
    equal(hook.input(answer),
          {"body": "hi", "headers": {"x-event": "push"}, "query": {"a": ["1", "2"]}}, "the input")
    equal(Hook(bench, verification=wh.WEBHOOK_VERIFICATION_NONE).post(b"[1]")[0], 202, "none")


@case("a webhook may answer with the output, and says when there is none yet")
def outputs(bench):
    respond = {"verification": wh.WEBHOOK_VERIFICATION_NONE,
               "response": wh.WEBHOOK_RESPONSE_OUTPUT}
    text = json.dumps({
        "id": "webhook-output",
        "nodes": [{"id": "s", "type": "start", "data": {}},
                  {"id": "v", "type": "set", "data": {"value": {"got": "${ .input.n }"}}},
                  {"id": "e", "type": "end", "data": {}}],
        "edges": [{"source": "s", "target": "v"}, {"source": "v", "target": "e"}]})
    workflow = bench.workflows.Put(ws.PutWorkflowRequest(definition_json=text)).id
    bench.workflows.Deploy(ws.DeployWorkflowRequest(workflow_id=workflow))
    equal(Hook(bench, workflow, **respond).post(b'{"n": 5}'), (200, {"got": 5}), "the output")
    status, answer = Hook(bench, bench.approval, **respond).post()
    equal((status, answer["status"]), (202, "suspended"), "what waits for a person")


@case("disabled and erased webhooks do not exist; limits are answered as such")
def toggles(bench):
    hook = Hook(bench, verification=wh.WEBHOOK_VERIFICATION_NONE, calls_per_minute=3,
                body_bytes_max=8)
    equal(hook.post()[0], 202, "at first")
    for enabled, expected in ((False, 404), (True, 202)):
        bench.webhooks.SetWebhookEnabled(
            wh.SetWebhookEnabledRequest(webhook_id=hook.id, enabled=enabled))
        equal(hook.post()[0], expected, f"enabled {enabled}")
    equal(hook.post(b"123456789")[0], 413, "a large body")
    equal(hook.post(b"{")[0], 400, "a body that is no JSON")
    equal(hook.post()[0], 429, "beyond the rate")
    bench.webhooks.DeleteWebhook(wh.DeleteWebhookRequest(webhook_id=hook.id))
    equal(hook.post()[0], 404, "erased")


@case("a rotated secret takes over; the old one may be kept for a while")
def rotates(bench):
    hook = Hook(bench)
    old = hook.secret
    made = bench.webhooks.RotateWebhookSecret(wh.RotateWebhookSecretRequest(
        webhook_id=hook.id, keep_previous=duration_pb2.Duration(seconds=60)))
    expect(made.secret != old and made.secret.startswith("whsec_"), "no new secret")
    equal(hook.post(b"1", ours(old, b"1"))[0], 202, "the old one, kept")
    equal(hook.post(b"2", ours(made.secret, b"2"))[0], 202, "the new one")
    last = bench.webhooks.RotateWebhookSecret(
        wh.RotateWebhookSecretRequest(webhook_id=hook.id)).secret
    equal(hook.post(b"3", ours(made.secret, b"3"))[0], 401, "one that was not kept")
    equal(hook.post(b"4", ours(last, b"4"))[0], 202, "the newest")


if __name__ == "__main__":
    run("triggers", Bench())

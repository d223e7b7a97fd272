#!/usr/bin/env python3
"""A stock grpcio client makes schedules and reads what they fired.

Needs a server in the environment (with_server.py). Times are real: schedules here fire each second.
"""
import json
import time

import grpc
from google.protobuf import duration_pb2, timestamp_pb2

from cases import case, equal, expect, run
from connection import Connection, refused, unique, unpack

from google.rpc import error_details_pb2
from signalbox.v1 import execution_pb2
from signalbox.v1 import execution_service_pb2 as es
from signalbox.v1 import schedule_service_pb2 as pb
from signalbox.v1 import schedule_service_pb2_grpc
from signalbox.v1 import workflow_service_pb2 as ws

Code = grpc.StatusCode
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
        self.noops = self.deployed("three-noops")
        self.approval = self.deployed("approval")

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
        """The schedule's fires, oldest first, once they satisfy `enough`; then it is erased."""
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            fires = self.fires(schedule)
            if enough(fires):
                return fires
            time.sleep(0.05)
        raise AssertionError(f"not within 15 s: {fires}")

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


if __name__ == "__main__":
    run("triggers", Bench())

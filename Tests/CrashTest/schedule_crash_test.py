#!/usr/bin/env python3
"""kill -9 while schedules fire each second, over and over on one store, then what must hold.

    schedule_crash_test.py [--rounds 20] [--seed N] [--schedules 12]

Afterwards, once the schedules are paused and nothing waits:
  1. every second since a schedule was made has one fire, without gap: caught up where no server ran
  2. every fire has one execution, and every execution one fire: (schedule, nominal time) is unique
  3. an execution says which schedule fired it, when, and as whom
  4. what was buffered when a server died was fired after it
"""
import argparse
import collections
import pathlib
import random
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "StockClients"), str(HERE.parent / "StockClients" / "python")]

from connection import Connection, ROOT  # noqa: E402  (after the paths)
from with_server import CERTS, Server  # noqa: E402
from signalbox.v1 import execution_pb2, workflow_service_pb2 as ws  # noqa: E402
from signalbox.v1 import execution_service_pb2 as es  # noqa: E402
from signalbox.v1 import schedule_service_pb2 as pb  # noqa: E402
from signalbox.v1 import schedule_service_pb2_grpc  # noqa: E402

LIVE_SECONDS = (0.3, 2.0)
DOWN_SECONDS_MAX = 1.5
REST_SECONDS_MAX = 60
POLICIES = [pb.OVERLAP_POLICY_ALLOW_ALL, pb.OVERLAP_POLICY_BUFFER_ALL]


def stubs(connection):
    return schedule_service_pb2_grpc.ScheduleServiceStub(connection.channel)


def make(connection, count):
    """Schedules of each second, some of which fire one after the other."""
    text = (ROOT / "Tests/StockClients/workflows/three-noops.json").read_text()
    workflow = connection.workflows.Put(ws.PutWorkflowRequest(definition_json=text)).id
    connection.workflows.Deploy(ws.DeployWorkflowRequest(workflow_id=workflow))
    for index in range(count):
        stubs(connection).CreateSchedule(pb.CreateScheduleRequest(
            schedule_id=f"each-{index}",
            spec=pb.ScheduleSpec(
                workflow_id=workflow, cron="* * * * * *", catch_up_max=1000, buffer_max=1000,
                overlap_policy=POLICIES[index % len(POLICIES)])))


def fires(connection, schedule):
    found, token = [], ""
    while True:
        page = stubs(connection).ListScheduleFires(pb.ListScheduleFiresRequest(
            schedule_id=schedule, page_size=1000, page_token=token))
        found += page.fires
        token = page.next_page_token
        if not token:
            return list(reversed(found))


def executions(connection):
    found, token = [], ""
    while True:
        page = connection.executions.List(es.ListExecutionsRequest(
            filter=es.ExecutionFilter(triggers=[execution_pb2.TRIGGER_KIND_SCHEDULE]),
            page_size=1000, page_token=token))
        found += page.executions
        token = page.next_page_token
        if not token:
            return found


def rest(connection, count):
    """Pauses the schedules, each when nothing of it is buffered."""
    deadline = time.monotonic() + REST_SECONDS_MAX
    for index in range(count):
        name = f"each-{index}"
        while True:
            stubs(connection).PauseSchedule(pb.PauseScheduleRequest(schedule_id=name))
            schedule = stubs(connection).GetSchedule(pb.GetScheduleRequest(schedule_id=name))
            if schedule.buffered_count == 0 and schedule.recent_fires:
                break
            if time.monotonic() > deadline:
                raise SystemExit(f"{name} still has {schedule.buffered_count} fires that wait")
            # A buffered fire follows the end of the one before it, which a pause prevents.
            stubs(connection).ResumeSchedule(pb.ResumeScheduleRequest(schedule_id=name))
            for fire in [fire for fire in schedule.recent_fires if fire.execution_id][:1]:
                for _ in connection.executions.Watch(es.WatchRequest(
                        execution_id=fire.execution_id)):
                    pass


def check(connection, count):
    faults, fired_count = [], 0
    by_fire = collections.Counter(
        (execution.trigger_id, execution.nominal_time.seconds)
        for execution in executions(connection))
    twice = [key for key, number in by_fire.items() if number > 1]
    if twice:
        faults.append(f"executed twice: {twice[:5]}")
    principals = {execution.triggered_by for execution in executions(connection)}
    if principals != {"token:admin"}:
        faults.append(f"triggered by {principals}, expected the token that saved them")
    for index in range(count):
        name = f"each-{index}"
        found = fires(connection, name)
        times = [fire.nominal_time.seconds for fire in found]
        if times != list(range(times[0], times[0] + len(times))):
            gaps = [a for a, b in zip(times, times[1:]) if b != a + 1]
            faults.append(f"{name}: gaps or repeats after {gaps[:5]}")
        for fire in found:
            key = (name, fire.nominal_time.seconds)
            if fire.outcome != pb.FIRE_OUTCOME_FIRED:
                # A pause leaves what it finds buffered where it is.
                faults.append(f"{key}: {pb.FireOutcome.Name(fire.outcome)} {fire.reason}")
            elif by_fire.pop(key, 0) != 1:
                faults.append(f"{key}: fired without an execution")
            fired_count += 1
    if by_fire:
        faults.append(f"executions without a fire: {list(by_fire)[:5]}")
    return faults, fired_count


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--schedules", type=int, default=12)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    dice = random.Random(options.seed)
    print(f"seed {options.seed}", flush=True)
    server = Server()
    try:
        server.start()
        address = server.address
        with Connection(address, CERTS / "ca.pem", server.token) as connection:
            make(connection, options.schedules)
        for _ in range(options.rounds):
            time.sleep(dice.uniform(*LIVE_SECONDS))
            server.kill()
            time.sleep(dice.uniform(0, DOWN_SECONDS_MAX))
            server.start(listen=address)
        with Connection(address, CERTS / "ca.pem", server.token) as connection:
            rest(connection, options.schedules)
            faults, fired = check(connection, options.schedules)
        server.stop()
    finally:
        server.kill()
        server.remove()
    for fault in faults:
        print("  FAILED ", fault)
    print(f"{options.rounds} kills, {options.schedules} schedules, {fired} nominal times: "
          f"{'each fired once' if not faults else f'{len(faults)} faults'}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()

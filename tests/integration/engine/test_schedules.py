import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aiworker.core.errors import Invalid
from aiworker.engine.robots.errors import SystemRobotType
from aiworker.engine.robots.records import Robot
from aiworker.engine.schedules.errors import ScheduleExists, ScheduleNotFound, SystemSchedule
from aiworker.engine.schedules.queries import change
from aiworker.engine.schedules.service import Schedules
from aiworker.engine.schedules.states import next_times
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import NewRobot, RobotStatus
from aiworker.wire.schedules import CatchUp, NewSchedule, Overlap, RunOutcome, ScheduleChanges
from tests.support.clocks import ManualClock
from tests.support.databases import beside
from tests.support.engine import TYPE, Bench, new_module, new_robot

HOURLY = "0 * * * *"


@pytest.fixture
def schedules(bench: Bench) -> Schedules:
    return Schedules(bench.engine)


async def put(bench: Bench, schedules: Schedules, name: str = "hourly", **options: Any) -> None:
    values: dict[str, Any] = {"expression": HOURLY, "template": new_robot(), **options}
    await bench.database.write(schedules.put, name, **values)


async def fire_at(bench: Bench, schedules: Schedules, hour: int, minute: int = 0, second: int = 0) -> int:
    bench.clock.now = datetime(2026, 3, 2, hour, minute, second, tzinfo=UTC)
    return await bench.database.write(schedules.fire)


async def made(bench: Bench) -> list[Robot]:
    robots, _ = await bench.database.read(bench.engine.list_robots)
    return robots


async def test_a_due_schedule_makes_its_robot_once(bench: Bench, schedules: Schedules) -> None:
    await put(bench, schedules, template=new_robot(priority="HIGH", input_data={"page": 9}))
    assert await fire_at(bench, schedules, 12, 59) == 0
    assert await fire_at(bench, schedules, 13, 0, 1) == 1
    assert await fire_at(bench, schedules, 13, 0, 2) == 0
    (robot,) = await made(bench)
    assert (robot.input_data, robot.priority, robot.source_reference) == ({"page": 9}, "HIGH", "schedule:hourly")
    (run,) = await bench.database.read(schedules.runs, "hourly")
    assert (run.due_at, run.robot_id) == (datetime(2026, 3, 2, 13, tzinfo=UTC), robot.robot_id)


async def test_ten_replicas_fire_it_once(bench: Bench, schedules: Schedules) -> None:
    await put(bench, schedules)
    bench.clock.pass_seconds(3_601)
    replicas = [Schedules(bench.engine) for _ in range(10)]
    fired = await asyncio.gather(*(bench.database.write(replica.fire) for replica in replicas))
    assert sum(fired) == 1


async def test_it_fires_once_also_when_the_clock_steps_back(bench: Bench, schedules: Schedules) -> None:
    await put(bench, schedules)
    assert await fire_at(bench, schedules, 13, 0, 1) == 1
    behind = ManualClock(datetime(2026, 3, 2, 12, 58, tzinfo=UTC))
    restarted = beside(bench.database, clock=behind)
    fired: list[int] = []
    for _ in range(63):
        behind.pass_seconds(60)
        fired.append(await restarted.write(schedules.fire))
    await restarted.close()
    assert fired == [0] * 61 + [1, 0]


async def test_a_due_time_that_was_fired_is_not_fired_again_when_the_schedule_is_put_anew_by_a_clock_behind(
    bench: Bench, schedules: Schedules
) -> None:
    await put(bench, schedules)
    assert await fire_at(bench, schedules, 13, 0, 1) == 1
    behind = ManualClock(datetime(2026, 3, 2, 12, 58, tzinfo=UTC))
    restarted = beside(bench.database, clock=behind)
    for expression in ("0 13 * * *", HOURLY):
        await restarted.write(schedules.put, "hourly", expression=expression, template=new_robot())
    behind.pass_seconds(180)
    assert (await restarted.read(schedules.get, "hourly")).next_due == datetime(2026, 3, 2, 13, tzinfo=UTC)
    assert await restarted.write(schedules.fire) == 0
    assert (await restarted.read(schedules.get, "hourly")).next_due == datetime(2026, 3, 2, 14, tzinfo=UTC)
    await restarted.close()


async def test_putting_a_schedule_again_at_each_start_does_not_lose_what_was_missed(
    bench: Bench, schedules: Schedules
) -> None:
    await put(bench, schedules, system=True)
    bench.clock.pass_seconds(5 * 3_600 + 60)
    await put(bench, schedules, system=True)
    assert await bench.database.write(schedules.fire) == 1


@pytest.mark.parametrize(("rule", "robots"), [(CatchUp.NONE, 0), (CatchUp.LATEST, 1), (CatchUp.ALL, 5)])
async def test_what_was_missed_is_made_up_for_by_the_rule(
    bench: Bench, schedules: Schedules, rule: CatchUp, robots: int
) -> None:
    await put(bench, schedules, catch_up=rule)
    assert await fire_at(bench, schedules, 17, 30) == robots
    assert len(await made(bench)) == robots
    assert await fire_at(bench, schedules, 18, 0, 1) == 1


async def test_a_long_absence_is_made_up_for_in_portions(bench: Bench, schedules: Schedules) -> None:
    await put(bench, schedules, expression="* * * * *", catch_up=CatchUp.ALL)
    bench.clock.pass_seconds(60 * 150 + 1)
    assert await bench.database.write(schedules.fire) == 100
    assert await bench.database.write(schedules.fire) == 50
    assert await bench.database.write(schedules.fire) == 0


async def test_a_template_that_cannot_be_made_says_so_and_does_not_stop_the_others(
    bench: Bench, schedules: Schedules
) -> None:
    await put(bench, schedules, "broken", template=new_robot("fax.send"))
    await put(bench, schedules)
    assert await fire_at(bench, schedules, 13, 0, 1) == 1
    broken = await bench.database.read(schedules.get, "broken")
    assert broken.last_error == "No registered module does robots of type 'fax.send'."
    assert broken.last_error_told == {"code": "unknown_robot_type", "values": {"robotType": "fax.send"}}
    assert broken.next_due == datetime(2026, 3, 2, 14, tzinfo=UTC)


async def test_a_template_that_this_version_does_not_know_is_told_by_its_first_broken_rule(
    bench: Bench, schedules: Schedules
) -> None:
    await put(bench, schedules)
    older = {"template": {"robotType": TYPE, "inputData": {}, "gone": 1}}
    await bench.database.write(lambda tx: change(tx, "hourly", older))
    assert await fire_at(bench, schedules, 13, 0, 1) == 0
    broken = await bench.database.read(schedules.get, "hourly")
    rule = {"words": "is not a known field", "code": "rule_not_known", "values": {}}
    assert broken.last_error == "gone: is not a known field."
    assert broken.last_error_told == {"code": "field_broken", "values": {"field": "gone", "error": rule}}


async def test_an_error_is_gone_once_the_next_time_went_well(bench: Bench, schedules: Schedules) -> None:
    await put(bench, schedules, template=new_robot("fax.send"))
    await fire_at(bench, schedules, 13, 0, 1)
    await put(bench, schedules)
    assert await fire_at(bench, schedules, 14, 0, 1) == 1
    mended = await bench.database.read(schedules.get, "hourly")
    assert (mended.last_error, mended.last_error_told) == (None, None)


async def test_a_schedule_that_is_off_rests_and_starts_afresh(bench: Bench, schedules: Schedules) -> None:
    await put(bench, schedules)
    await bench.database.write(schedules.switch, "hourly", on=False)
    assert await fire_at(bench, schedules, 16) == 0
    await bench.database.write(schedules.switch, "hourly", on=True)
    assert await fire_at(bench, schedules, 16, 30) == 0
    assert await fire_at(bench, schedules, 17) == 1


async def test_the_systems_schedules_cannot_be_replaced_or_removed(bench: Bench, schedules: Schedules) -> None:
    await put(bench, schedules, system=True)
    with pytest.raises(SystemSchedule):
        await put(bench, schedules)
    with pytest.raises(SystemSchedule):
        await bench.database.write(schedules.remove, "hourly")


async def test_a_removed_schedule_is_gone_and_its_robots_stay(bench: Bench, schedules: Schedules) -> None:
    await put(bench, schedules)
    await fire_at(bench, schedules, 13)
    await bench.database.write(schedules.remove, "hourly")
    assert await bench.database.read(schedules.list_schedules) == []
    assert len(await made(bench)) == 1
    for gone in (schedules.get, schedules.remove):
        with pytest.raises(ScheduleNotFound):
            await bench.database.write(gone, "hourly")


async def test_a_wrong_expression_is_refused_and_nothing_is_kept(bench: Bench, schedules: Schedules) -> None:
    with pytest.raises(Invalid):
        await put(bench, schedules, expression="every day")
    with pytest.raises(Invalid):
        await put(bench, schedules, timezone="Mars/Olympus")
    assert await bench.database.read(schedules.list_schedules) == []


async def test_one_whose_time_zone_is_gone_says_so_and_holds_up_no_other(bench: Bench, schedules: Schedules) -> None:
    await put(bench, schedules, "broken")
    await put(bench, schedules, "whole")
    await bench.database.write(change, "broken", {"timezone": "Mars/Olympus"})
    assert await fire_at(bench, schedules, 13) == 1
    broken = await bench.database.read(schedules.get, "broken")
    assert broken.last_error == "There is no time zone 'Mars/Olympus'."
    assert broken.next_due == bench.clock.now + timedelta(minutes=1)
    assert next_times(broken) == [broken.next_due]
    await bench.database.write(change, "broken", {"timezone": "UTC"})
    assert await fire_at(bench, schedules, 13, minute=1) == 1
    assert (await bench.database.read(schedules.get, "broken")).last_error is None


async def test_one_that_fails_by_a_mistake_of_ours_holds_up_no_other(
    bench: Bench, schedules: Schedules, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = bench.engine.submit

    def mistaken(tx: Tx, new: NewRobot, *, by: str) -> Robot:
        return submit(tx, new, by=str({}[by]) if "broken" in by else by)

    monkeypatch.setattr(bench.engine, "submit", mistaken)
    await put(bench, schedules, "broken")
    await put(bench, schedules, "whole")
    assert await fire_at(bench, schedules, 13) == 1
    assert [robot.source_reference for robot in await made(bench)] == ["schedule:whole"]
    assert "mistake of AiWorker" in str((await bench.database.read(schedules.get, "broken")).last_error)


async def test_with_skip_a_time_is_left_out_while_the_robot_before_is_not_done(
    bench: Bench, schedules: Schedules
) -> None:
    await put(bench, schedules, overlap=Overlap.SKIP)
    assert await fire_at(bench, schedules, 13) == 1
    claimed = await bench.claim_one(lease_seconds=3600)
    assert await fire_at(bench, schedules, 14) == 0
    await bench.complete(claimed)
    assert await fire_at(bench, schedules, 15) == 1
    runs = await bench.database.read(schedules.history, "hourly", limit=10)
    assert [past.run.outcome for past in runs] == [RunOutcome.FIRED, RunOutcome.SKIPPED, RunOutcome.FIRED]
    assert [past.robot_status for past in runs] == [RobotStatus.PENDING, None, RobotStatus.COMPLETED]
    assert runs[1].run.detail == f"robot {claimed.robot_id} was not done"
    assert runs[1].run.detail_told == {"code": "robot_before_not_done", "values": {"robot": claimed.robot_id}}


async def test_with_queue_the_robots_run_one_after_the_other(bench: Bench, schedules: Schedules) -> None:
    await put(bench, schedules, overlap=Overlap.QUEUE)
    for hour in (13, 14):
        assert await fire_at(bench, schedules, hour) == 1
    first = await bench.claim_one(lease_seconds=3600)
    assert await bench.claim() == []
    await bench.complete(first)
    assert len(await bench.claim()) == 1


async def test_with_replace_the_robot_before_is_cancelled(bench: Bench, schedules: Schedules) -> None:
    await put(bench, schedules, overlap=Overlap.REPLACE)
    await fire_at(bench, schedules, 13)
    claimed = await bench.claim_one(lease_seconds=3600)
    assert await fire_at(bench, schedules, 14) == 1
    assert (await bench.robot(claimed.robot_id)).status is RobotStatus.CANCELLED
    assert (await bench.report(claimed)).directive in {"cancel", "lost"}
    assert len(await bench.claim()) == 1


async def test_a_robot_that_is_held_for_a_person_does_not_stop_its_schedule(bench: Bench, schedules: Schedules) -> None:
    await put(bench, schedules, overlap=Overlap.SKIP)
    await fire_at(bench, schedules, 13)
    (robot,) = await made(bench)
    await bench.database.write(bench.engine.hold, robot.robot_id, "somebody should look")
    assert await fire_at(bench, schedules, 14) == 1


async def test_what_could_not_be_made_is_told_in_the_history(bench: Bench, schedules: Schedules) -> None:
    await put(bench, schedules, template=new_robot("fax.send"))
    await fire_at(bench, schedules, 13)
    (run,) = await bench.database.read(schedules.runs, "hourly")
    assert (run.outcome, run.robot_id) == (RunOutcome.FAILED, None)
    assert run.detail == "No registered module does robots of type 'fax.send'."


async def test_it_can_be_run_by_hand_and_keeps_its_times(bench: Bench, schedules: Schedules) -> None:
    await put(bench, schedules)
    bench.clock.pass_seconds(600)
    run = await bench.database.write(schedules.run_now, "hourly", by="ada")
    assert (run.outcome, run.started_by) == (RunOutcome.FIRED, "ada")
    assert await fire_at(bench, schedules, 13, 0, 1) == 1
    with pytest.raises(ScheduleNotFound):
        await bench.database.write(schedules.run_now, "daily", by="ada")


async def test_its_next_five_times_follow_the_zones_clock_when_that_changes(bench: Bench, schedules: Schedules) -> None:
    bench.clock.now = datetime(2026, 3, 27, 12, tzinfo=UTC)
    await put(bench, schedules, expression="30 2 * * *", timezone="Europe/Madrid")
    schedule = await bench.database.read(schedules.get, "hourly")
    times = next_times(schedule)
    # On the 29th, 02:30 does not exist there.
    assert [(moment.day, moment.hour) for moment in times] == [(28, 1), (29, 1), (30, 0), (31, 0), (1, 0)]
    paused = await bench.database.write(schedules.switch, "hourly", on=False)
    assert next_times(paused) == []


async def test_a_person_makes_changes_and_pauses_a_schedule(bench: Bench, schedules: Schedules) -> None:
    new = NewSchedule(name="nightly", cron="0 2 * * *", timezone="Europe/Madrid", robot=new_robot())
    made_by_ada = await bench.database.write(schedules.create, new, by="ada")
    assert (made_by_ada.created_by, made_by_ada.next_due) == ("ada", datetime(2026, 3, 3, 1, tzinfo=UTC))
    with pytest.raises(ScheduleExists):
        await bench.database.write(schedules.create, new, by="bob")
    changed = await bench.database.write(schedules.change, "nightly", ScheduleChanges(cron="0 3 * * *"))
    assert (changed.next_due, changed.created_by) == (datetime(2026, 3, 3, 2, tzinfo=UTC), "ada")
    paused = await bench.database.write(schedules.change, "nightly", ScheduleChanges(is_active=False))
    assert not paused.is_active


async def test_a_person_cannot_schedule_what_is_the_systems_own(bench: Bench, schedules: Schedules) -> None:
    await bench.database.write(bench.engine.register_module, new_module("control", ["backup.full"]), internal=True)
    new = NewSchedule(name="mine", cron="0 2 * * *", robot=new_robot("backup.full"))
    with pytest.raises(SystemRobotType):
        await bench.database.write(schedules.create, new, by="ada")
    await put(bench, schedules, system=True)
    with pytest.raises(SystemSchedule):
        await bench.database.write(schedules.change, "hourly", ScheduleChanges(cron="* * * * *"))
    off = await bench.database.write(schedules.change, "hourly", ScheduleChanges(is_active=False))
    assert not off.is_active


async def test_the_next_due_time_is_known(bench: Bench, schedules: Schedules) -> None:
    assert await bench.database.read(schedules.next_at) is None
    await put(bench, schedules)
    assert await bench.database.read(schedules.next_at) == bench.clock.now + timedelta(hours=1)

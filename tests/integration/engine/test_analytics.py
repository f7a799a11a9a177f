from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from aiworker.core.errors import NotFound
from aiworker.engine.analytics.paces import paces
from aiworker.engine.analytics.service import (
    REPORTS,
    ask_for_first,
    keep,
    make,
    next_count,
    periods_to_make,
    report,
    stored,
)
from aiworker.engine.schedules.service import Schedules
from aiworker.engine.trends.service import sample
from aiworker.storage.transaction import Tx
from aiworker.wire.analytics import ReportKind
from aiworker.wire.engine import ErrorCategory, NewRobot, StepCategory, StepReport
from tests.support.engine import Bench, new_module, new_robot


async def make_all(bench: Bench, kind: ReportKind) -> None:
    for period in await bench.database.read(periods_to_make, kind):
        await bench.database.write(keep, await bench.database.read(make, kind, period))


async def lines(bench: Bench, kind: ReportKind, period: str | None = None) -> list[dict[str, Any]]:
    await make_all(bench, kind)
    found = await bench.database.read(report, kind, period)
    assert found is not None
    return found.data


async def work(bench: Bench, seconds: float, *, wait: float = 0, **fields: Any) -> None:
    await bench.submit(**fields)
    bench.clock.pass_seconds(wait)
    claimed = await bench.claim_one(lease_seconds=3600)
    bench.clock.pass_seconds(seconds)
    await bench.complete(claimed)


async def test_a_day_tells_how_many_how_well_and_how_long(bench: Bench) -> None:
    for seconds in (1, 2, 3, 4, 100):
        await work(bench, seconds, wait=10)
    await bench.submit(retry_limit=0)
    await bench.fail(await bench.claim_one(), ErrorCategory.EXTERNAL_API)
    await bench.submit(backoff_seconds=600)
    await bench.fail(await bench.claim_one(), ErrorCategory.EXTERNAL_API)
    (line,) = await lines(bench, ReportKind.PERFORMANCE)
    assert (line["moduleName"], line["robotType"]) == ("reader", "ocr.read")
    assert (line["completed"], line["failed"] + line["retried"], line["lost"]) == (5, 2, 0)
    assert line["successRate"] == pytest.approx(5 / 7, abs=0.001)
    assert [line[name] for name in ("avgMs", "p50Ms", "p95Ms", "maxMs")] == pytest.approx(
        [22_000, 3_000, 100_000, 100_000], abs=20
    )
    assert line["avgQueueMs"] == pytest.approx(10_000, abs=20)
    (day,) = (await bench.database.read(paces, "reader", hours=720)).points
    assert (day.completed, day.p50_ms, day.p95_ms, day.queue_ms) == (
        5,
        line["p50Ms"],
        line["p95Ms"],
        line["avgQueueMs"],
    )


async def test_what_was_deferred_did_not_wait_before_its_time(bench: Bench) -> None:
    await bench.submit(defer_until=bench.clock.now + timedelta(hours=1))
    await bench.tick_after(3_605)
    await bench.complete(await bench.claim_one())
    (line,) = await lines(bench, ReportKind.PERFORMANCE)
    assert line["avgQueueMs"] == pytest.approx(5_000, abs=20)


async def test_a_week_tells_failures_by_what_they_have_in_common(bench: Bench) -> None:
    for page in range(3):
        await bench.submit(retry_limit=0)
        claimed = await bench.claim_one()
        await bench.report(claimed, step=StepReport(name="scan"))
        await bench.fail(claimed, ErrorCategory.RESOURCE, f"page {page} is empty")
    await bench.submit()
    await bench.claim_one(lease_seconds=30)
    await bench.tick_after(31)
    first, second = await lines(bench, ReportKind.ERRORS)
    assert (first["category"], first["step"], first["message"], first["number"]) == (
        "RESOURCE",
        "scan",
        "page N is empty",
        3,
    )
    assert (second["category"], second["number"]) == ("LOST", 1)


async def test_a_month_tells_load_and_queue_time_by_day(bench: Bench) -> None:
    await bench.submit_many(3)
    (claimed,) = await bench.claim(lease_seconds=3600)
    bench.clock.pass_seconds(61)
    await bench.database.write(sample)
    await bench.complete(claimed)
    bench.clock.pass_seconds(60)
    await bench.database.write(sample)
    await make_all(bench, ReportKind.PERFORMANCE)
    (line,) = await lines(bench, ReportKind.CAPACITY)
    assert (line["day"], line["maxQueued"], line["maxRunning"], line["ended"]) == ("2026-03-02", 2, 1, 1)
    # Two wait while one is at work: it takes no more than that.
    assert (line["busyShare"], line["fullShare"]) == (0.5, 0.5)


async def test_a_week_tells_estimates_against_what_it_took(bench: Bench) -> None:
    await work(bench, 30, estimated_duration_minutes=1)
    await work(bench, 240, estimated_duration_minutes=1)
    await work(bench, 10)
    (line,) = await lines(bench, ReportKind.EFFICIENCY)
    assert (line["robots"], line["estimatedMinutes"], line["actualMinutes"]) == (2, 2, 4.5)
    assert (line["efficiency"], line["overShare"]) == (0.625, 0.5)


async def test_the_step_that_takes_most_time_stands_first(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one(lease_seconds=3600)
    for name, seconds in (("open", 10), ("scan", 80), ("save", 10)):
        begun = StepReport(name=name, category=StepCategory.PROCESSING)
        await bench.report(claimed, step=begun)
        bench.clock.pass_seconds(seconds)
        await bench.report(claimed, step=begun.model_copy(update={"status": "completed"}))
    await bench.complete(claimed)
    first, *_ = await lines(bench, ReportKind.BOTTLENECKS)
    assert (first["step"], first["share"], first["number"]) == ("scan", pytest.approx(0.8, abs=0.01), 1)


async def test_a_day_that_is_over_is_counted_once_more_and_then_left_alone(bench: Bench) -> None:
    await work(bench, 1)
    await make_all(bench, ReportKind.PERFORMANCE)
    bench.clock.now = datetime(2026, 3, 3, 0, 15, tzinfo=UTC)
    assert [period.name for period in await bench.database.read(periods_to_make, ReportKind.PERFORMANCE)] == [
        "2026-03-02",
        "2026-03-03",
    ]
    await make_all(bench, ReportKind.PERFORMANCE)
    assert [period.name for period in await bench.database.read(periods_to_make, ReportKind.PERFORMANCE)] == [
        "2026-03-03"
    ]
    yesterday = await bench.database.read(report, ReportKind.PERFORMANCE, "2026-03-02")
    assert yesterday is not None
    assert (yesterday.complete, len(yesterday.data)) == (True, 1)
    names = [(one.period, one.complete) for one in await bench.database.read(stored, None, limit=10)]
    assert names == [("2026-03-03", False), ("2026-03-02", True), ("2026-03-01", True)]


async def test_there_is_no_report_before_one_was_made(bench: Bench) -> None:
    assert await bench.database.read(report, ReportKind.ERRORS, None) is None
    with pytest.raises(NotFound):
        await bench.database.read(report, ReportKind.ERRORS, "2026-W10")


async def test_a_report_about_nothing_has_no_lines(bench: Bench) -> None:
    for kind in ReportKind:
        assert await lines(bench, kind) == []


async def test_a_period_that_nothing_was_known_of_is_counted_soon_after_its_first_robots(bench: Bench) -> None:
    schedules = Schedules(bench.engine)
    control = new_module("control", list(REPORTS))
    await bench.database.write(partial(bench.engine.register_module, internal=True), control)

    def plan(tx: Tx) -> None:
        for robot_type, (_, cron) in REPORTS.items():
            template = NewRobot(robot_type=robot_type, input_data={})
            schedules.put(tx, robot_type, expression=cron, template=template, system=True)

    async def asked() -> set[str]:
        return set(await bench.database.write(ask_for_first, schedules))

    await bench.database.write(plan)
    for kind in ReportKind:
        await make_all(bench, kind)
    bench.clock.pass_seconds(1)
    await bench.database.write(bench.engine.submit, new_robot("report.errors"))
    await bench.complete(await bench.claim_one("control", internal=True))
    assert await asked() == set(), "the system's own do not count"
    await work(bench, 1)
    assert await asked() == set(REPORTS)
    assert await asked() == set(), "it was just asked for"
    for kind in ReportKind:
        await make_all(bench, kind)
    bench.clock.pass_seconds(3_600)
    await work(bench, 1)
    assert await asked() == set(), "from now on its schedule is enough"


async def test_a_report_says_when_it_is_counted_again(bench: Bench) -> None:
    template = NewRobot(robot_type="ocr.read", input_data={})
    schedules = Schedules(bench.engine)
    put = partial(schedules.put, expression="0 * * * *", template=template, system=True)
    assert await bench.database.read(next_count, ReportKind.ERRORS) is None
    schedule = await bench.database.write(put, "report.errors")
    assert await bench.database.read(next_count, ReportKind.ERRORS) == schedule.next_due is not None
    await bench.database.write(partial(schedules.switch, on=False), "report.errors")
    assert await bench.database.read(next_count, ReportKind.ERRORS) is None

"""What the figures say about an installation, on each database."""

import asyncio

import pytest

from aiworker.core.errors import Unavailable
from aiworker.edge.metrics import Metrics, Standing
from aiworker.engine.analytics.service import keep, make, periods_to_make
from aiworker.engine.trends.service import sample
from aiworker.storage.cache import Cache
from aiworker.wire.analytics import ReportKind
from aiworker.wire.engine import ErrorCategory, StepCategory, StepReport
from tests.integration.metrics.conftest import Watched


async def test_an_empty_installation_tells_zero_not_nothing(watched: Watched) -> None:
    found = await watched.read()
    assert found["aiworker_database_up"] == 1
    assert found['aiworker_agents{status="busy"}'] == 0
    assert found['aiworker_tasks{state="needs_input"}'] == 0
    assert found['aiworker_rollouts_running{environment="staging"}'] == 0
    assert found['aiworker_releases_running{work="merge.group"}'] == 0
    assert found["aiworker_outbox_lag_seconds"] == 0


async def test_robots_are_counted_as_they_wait_and_as_they_move(watched: Watched) -> None:
    bench = watched.bench
    await bench.module()
    await bench.submit_many(3)
    await bench.submit(held="not yet")
    bench.clock.pass_seconds(30)
    taken = await bench.claim(limit=2)
    await bench.complete(taken[0])
    await bench.release(taken[1])
    found = await watched.read()
    assert found['aiworker_robots{module="reader",status="pending"}'] == 3
    # Its tries are not counted yet.
    assert 'aiworker_module_duration_mean_seconds{module="reader"}' not in found
    assert found['aiworker_robots_waiting{module="reader"}'] == 2
    assert found['aiworker_robots_waiting_oldest_seconds{module="reader"}'] == pytest.approx(30, abs=0.1)
    moved = {name: found[f'aiworker_robot_transitions_total{{module="reader",transition="{name}"}}'] for name in MOVES}
    assert moved == {"created": 4, "claimed": 2, "completed": 1, "released": 1}


MOVES = ("created", "claimed", "completed", "released")


async def test_a_lost_lease_is_counted(watched: Watched) -> None:
    bench = watched.bench
    await bench.module()
    await bench.submit()
    await bench.claim_one()
    await bench.tick_after(120)
    found = await watched.read()
    assert found['aiworker_robot_transitions_total{module="reader",transition="lost"}'] == 1


async def test_the_reports_of_this_day_and_week_are_told_as_they_were_counted_last(watched: Watched) -> None:
    bench = watched.bench
    await bench.module(max_concurrent=1)
    for seconds in (1, 2, 100):
        await bench.submit(estimated_duration_minutes=1)
        bench.clock.pass_seconds(10)
        claimed = await bench.claim_one(lease_seconds=3600)
        reading = StepReport(name="scan", category=StepCategory.PROCESSING)
        await bench.report(claimed, step=reading)
        bench.clock.pass_seconds(seconds)
        await bench.report(claimed, step=reading.model_copy(update={"status": "completed"}))
        await bench.database.write(sample)
        await bench.complete(claimed)
    await bench.submit(retry_limit=0)
    await bench.fail(await bench.claim_one(), ErrorCategory.EXTERNAL_API)
    assert 'aiworker_robot_queue_mean_seconds{module="reader",type="ocr.read"}' not in await watched.read()
    for kind in ReportKind:
        (*_, now) = await bench.database.read(periods_to_make, kind)
        await bench.database.write(keep, await bench.database.read(make, kind, now))
    watched.seconds += 10
    found = await watched.read()
    of = 'module="reader",type="ocr.read"'
    assert found['aiworker_robot_duration_seconds{module="reader",quantile="0.5",type="ocr.read"}'] == pytest.approx(
        2, abs=0.1
    )
    assert found['aiworker_robot_duration_seconds{module="reader",quantile="0.95",type="ocr.read"}'] == pytest.approx(
        100, abs=0.1
    )
    assert found[f"aiworker_robot_queue_mean_seconds{{{of}}}"] == pytest.approx(10, abs=0.1)
    assert found['aiworker_robot_failures{category="EXTERNAL_API",type="ocr.read"}'] == 1
    assert found[f"aiworker_module_efficiency_ratio{{{of}}}"] == pytest.approx((1 + 1 + 0.6) / 3, abs=0.01)
    assert found['aiworker_module_full_ratio{module="reader"}'] > 0
    assert found['aiworker_step_time_ratio{step="scan",type="ocr.read"}'] == 1


async def test_events_that_nobody_has_numbered_are_told_with_their_age(watched: Watched) -> None:
    await watched.bench.module()
    await watched.bench.submit()
    watched.bench.clock.pass_seconds(90)
    found = await watched.read()
    assert found["aiworker_outbox_unnumbered"] >= 1
    assert found["aiworker_outbox_lag_seconds"] == pytest.approx(90, abs=0.1)


async def test_the_database_is_asked_at_most_every_ten_seconds(watched: Watched) -> None:
    await watched.bench.module()
    await watched.read()
    await watched.bench.submit()
    assert 'aiworker_robots_waiting{module="reader"}' not in await watched.read()
    watched.seconds += 10
    assert (await watched.read())['aiworker_robots_waiting{module="reader"}'] == 1


async def test_without_the_database_the_rest_is_told_and_nothing_old(watched: Watched) -> None:
    database = watched.bench.database
    await watched.read()

    async def away(*_: object) -> None:
        raise Unavailable("The database does not answer.")

    database.read = away  # pyright: ignore[reportAttributeAccessIssue]
    watched.seconds += 10
    found = await watched.read()
    assert found["aiworker_database_up"] == 0
    assert 'aiworker_agents{status="busy"}' not in found
    assert "process_resident_memory_bytes" in found


async def test_those_who_ask_at_the_same_moment_ask_once(watched: Watched) -> None:
    asked = 0
    read = watched.bench.database.read

    async def counted(*arguments: object) -> object:
        nonlocal asked
        asked += 1
        return await read(*arguments)  # pyright: ignore[reportArgumentType, reportCallIssue]

    watched.bench.database.read = counted  # pyright: ignore[reportAttributeAccessIssue]
    await asyncio.gather(*(watched.standing.look() for _ in range(10)))
    assert asked == 1


async def test_the_cache_tells_how_often_it_knew(watched: Watched) -> None:
    cache = Cache()
    metrics = Metrics("1")
    metrics.add(Standing(watched.bench.database, cache))

    async def load() -> int:
        return 1

    await cache.get("x", 1, int, load)
    lookups = {
        sample.labels["result"]: sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "aiworker_cache_lookups_total"
    }
    assert lookups == {"hit": 0, "miss": 1}

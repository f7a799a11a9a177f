from datetime import timedelta

import pytest

from aiworker.engine.health.records import Check
from aiworker.engine.modules.records import Module
from aiworker.engine.scores.service import count_totals, give, measure, scores_of
from aiworker.wire.engine import ErrorCategory, PerformanceTier
from tests.support.engine import Bench


async def score(bench: Bench) -> None:
    scores = await bench.database.read(measure)
    await bench.database.write(give, scores)


async def count(bench: Bench) -> None:
    while await bench.database.write(count_totals):
        pass


async def known(bench: Bench, name: str = "reader") -> Module:
    return await bench.database.read(bench.engine.get_module, name)


async def work(bench: Bench, *, seconds: float, name: str = "reader", fails: bool = False) -> None:
    """One robot from beginning to end, by that module."""
    await bench.submit(module_name=name, retry_limit=0)
    claimed = await bench.claim_one(name)
    bench.clock.pass_seconds(seconds)
    if fails:
        await bench.fail(claimed, ErrorCategory.BUSINESS)
    else:
        await bench.complete(claimed)


async def test_a_module_gets_the_score_that_its_rows_of_a_day_tell(bench: Bench) -> None:
    await bench.database.write(bench.engine.record_health, "reader", Check())
    for fails in (False, False, False, True):
        await work(bench, seconds=10, fails=fails)
    await score(bench)
    module = await known(bench)
    assert (module.performance_score, module.performance_tier) == (0.88, PerformanceTier.MEDIUM)
    assert (module.success_rate_24h, module.error_count_24h) == (75.0, 1)
    assert module.avg_processing_time_ms == pytest.approx(10_000, abs=5)
    assert module.uptime_percentage_24h == 100.0
    assert module.last_performance_check is not None


async def test_speed_is_compared_with_the_best_peer_on_the_same_types(bench: Bench) -> None:
    await bench.module("quick")
    await bench.module("alone", ["fax.send"])
    await work(bench, seconds=40)
    await work(bench, seconds=10, name="quick")
    await score(bench)
    slow, quick = await known(bench), await known(bench, "quick")
    # 0.5 + 0.3 × 10/40 + 0.2, as decimals keep it.
    assert slow.performance_score == pytest.approx(0.775, abs=0.006)
    assert (quick.performance_score, (await known(bench, "alone")).performance_score) == (1.0, 1.0)


async def test_what_is_older_than_a_day_no_longer_counts_and_what_was_not_measured_is_not_told(bench: Bench) -> None:
    assert measured(await known(bench)) == (None, None)
    await bench.database.write(bench.engine.record_health, "reader", Check())
    await work(bench, seconds=10, fails=True)
    await score(bench)
    assert ((await known(bench)).performance_score, measured(await known(bench))) == (0.5, (0.0, 100.0))
    bench.clock.pass_seconds(timedelta(hours=25).total_seconds())
    await score(bench)
    assert ((await known(bench)).performance_score, measured(await known(bench))) == (1.0, (None, None))


def measured(module: Module) -> tuple[float | None, float | None]:
    return module.success_rate_24h, module.uptime_percentage_24h


async def test_what_was_cancelled_or_given_back_is_no_failure_and_what_was_lost_is_one(bench: Bench) -> None:
    robot = await bench.submit()
    await bench.release(await bench.claim_one())
    await bench.claim_one()
    await bench.database.write(bench.engine.cancel, robot.robot_id, by="ada")
    await score(bench)
    assert (await known(bench)).error_count_24h == 0
    await bench.submit()
    await bench.claim_one(lease_seconds=30)
    await bench.tick_after(31)
    await score(bench)
    assert (await known(bench)).error_count_24h == 1


async def test_routing_follows_the_score_at_once(bench: Bench) -> None:
    await bench.module("spare")
    await bench.claim("spare")
    assert (await bench.submit(module_name="reader")).module_name == "reader"
    await bench.claim_one()
    await work(bench, seconds=1, fails=True)
    await score(bench)
    assert (await bench.submit()).module_name == "spare"


async def test_scores_are_kept_with_their_parts(bench: Bench) -> None:
    await score(bench)
    bench.clock.pass_seconds(900)
    await work(bench, seconds=10, fails=True)
    await score(bench)
    first, second = await bench.database.read(scores_of, "reader", hours=1)
    assert (first.score, second.score) == (1.0, 0.5)
    assert (second.success_rate, second.speed, second.uptime, second.failed) == (0.0, 1.0, 1.0, 1)


async def test_totals_count_each_robot_once_however_often_they_are_counted(bench: Bench) -> None:
    for _ in range(3):
        await work(bench, seconds=1_200)
        await count(bench)
        await count(bench)
    bench.clock.pass_seconds(180)
    await count(bench)
    module = await known(bench)
    assert (module.total_robots_processed, module.total_processing_time_hours) == (3, 1.0)


async def test_totals_stay_when_executions_are_forgotten_and_tries_are_no_robots(bench: Bench) -> None:
    robot = await bench.submit(backoff_seconds=0)
    for _ in range(2):
        claimed = await bench.claim_one()
        bench.clock.pass_seconds(60)
        await bench.fail(claimed, ErrorCategory.EXTERNAL_API)
        await bench.tick_after(1)
    await bench.complete(await bench.claim_one())
    bench.clock.pass_seconds(180)
    await count(bench)
    assert (await bench.robot(robot.robot_id)).retry_count == 2
    assert (await known(bench)).total_robots_processed == 1
    forgotten = bench.clock.now + timedelta(days=1)
    await bench.database.write(bench.engine.forget_executions, forgotten)
    bench.clock.pass_seconds(86_400)
    await count(bench)
    assert (await known(bench)).total_robots_processed == 1


async def test_a_long_history_is_counted_day_by_day(bench: Bench) -> None:
    for _ in range(3):
        await work(bench, seconds=1)
        bench.clock.pass_seconds(timedelta(days=1, hours=5).total_seconds())
    rounds = 1
    while await bench.database.write(count_totals):
        rounds += 1
    assert rounds == 4
    assert (await known(bench)).total_robots_processed == 3


async def test_a_module_that_came_later_is_counted_from_the_beginning_of_what_is_known(bench: Bench) -> None:
    await work(bench, seconds=1)
    bench.clock.pass_seconds(300)
    await count(bench)
    await bench.module("late")
    await work(bench, seconds=1, name="late")
    bench.clock.pass_seconds(300)
    await count(bench)
    assert [(await known(bench, name)).total_robots_processed for name in ("reader", "late")] == [1, 1]


async def test_without_a_module_or_a_robot_there_is_nothing_to_count(bench: Bench) -> None:
    await count(bench)
    await score(bench)
    assert (await known(bench)).total_robots_processed == 0

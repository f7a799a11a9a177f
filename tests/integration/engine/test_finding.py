"""Finding robots among very many, and counting them, on each database."""

from typing import Any

from aiworker.engine.analytics.paces import paces
from aiworker.engine.robots.counts import count
from aiworker.wire.engine import ErrorCategory, RobotStatus
from tests.support.engine import Bench


async def named(bench: Bench, name: str) -> set[str]:
    found, _ = await bench.database.read(bench.engine.list_robots, named=name)
    return {robot.robot_id for robot in found}


async def test_robots_are_found_by_id_batch_and_reference(bench: Bench) -> None:
    one = await bench.submit(correlation_id="scan-7", source_reference="invoice-12")
    two = await bench.submit(correlation_id="scan-7")
    assert await named(bench, one.robot_id) == {one.robot_id}
    assert await named(bench, "scan-7") == {one.robot_id, two.robot_id}
    assert await named(bench, "invoice-12") == {one.robot_id}
    assert await named(bench, "invoice%") == set()


async def test_robots_are_counted_by_status_and_by_what_is_asked(bench: Bench) -> None:
    await bench.module("mailer", ["mail.send"])
    await bench.submit("mail.send", correlation_id="scan-7")
    await bench.submit_many(4, retry_limit=0)
    done, failed, _running = await bench.claim(limit=3)
    await bench.complete(done)
    await bench.fail(failed, ErrorCategory.BUSINESS)
    counted = await bench.database.read(count)
    assert {status: number for status, number in counted.items() if number} == {
        RobotStatus.PENDING: 2,
        RobotStatus.PROCESSING: 1,
        RobotStatus.COMPLETED: 1,
        RobotStatus.FAILED: 1,
    }
    asked: dict[str, Any]
    for asked in (
        {"module_name": "mailer"},
        {"robot_type": "mail.send"},
        {"correlation_id": "scan-7"},
        {"among": ["mailer", "nobody"]},
    ):
        assert sum((await bench.database.read(count, **asked)).values()) == 1


async def test_paces_tell_how_long_a_modules_tries_took_and_its_robots_waited(bench: Bench) -> None:
    for seconds in (1, 2, 30):
        await bench.submit()
        bench.clock.pass_seconds(5)
        claimed = await bench.claim_one(lease_seconds=3600)
        bench.clock.pass_seconds(seconds)
        await bench.complete(claimed)
    told = await bench.database.read(paces, "reader", hours=24)
    assert told.step_minutes == 30
    assert sum(point.completed for point in told.points) == 3
    assert max(point.p95_ms for point in told.points) >= 30_000
    assert {round(point.queue_ms, -2) for point in told.points} == {5_000}
    assert (await bench.database.read(paces, "nobody", hours=1)).points == []
    # Nothing has been reported yet.
    assert (await bench.database.read(paces, "reader", hours=720)).points == []

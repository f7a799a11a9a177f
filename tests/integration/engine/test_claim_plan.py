"""The statements of a claim use the claim's index, and cost the same whatever waits and may not be taken."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event

from aiworker.storage.transaction import Tx
from tests.support.engine import Bench


async def _plans(bench: Bench, body: Callable[[Tx], object]) -> list[str]:
    """The plan, line by line, of every statement of one unit of work but its inserts."""

    def explain(tx: Tx) -> list[str]:
        seen: list[tuple[str, Any]] = []

        def note(_connection: Connection, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
            seen.append((statement, parameters))

        event.listen(tx.connection, "before_cursor_execute", note)
        body(tx)
        event.remove(tx.connection, "before_cursor_execute", note)
        return [
            row.detail
            for statement, parameters in seen
            if not statement.startswith("INSERT")
            for row in tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]

    return await bench.database.write(explain)


async def _claim_plans(bench: Bench, limit: int = 1) -> list[str]:
    return await _plans(bench, lambda tx: bench.engine.claim(tx, "reader", holder="worker-1", limit=limit))


def _reads_of_robots(plans: list[str]) -> list[str]:
    return [plan for plan in plans if " robots" in plan]


async def test_a_claim_from_one_lane_walks_the_claims_index_in_order(bench: Bench) -> None:
    await bench.submit()
    plans = await _claim_plans(bench)
    reads = _reads_of_robots(plans)
    assert reads[0] == "SEARCH robots USING INDEX ix_robots_claim (ready_lane=?)"
    assert all("SCAN" not in plan for plan in reads)
    assert all("TEMP B-TREE" not in plan for plan in plans)


async def test_a_claim_from_many_lanes_reads_only_their_heads_from_the_claims_index(bench: Bench) -> None:
    for n in range(5):
        await bench.submit(queue=f"q{n}")
    plans = await _claim_plans(bench, limit=3)
    reads = _reads_of_robots(plans)
    covering = "SEARCH robots USING COVERING INDEX ix_robots_claim (ready_lane=?)"
    assert reads.count(covering) == 5
    assert all("SCAN robots" not in plan for plan in reads)
    assert all("TEMP B-TREE" not in plan for plan in plans)


async def test_counting_for_a_limit_reads_only_what_runs(bench: Bench) -> None:
    await bench.database.write(bench.engine.set_queue, "shop", max_running=5)
    await bench.submit(queue="shop")
    plans = await _claim_plans(bench)
    assert any("ix_robots_running_lane" in plan for plan in plans)
    assert all("SCAN robots" not in plan for plan in plans)


async def test_held_robots_are_not_in_the_claims_index(bench: Bench) -> None:
    for _ in range(5):
        await bench.submit(held="after SHOP-9")
    ready = await bench.submit()

    def in_index(tx: Tx) -> int:
        sql = "SELECT count(*) FROM robots INDEXED BY ix_robots_claim WHERE ready_lane IS NOT NULL"
        return tx.connection.exec_driver_sql(sql).scalar_one()

    assert await bench.database.read(in_index) == 1
    assert (await bench.claim_one()).robot_id == ready.robot_id


async def test_an_idle_upkeep_looks_only_into_its_indexes(bench: Bench) -> None:
    await bench.submit()
    await bench.claim()
    plans = await _plans(bench, bench.engine.tick)
    assert plans
    assert all("SEARCH" in plan for plan in plans), plans

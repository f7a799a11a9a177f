"""SQLite's plans of a claim, line by line: what is held and what is finished is not even looked at.

What each database really reads and locks among very many robots is measured in `tests/integration/test_plans.py`.
"""

import re
from collections.abc import Callable

import pytest

from aiworker.storage.transaction import Tx
from tests.support.engine import Bench
from tests.support.plans import noted

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])


async def _plans(bench: Bench, body: Callable[[Tx], object]) -> dict[str, list[str]]:
    """The plan, line by line, of every statement of one unit of work but its inserts."""

    def explain(tx: Tx) -> dict[str, list[str]]:
        with noted(tx) as seen:
            body(tx)
        return {
            statement: [
                row.detail for row in tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            ]
            for statement, parameters in seen
            if not statement.startswith(("INSERT", "SAVEPOINT", "RELEASE"))
        }

    return await bench.database.write(explain)


async def _claim_plans(bench: Bench, limit: int = 1) -> list[list[str]]:
    plans = await _plans(bench, lambda tx: bench.engine.claim(tx, "reader", holder="worker-1", limit=limit))
    return [plan for statement, plan in plans.items() if re.search(r"\brobots\b", statement)]


def _all(plans: list[list[str]]) -> list[str]:
    return [line for plan in plans for line in plan]


HEAD_OF_LANE = "SEARCH robots USING COVERING INDEX ix_robots_claim (ready_lane=?)"
BY_KEY = "SEARCH robots USING INDEX sqlite_autoindex_robots_1 (robot_id=?)"


async def test_a_claim_finds_the_head_of_each_lane_in_the_claims_index_and_takes_in_its_order(bench: Bench) -> None:
    await bench.submit()
    look, take, mark = await _claim_plans(bench)
    assert HEAD_OF_LANE in look
    # From the head on: what was taken before it is not walked over.
    from_the_head = "((ready_lane,rank,age,robot_id)>(?,?,?,?) AND ready_lane<?)"
    assert take == [f"SEARCH robots USING INDEX ix_robots_claim {from_the_head}"]
    assert [line for line in mark if "robots" in line] == [BY_KEY]
    # The few lanes that it found stand beside the module.
    assert not any("SCAN" in line and not line.startswith("SCAN ready") for line in look), look


async def test_a_batch_from_many_lanes_reads_only_their_heads(bench: Bench) -> None:
    for n in range(5):
        await bench.submit(queue=f"q{n}")
    _, heads, *_ = await _claim_plans(bench, limit=5)
    assert heads.count(HEAD_OF_LANE) == 5


async def test_a_limit_per_minute_costs_two_statements_by_key_and_none_where_there_is_none(bench: Bench) -> None:
    await bench.submit_many(3)
    plain = await _plans(bench, lambda tx: bench.engine.claim(tx, "reader", holder="worker-1"))
    await bench.module(max_per_minute=100)
    limited = await _plans(bench, lambda tx: bench.engine.claim(tx, "reader", holder="worker-1"))
    more = [plan for statement, plan in limited.items() if statement not in plain]
    # SQLite has no locks of rows: reading under one is the same statement as reading.
    assert more == [["SEARCH module_registry USING INDEX sqlite_autoindex_module_registry_2 (module_name=?)"]]


async def test_counting_for_a_limit_reads_only_what_runs(bench: Bench) -> None:
    await bench.database.write(bench.engine.set_queue, "shop", max_running=5)
    await bench.submit(queue="shop")
    lines = _all(await _claim_plans(bench))
    assert any("ix_robots_running_lane (running_lane=?)" in line for line in lines)
    assert not any("SCAN robots" in line or "SCAN taken" in line for line in lines), lines


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
    plans = _all(list((await _plans(bench, bench.engine.tick)).values()))
    assert plans
    assert all("SEARCH" in line for line in plans), plans

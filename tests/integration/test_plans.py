"""With 200,000 robots, half of them held ahead of those that are ready, a hot statement looks at a few rows only."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Column, case, literal, make_url, null, select, update

from aiworker.core.clock import utc_now
from aiworker.core.paging import Cursor
from aiworker.delivery.tasks.queries import list_tasks
from aiworker.delivery.tasks.tables import tasks
from aiworker.engine.analytics.queries import first_ended
from aiworker.engine.claims.queries import take
from aiworker.engine.claims.records import Head
from aiworker.engine.executions.tables import robot_execute
from aiworker.engine.health.queries import never_checked
from aiworker.engine.robots.counts import count
from aiworker.engine.robots.tables import robots
from aiworker.engine.service import Engine
from aiworker.storage.migrate import upgrade
from aiworker.storage.outbox import queries as outbox_queries
from aiworker.storage.outbox.tables import outbox, outbox_feeds
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import (
    ClaimedRobot,
    Complete,
    ErrorCategory,
    ExecutionState,
    Fail,
    Report,
    RobotPriority,
    RobotStatus,
)
from aiworker.wire.tasks import TaskPriority, TaskState
from tests.support.databases import Backend, empty_server_database, open_again
from tests.support.engine import MODULE, TYPE, new_module, new_robot
from tests.support.multitude import copy_row, gather_statistics, named
from tests.support.plans import cost_of
from tests.support.workshop import Workshop

HELD, READY, FINISHED = 100_000, 20_000, 80_000
EXECUTIONS, RUNNING, TASKS, TOLD = 20_000, 1_000, 20_000, 20_000
BATCH = 10
# In the order of ids.
LAST_READY = "ready_9999"
RARE = ["rare", "seldom"]
BIG = frozenset({"robots", "robot_execute", "tasks", "outbox"})
# How many rows may be looked at, for a page of a list and for everything else. SQLite counts the steps of its machine.
MOST = {"sqlite": (60_000, 12_000), "postgresql": (5_000, 400), "mariadb": (5_000, 400)}
# PostgreSQL plans a statement anew until it was sent so often.
PLANNED_ONCE = 6
# What thousands of robots may ask for before the server looks at its tables again.
IN_BURSTS = ("claim", "take", "complete", "fail", "release", "report", "pause", "cancel", "create", "relay")
LISTS = ("list", "board", "a column")
ALONE = "in one statement"
FIRST = 1_000_000
# MariaDB and MySQL count two for a robot that was found by an index, and MySQL two for its module; the task that moves
# with it, and its agent, add theirs.
FEW_LOCKS = 4
LOCKS = {"claim a batch of many lanes": 2 * BATCH + 2, "create many": BATCH, "get_next_task": 10}


def empty_database(folder: Path, backend: Backend) -> URL:
    """One that nobody gets afterwards: to empty it again would take longer than to make it."""
    return make_url(f"sqlite:///{folder / 'many.db'}") if backend == "sqlite" else empty_server_database(backend)


def rare(tx: Tx, engine: Engine) -> None:
    """Some modules with a few robots, older than everybody's."""
    for name in RARE:
        engine.register_module(tx, new_module(name, [f"{name}.read"]))
        engine.submit_many(tx, [new_robot(f"{name}.read")] * 3)
        engine.claim(tx, name, holder="rarely", limit=3)
    tx.execute(update(robots).values(created_at=tx.now - timedelta(days=9)).where(robots.c.module_name.in_(RARE)))


@dataclass(frozen=True, slots=True)
class Begun:
    """The first rows of each kind, of which the others are copies, and the name of their project."""

    running: ClaimedRobot
    held: str
    ready: str
    task: str
    project: str


async def begin(shop: Workshop) -> Begun:
    engine = shop.engine
    project = await shop.project()
    task = await shop.task(project)

    def robots_of_each_kind(tx: Tx) -> Begun:
        engine.register_module(tx, new_module())
        held = engine.submit(tx, new_robot(held="after SHOP-9", priority=RobotPriority.CRITICAL))
        mine = engine.submit(tx, new_robot())
        (running,) = engine.claim(tx, MODULE, holder="me")
        assert running.robot_id == mine.robot_id
        ready = engine.submit(tx, new_robot())
        engine.submit_many(tx, [new_robot(queue=f"queue-{number}") for number in range(BATCH)])
        return Begun(running, held.robot_id, ready.robot_id, task.id, project.id)

    await shop.write(rare, engine)
    begun = await shop.write(robots_of_each_kind)
    await shop.write(outbox_queries.number_events, 500)
    await shop.write(shop.called, "claude")
    return begun


async def grow(shop: Workshop, begun: Begun) -> None:
    """A multitude."""

    def robots_in_all_states(tx: Tx) -> None:
        copy_row(tx, robots, begun.held, HELD - 1, lambda n: waiting(n, tx))
        copy_row(tx, robots, begun.held, FINISHED, lambda n: finished(n, tx))
        copy_row(tx, robots, begun.ready, READY, lambda n: {**waiting(n, tx), "robot_id": named("ready_", n)})
        copy_row(tx, robots, begun.running.robot_id, RUNNING, lambda n: {"robot_id": named("running_", n)})
        copy_row(tx, robot_execute, begun.running.execute_id, RUNNING, lambda n: at_work(n, tx))
        copy_row(tx, robot_execute, begun.running.execute_id, EXECUTIONS, lambda n: over(n, tx))

    def waiting(n: Any, tx: Tx) -> Mapping[str, Any]:
        return {"robot_id": named("held_", n), "age": tx.now - timedelta(days=2), "created_at": one_of_many(n, tx)}

    def finished(n: Any, tx: Tx) -> Mapping[str, Any]:
        ended = {"completed_at": tx.now - timedelta(days=1), "held": null()}
        status = either(robots.c.status, (n % 50 == 0, RobotStatus.FAILED), (n >= 0, RobotStatus.COMPLETED))
        names = {"robot_id": named("finished_", n), "created_at": one_of_many(n, tx)}
        return {**names, "status": status, **ended}

    def at_work(n: Any, tx: Tx) -> Mapping[str, Any]:
        later = tx.now + timedelta(hours=1)
        names = {"execute_id": named("running_", n), "robot_id": named("running_", n), "holder": named("worker-", n)}
        return {**names, "check_at": later, "lease_expires_at": later}

    def over(n: Any, tx: Tx) -> Mapping[str, Any]:
        names = {"execute_id": named("over_", n), "robot_id": named("finished_", n), "holder": named("worker-", n)}
        state = literal(ExecutionState.COMPLETED, robot_execute.c.execution_state.type)
        return {**names, "execution_state": state, "check_at": null(), "completed_at": tx.now}

    def board(tx: Tx) -> None:
        def many(n: Any) -> Mapping[str, Any]:
            priority = either(tasks.c.priority, *((n % 4 == place, one) for place, one in enumerate(TaskPriority)))
            state = either(tasks.c.state, (n % 10 == 0, TaskState.BACKLOG), (n >= 0, TaskState.PRODUCTION))
            names = {"id": named("task-", n), "task_key": named("SHOP-1", n), "robot_id": null()}
            return {**names, "priority": priority, "state": state, "urgency": 3 - n % 4}

        copy_row(tx, tasks, begun.task, TASKS, many)

    def told(tx: Tx) -> None:
        first = tx.scalar(select(outbox.c.id).order_by(outbox.c.id).limit(1))
        copy_row(tx, outbox, first, TOLD, lambda n: {"id": n + FIRST, "sequence": n + FIRST, "number": n + FIRST})
        tx.execute(update(outbox_feeds).values(number=FIRST + TOLD))
        outbox_queries.move_place(tx, "live", FIRST + TOLD - 10)

    for part in (robots_in_all_states, board, told):
        await shop.write(part)


def one_of_many(n: Any, tx: Tx) -> Any:
    """A time of the last hours, so that robots of every state were made between each other."""
    now = tx.now
    return either(robots.c.created_at, *((n % 100 == ago, now - timedelta(minutes=ago)) for ago in range(100)))


def either(column: Column[Any], *cases: tuple[Any, Any]) -> Any:
    return case(*((condition, literal(value, column.type)) for condition, value in cases))


def long_ago(tx: Tx) -> str:
    return Cursor(0, tx.now - timedelta(minutes=95), "").encode()


def far_down(tx: Tx, begun: Begun) -> Head:
    """The last of the multitude in the lane of those that are ready; before there is one, the first."""
    some = robots.c.robot_id.in_([begun.ready, LAST_READY])
    (last, *_) = tx.rows(select(*(robots.c[name] for name in Head.__slots__)).where(some).order_by(robots.c.age))
    return Head(*last)


def hot_statements(shop: Workshop, begun: Begun) -> dict[str, Callable[[Tx], object]]:
    engine, running, project = shop.engine, begun.running, begun.project
    mine = running.execute_id
    token, category = running.lease_token, ErrorCategory.APPLICATION
    failure = Fail(lease_token=token, error_category=category, error_message="broken")
    report = Report(lease_token=token, progress_percentage=5, current_step="reading")
    return {
        "claim": lambda tx: engine.claim(tx, MODULE, holder="w"),
        "claim in one statement": lambda tx: engine.claim(tx, MODULE, holder="w"),
        "claim some in one statement": lambda tx: engine.claim(tx, MODULE, holder="w", queues=["queue-1"], limit=BATCH),
        "claim a batch of many lanes": lambda tx: engine.claim(tx, MODULE, holder="w", limit=BATCH),
        "claim from one queue": lambda tx: engine.claim(tx, MODULE, holder="w", queues=["queue-1"]),
        "take from far down a lane": lambda tx: take(tx, far_down(tx, begun), 1),
        "complete": lambda tx: engine.complete(tx, mine, Complete(lease_token=token)),
        "complete in one statement": lambda tx: engine.complete(tx, mine, Complete(lease_token=token)),
        "fail": lambda tx: engine.fail(tx, mine, failure),
        "release": lambda tx: engine.release(tx, mine, lease_token=token),
        "report": lambda tx: engine.report(tx, mine, report),
        "heartbeat": lambda tx: engine.renew(tx, "me"),
        "pause": lambda tx: engine.pause(tx, mine, by="ana"),
        "cancel": lambda tx: engine.cancel(tx, running.robot_id, by="ana"),
        "create": lambda tx: engine.submit(tx, new_robot(cache_key="page-1")),
        "create many": lambda tx: engine.submit_many(tx, [new_robot()] * BATCH),
        "read one": lambda tx: engine.get_robot(tx, running.robot_id),
        "read its execution": lambda tx: engine.active_execution(tx, running.robot_id),
        "upkeep with nothing to do": engine.tick,
        "upkeep's look": engine.next_at,
        "list robots": engine.list_robots,
        "list robots far down": lambda tx: engine.list_robots(tx, cursor=long_ago(tx)),
        **{
            f"list {status} robots": lambda tx, status=status: engine.list_robots(tx, status=status)
            for status in (RobotStatus.PENDING, RobotStatus.PROCESSING, RobotStatus.FAILED, RobotStatus.COMPLETED)
        },
        "list robots of a type": lambda tx: engine.list_robots(tx, robot_type=TYPE),
        "list robots of a module": lambda tx: engine.list_robots(tx, module_name=MODULE),
        "list executions": engine.list_executions,
        # A key that is bound to modules whose rows are rare.
        "list executions of a few modules": lambda tx: engine.list_executions(tx, among=RARE),
        "list running executions of a few": lambda tx: engine.list_executions(
            tx, among=RARE, state=ExecutionState.RUNNING
        ),
        "list robots of a few modules": lambda tx: engine.list_robots(tx, among=RARE),
        "list failed robots of a few modules": lambda tx: engine.list_robots(tx, among=RARE, status=RobotStatus.FAILED),
        "count robots of a few modules": lambda tx: count(tx, among=RARE),
        "the first try of users that ended": lambda tx: first_ended(tx, tx.now - timedelta(days=31)),
        "modules that nobody has looked at": never_checked,
        "get_next_task": lambda tx: shop.delivery.work.next_task(tx, shop.called(tx, "claude")),
        "board": lambda tx: list_tasks(tx, project_id=project),
        "some tasks by their ids": lambda tx: list_tasks(tx, ids=[f"task-{n}" for n in range(1, 101)]),
        "a column of the board": lambda tx: list_tasks(tx, project_id=project, states=[TaskState.BACKLOG]),
        "a column of the board far down": lambda tx: list_tasks(
            tx, project_id=project, states=[TaskState.PRODUCTION], cursor=Cursor(3, tx.now, "task-0")
        ),
        "relay: anything new": outbox_queries.any_unnumbered,
        "relay: number": lambda tx: outbox_queries.number_events(tx, 500),
        "relay: hand on": lambda tx: outbox_queries.waiting_for(tx, "live", 500),
    }


async def what_costs_too_much(
    shop: Workshop, begun: Begun, backend: Backend, *, among: tuple[str, ...] = ("",), times: int = 1
) -> list[str]:
    """Of the statements whose names begin with one of these; they may look at so many times as much."""
    wrong: list[str] = []
    for name, body in hot_statements(shop, begun).items():
        if not name.startswith(among):
            continue
        cost = await cost_of(shop.database, body, big=BIG, alone=name.endswith(ALONE))
        wrong += [f"{name}: {scan}" for scan in cost.scans]
        if cost.looked_at > (most := times * MOST[backend][0 if name.startswith(LISTS) else 1]):
            wrong.append(f"{name}: looked at {cost.looked_at}, more than {most}")
        if cost.locked > (locks := LOCKS.get(name, FEW_LOCKS)):
            wrong.append(f"{name}: locked {cost.locked}, more than {locks}")
    return wrong


@pytest.fixture
async def shop(tmp_path: Path, backend: Backend) -> AsyncIterator[Workshop]:
    url = empty_database(tmp_path, backend)
    await upgrade(url)
    shop = Workshop(tmp_path, database=open_again(url, clock=utc_now if backend == "sqlite" else None))
    await shop.open()
    yield shop
    await shop.database.close()


@pytest.mark.timeout(300)
async def test_no_hot_statement_reads_or_locks_more_than_it_needs(shop: Workshop, backend: Backend) -> None:
    begun = await begin(shop)
    await grow(shop, begun)
    await shop.write(gather_statistics, robots, robot_execute, tasks, outbox)
    wrong = await what_costs_too_much(shop, begun, backend)
    assert not wrong, "\n".join(wrong)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("backend", ["postgresql"])
@pytest.mark.parametrize("known", ["nothing", "empty", "few"])
async def test_a_statement_that_was_planned_for_a_few_rows_serves_a_multitude(
    shop: Workshop, backend: Backend, known: str
) -> None:
    if known == "empty":
        await shop.write(gather_statistics, robots, robot_execute, tasks, outbox)
    begun = await begin(shop)
    if known == "few":
        await shop.write(gather_statistics, robots, robot_execute, tasks, outbox)
    for _ in range(PLANNED_ONCE):
        await what_costs_too_much(shop, begun, backend, among=IN_BURSTS)
    await grow(shop, begun)
    # All that run may be looked at, but not what waits, or has ended.
    wrong = await what_costs_too_much(shop, begun, backend, among=IN_BURSTS, times=4)
    assert not wrong, "\n".join(wrong)

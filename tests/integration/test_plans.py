"""With 200,000 robots, half of them held ahead of those that are ready, a hot statement looks at a few rows only."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Column, case, literal, make_url, null, select, update

from aiworker.core.clock import utc_now
from aiworker.delivery.tasks.queries import list_tasks
from aiworker.delivery.tasks.tables import tasks
from aiworker.engine.analytics.queries import first_ended
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
RARE = ["rare", "seldom"]
BIG = frozenset({"robots", "robot_execute", "tasks", "outbox"})
# How many rows may be looked at, for a page of a list and for everything else. SQLite counts the steps of its machine.
MOST = {"sqlite": (60_000, 12_000), "postgresql": (5_000, 400), "mariadb": (5_000, 400)}
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


async def fill(shop: Workshop) -> tuple[ClaimedRobot, str]:
    """A multitude; an execution that runs within it, and the name of its project."""
    engine = shop.engine
    project = await shop.project()
    task = await shop.task(project)

    def robots_in_all_states(tx: Tx) -> ClaimedRobot:
        engine.register_module(tx, new_module())
        held = engine.submit(tx, new_robot(held="after SHOP-9", priority=RobotPriority.CRITICAL))
        mine = engine.submit(tx, new_robot())
        (running,) = engine.claim(tx, MODULE, holder="me")
        assert running.robot_id == mine.robot_id
        copy_row(tx, robots, held.robot_id, HELD - 1, lambda n: waiting(n, tx))
        copy_row(tx, robots, held.robot_id, FINISHED, lambda n: finished(n, tx))
        ready = engine.submit(tx, new_robot())
        copy_row(tx, robots, ready.robot_id, READY, lambda n: {**waiting(n, tx), "robot_id": named("ready_", n)})
        copy_row(tx, robots, mine.robot_id, RUNNING, lambda n: {"robot_id": named("running_", n)})
        copy_row(tx, robot_execute, running.execute_id, RUNNING, lambda n: at_work(n, tx))
        copy_row(tx, robot_execute, running.execute_id, EXECUTIONS, lambda n: over(n, tx))
        return running

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

        copy_row(tx, tasks, task.id, TASKS, many)

    def told(tx: Tx) -> None:
        outbox_queries.number_events(tx, 500)
        first = tx.scalar(select(outbox.c.id).order_by(outbox.c.id).limit(1))
        copy_row(tx, outbox, first, TOLD, lambda n: {"id": n + FIRST, "sequence": n + FIRST, "number": n + FIRST})
        tx.execute(update(outbox_feeds).values(number=FIRST + TOLD))
        outbox_queries.move_place(tx, "live", FIRST + TOLD - 10)

    await shop.write(rare, engine)
    running = await shop.write(robots_in_all_states)
    await shop.write(board)
    await shop.write(told)

    def ready(tx: Tx) -> None:
        engine.submit_many(tx, [new_robot(queue=f"queue-{number}") for number in range(BATCH)])
        gather_statistics(tx, robots, robot_execute, tasks, outbox)

    await shop.write(ready)
    await shop.write(shop.called, "claude")
    return running, project.id


def one_of_many(n: Any, tx: Tx) -> Any:
    """A time of the last hours, so that robots of every state were made between each other."""
    now = tx.now
    return either(robots.c.created_at, *((n % 100 == ago, now - timedelta(minutes=ago)) for ago in range(100)))


def either(column: Column[Any], *cases: tuple[Any, Any]) -> Any:
    return case(*((condition, literal(value, column.type)) for condition, value in cases))


def hot_statements(shop: Workshop, running: ClaimedRobot, project: str) -> dict[str, Callable[[Tx], object]]:
    engine, mine = shop.engine, running.execute_id
    token, category = running.lease_token, ErrorCategory.APPLICATION
    failure = Fail(lease_token=token, error_category=category, error_message="broken")
    report = Report(lease_token=token, progress_percentage=5, current_step="reading")
    return {
        "claim": lambda tx: engine.claim(tx, MODULE, holder="w"),
        "claim in one statement": lambda tx: engine.claim(tx, MODULE, holder="w"),
        "claim some in one statement": lambda tx: engine.claim(tx, MODULE, holder="w", queues=["queue-1"], limit=BATCH),
        "claim a batch of many lanes": lambda tx: engine.claim(tx, MODULE, holder="w", limit=BATCH),
        "claim from one queue": lambda tx: engine.claim(tx, MODULE, holder="w", queues=["queue-1"]),
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
        "relay: anything new": outbox_queries.any_unnumbered,
        "relay: number": lambda tx: outbox_queries.number_events(tx, 500),
        "relay: hand on": lambda tx: outbox_queries.waiting_for(tx, "live", 500),
    }


@pytest.mark.timeout(300)
async def test_no_hot_statement_reads_or_locks_more_than_it_needs(tmp_path: Path, backend: Backend) -> None:
    url = empty_database(tmp_path, backend)
    await upgrade(url)
    shop = Workshop(tmp_path, database=open_again(url, clock=utc_now if backend == "sqlite" else None))
    await shop.open()
    running, project = await fill(shop)
    wrong: list[str] = []
    for name, body in hot_statements(shop, running, project).items():
        cost = await cost_of(shop.database, body, big=BIG, alone=name.endswith(ALONE))
        wrong += [f"{name}: {scan}" for scan in cost.scans]
        if cost.looked_at > (most := MOST[backend][0 if name.startswith(LISTS) else 1]):
            wrong.append(f"{name}: looked at {cost.looked_at}, more than {most}")
        if cost.locked > (locks := LOCKS.get(name, FEW_LOCKS)):
            wrong.append(f"{name}: locked {cost.locked}, more than {locks}")
    await shop.database.close()
    assert not wrong, "\n".join(wrong)

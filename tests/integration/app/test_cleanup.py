"""The system's own schedules keep what grows in bounds."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest
from sqlalchemy import insert, text, update

from aiworker.access.actors import SYSTEM
from aiworker.app.cleanup import (
    CLEANUP_EXECUTIONS,
    CLEANUP_FORGE,
    CLEANUP_LOGS,
    CLEANUP_ORPHANS,
    CLEANUP_PREVIEWS,
    CLEANUP_REPOSITORIES,
    cleanup_handlers,
    schedule_cleanup,
)
from aiworker.app.house import House
from aiworker.core.ids import robot_id
from aiworker.core.settings import Settings
from aiworker.delivery.agents import queries as agent_queries
from aiworker.delivery.agents.tables import agent_logs
from aiworker.delivery.evidence.tables import commit_statuses
from aiworker.delivery.forge_news.reconcile import FORGE_LOOK
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.seen.tables import forge_deliveries
from aiworker.delivery.tasks import board
from aiworker.delivery.tasks import queries as task_queries
from aiworker.engine.robots.tables import robots
from aiworker.storage.migrate import upgrade
from aiworker.storage.partitions import months_of
from aiworker.storage.transaction import Tx
from aiworker.wire.agents import NewLogLine
from aiworker.wire.engine import NewModule, NewRobot
from aiworker.wire.projects import NewProject, ProjectStatus
from aiworker.wire.tasks import NewTask
from tests.support.databases import Backend, empty_server_database


@pytest.fixture
async def house(backend: Backend, tmp_path: Path) -> AsyncIterator[House]:
    url = f"sqlite:///{tmp_path / 'aiworker.db'}"
    if backend != "sqlite":
        url = empty_server_database(backend).render_as_string(hide_password=False)
    await upgrade(url)
    values: dict[str, Any] = {"AIWORKER_HOME": tmp_path, "DATABASE_URL": url, "AIWORKER_LOGS_KEPT_DAYS": 7}
    made = House(Settings.model_validate(values), lambda: "http://127.0.0.1:3000", keeps_programs=True)
    yield made
    await made.close()


def write_a_log(tx: Tx) -> None:
    tx.execute(text("INSERT INTO agents (id, pod_name) VALUES ('a', 'agent-0')"))
    for day in ("2020-01-01", "2020-02-01"):
        tx.execute(text(f"INSERT INTO agent_logs (agent_id, message, created_at) VALUES ('a', 'x', '{day} 00:00:00')"))
    tx.execute(text("INSERT INTO agent_logs (agent_id, message) VALUES ('a', 'now')"))


async def test_old_log_lines_and_executions_go_by_the_clock(house: House, backend: Backend) -> None:
    await house.database.write(write_a_log)
    context = Mock(report=AsyncMock())
    handlers = cleanup_handlers(house)
    logs = await handlers[CLEANUP_LOGS](context)
    assert logs == {"monthsMade": 0, "monthsDropped": 0, "removed": 2}
    assert await handlers[CLEANUP_EXECUTIONS](context) == {"removed": 0}
    months = await house.database.read(months_of, agent_logs)
    assert len(months) == (0 if backend == "sqlite" else 4)


async def test_a_project_says_itself_how_long_its_logs_are_kept(house: House) -> None:
    def write(tx: Tx) -> None:
        agent_queries.add(tx, {"id": "a", "pod_name": "agent-0"})
        for key, days in (("LONG", 400), ("SHORT", 2), ("USUAL", None)):
            project_queries.add(
                tx,
                {
                    "id": key,
                    "key": key,
                    "name": key,
                    "k8s_namespace": key.lower(),
                    "status": ProjectStatus.ACTIVE,
                    "logs_kept_days": days,
                },
            )
            task_queries.add(
                tx, {"id": key, "task_key": f"{key}-1", "project_id": key, "title": key, "capabilities": []}
            )
            for age in (1, 4, 30, 500):
                said = [NewLogLine(message=f"{key} {age}")]
                agent_queries.add_logs(tx, "a", said, task_id=key, said_at=tx.now - timedelta(days=age))

    await house.database.write(write)
    await cleanup_handlers(house)[CLEANUP_LOGS](Mock(report=AsyncMock()))
    kept = await house.database.read(agent_queries.logs)
    assert sorted(line.message for line in kept) == ["LONG 1", "LONG 30", "LONG 4", "SHORT 1", "USUAL 1", "USUAL 4"]


async def test_the_schedules_are_the_systems_own(house: House) -> None:
    def register(tx: Tx) -> dict[str, tuple[str, bool]]:
        schedule_cleanup(tx, house)
        return {each.name: (each.cron, each.system) for each in house.schedules.list_schedules(tx)}

    assert await house.database.write(register) == {
        CLEANUP_EXECUTIONS: ("40 * * * *", True),
        CLEANUP_FORGE: ("50 3 * * *", True),
        CLEANUP_LOGS: ("20 3 * * *", True),
        CLEANUP_ORPHANS: ("25 * * * *", True),
        CLEANUP_PREVIEWS: ("10 * * * *", True),
        CLEANUP_REPOSITORIES: ("30 4 * * *", True),
    }


async def test_what_was_heard_and_looked_at_goes_while_failures_stay(house: House) -> None:
    """Webhooks, statuses and looks that are done; not what is new, and not what a person should look at."""
    old, long_ago = timedelta(days=3), timedelta(days=100)
    control = NewModule(module_name="control", module_version="1", supported_robot_types=[FORGE_LOOK])

    def fill(tx: Tx) -> None:
        project_queries.add(tx, {"id": "p", "key": "SHOP", "name": "shop", "k8s_namespace": "shop"})
        house.engine.register_module(tx, control, internal=True)
        for number, received in enumerate((tx.now, tx.now - long_ago)):
            row = {"id": f"d{number}", "event": "push", "repository": "team/shop", "received_at": received}
            tx.execute(insert(forge_deliveries).values(row))
            status = {"project_id": "p", "commit": f"{number}" * 40, "checks": [], "seen_at": received}
            tx.execute(insert(commit_statuses).values(status))
        for name, status in (("COMPLETED", "done"), ("FAILED", "failed")):
            robot = house.engine.submit(tx, NewRobot(robot_type=FORGE_LOOK, input_data={}))
            moment = tx.now - old
            values = {"robot_id": robot_id(FORGE_LOOK, moment), "status": name, "source_reference": status}
            tx.execute(update(robots).where(robots.c.robot_id == robot.robot_id).values(values))
        house.engine.submit(tx, NewRobot(robot_type=FORGE_LOOK, input_data={}, source_reference="new"))

    await house.database.write(fill)
    context = Mock(report=AsyncMock())
    assert await cleanup_handlers(house)[CLEANUP_FORGE](context) == {"removed": 3}
    left, _ = await house.database.read(house.engine.list_robots, robot_type=FORGE_LOOK)
    assert {robot.source_reference for robot in left} == {"failed", "new"}
    assert await cleanup_handlers(house)[CLEANUP_FORGE](context) == {"removed": 0}


async def test_a_preview_that_was_up_for_long_is_taken_down_and_the_history_says_so(house: House) -> None:
    project = await house.delivery.projects.create(SYSTEM, NewProject(name="Shop", key="SHOP"))

    def write(tx: Tx) -> None:
        house.delivery.register(tx)
        for title, days in (("Old", 40), ("New", 3), ("None", None)):
            task = house.delivery.tasks.create(tx, SYSTEM, project, NewTask(project_id=project.id, title=title))
            if days is not None:
                put_up = {"preview_url": "http://preview.test", "preview_status": "running"}
                board.change(tx, task, **put_up, preview_deployed_at=tx.now - timedelta(days=days))
        types = [*house.delivery.handlers()]
        house.engine.register_module(
            tx, NewModule(module_name="control", module_version="1", supported_robot_types=types), internal=True
        )

    await house.database.write(write)
    sweep = cleanup_handlers(house)[CLEANUP_PREVIEWS]
    assert await sweep(Mock(report=AsyncMock())) == {"ended": 1}
    assert await sweep(Mock(report=AsyncMock())) == {"ended": 0}
    found = {task.title: task for task in await house.database.read(task_queries.list_tasks)}
    assert {title: task.preview_status for title, task in found.items()} == {
        "Old": "ending",
        "New": "running",
        "None": None,
    }
    last = (await house.database.read(task_queries.timeline, found["Old"].id))[-1]
    assert last.message == "Its preview was up for 14 days and is taken down; it can be put up again."


async def test_every_repository_is_tidied_and_one_that_is_gone_does_not_stop_the_others(house: House) -> None:
    for key in ("SHOP", "GONE", "BLOG"):
        await house.delivery.projects.create(SYSTEM, NewProject(name=key, key=key))
    await house.forge.delete_repository("gone")
    context = Mock(report=AsyncMock(), log=AsyncMock())
    assert await cleanup_handlers(house)[CLEANUP_REPOSITORIES](context) == {"tidied": 2, "failed": []}

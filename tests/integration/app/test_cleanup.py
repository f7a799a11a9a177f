"""The system's own schedules keep what grows in bounds."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest
from sqlalchemy import text

from aiworker.app.cleanup import CLEANUP_EXECUTIONS, CLEANUP_LOGS, cleanup_handlers, schedule_cleanup
from aiworker.app.house import House
from aiworker.core.settings import Settings
from aiworker.delivery.agents.tables import agent_logs
from aiworker.storage.migrate import upgrade
from aiworker.storage.partitions import months_of
from aiworker.storage.transaction import Tx
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


async def test_the_schedules_are_the_systems_own(house: House) -> None:
    def register(tx: Tx) -> dict[str, tuple[str, bool]]:
        schedule_cleanup(tx, house)
        return {each.name: (each.cron, each.system) for each in house.schedules.list_schedules(tx)}

    assert await house.database.write(register) == {
        CLEANUP_EXECUTIONS: ("40 * * * *", True),
        CLEANUP_LOGS: ("20 3 * * *", True),
    }

"""A whole database moves to another one, of whatever kind, or not at all."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, make_url

from aiworker.core.errors import Conflict, NotFound
from aiworker.delivery.agents.queries import logs
from aiworker.delivery.tasks.queries import list_tasks
from aiworker.storage.copy import TableCopy, copy_database
from aiworker.storage.metadata import metadata
from aiworker.storage.migrate import upgrade
from aiworker.wire.agents import LogLevel, NewLogLine
from aiworker.wire.tasks import TaskState
from tests.support.clocks import ManualClock
from tests.support.databases import SERVERS, Backend, empty_server_database, load_tables, open_again
from tests.support.engine import new_module, new_robot
from tests.support.statements import run
from tests.support.workshop import Workshop

load_tables()
ODD = {"text": "ñ 漢 🦉 \\ ' \" %s :x", "nested": [{"a": None, "b": [1, 2.5, True]}], "number": 0.1}


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Backend:
    return request.param


@pytest.fixture
async def shop(tmp_path: Path) -> Workshop:
    """A board that people and agents have been at, closed."""
    url = make_url(f"sqlite:///{tmp_path / 'aiworker.db'}")
    await upgrade(url)
    shop = Workshop(tmp_path, database=open_again(url, clock=ManualClock()))
    await shop.open()
    project = await shop.project(env_vars={"RATE": "ñ"})
    done = await shop.approved(project, "Die Größe 漢字 🦉")
    await shop.process("duo", capabilities=["react"], max_concurrent_tasks=2)
    await shop.task(project, "Next", depends_on=[done.task_key], capabilities=["react"])
    hand = await shop.claim_one("duo")
    await shop.ask(hand, "Which rate?\n\tThe general one?")
    line = NewLogLine(level=LogLevel.INFO, message="reading", metadata=ODD)

    def more(tx: Any) -> None:
        shop.delivery.agents.log(tx, shop.called(tx, "duo"), hand.task_id, [line] * 3, execute_id=hand.execute_id)
        shop.engine.register_module(tx, new_module(max_concurrent=3))
        shop.engine.submit_many(tx, [new_robot(input_data=ODD, cache_key="one"), new_robot(queue="shop", needs=["x"])])

    await shop.write(more)
    await shop.database.close()
    return shop


async def copied(source: URL, target: URL) -> dict[str, TableCopy]:
    return {table.table: table for table in await copy_database(source, target, metadata, _in_silence)}


def _in_silence(_table: str, _done: int, _total: int) -> None:
    pass


def empty_file(folder: Path) -> URL:
    return make_url(f"sqlite:///{folder / 'copy.db'}")


async def test_everything_arrives_on_a_server_and_comes_back_the_same(
    shop: Workshop, server: Backend, tmp_path: Path
) -> None:
    there = empty_server_database(server)
    first = await copied(shop.database.url, there)
    assert {name: table.rows for name, table in first.items() if name in {"tasks", "robots", "agent_logs"}} == {
        "tasks": 2,
        "robots": 4,
        "agent_logs": 3,
    }
    assert first["agents"].rows == 2
    back = await copied(there, empty_file(tmp_path))
    assert back == first


async def test_the_work_goes_on_where_it_was(shop: Workshop, server: Backend, tmp_path: Path) -> None:
    await copied(shop.database.url, there := empty_server_database(server))
    moved = Workshop(tmp_path, database=open_again(there, clock=ManualClock()))
    (waits,) = await moved.read(list_tasks, states=[TaskState.NEEDS_INPUT])
    assert (await moved.respond(waits, response="Yes.")).state is TaskState.IN_PROGRESS
    project = await moved.read(moved.delivery.tasks.project_of, waits)
    assert (await moved.task(project, "One more")).task_key == "SHOP-3"
    agent = await moved.read(moved.delivery.agents.get, "duo")
    await moved.write(
        moved.delivery.agents.log,
        agent,
        waits.id,
        [NewLogLine(level=LogLevel.INFO, message="Going on.")],
        execute_id="an attempt",
    )
    assert [line.message for line in await moved.read(logs, task_id=waits.id)] == ["Going on.", *["reading"] * 3]
    await moved.database.close()


async def test_progress_is_told_table_by_table(shop: Workshop, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []

    def tell(table: str, done: int, total: int) -> None:
        told.append((table, done, total))

    await copy_database(shop.database.url, empty_file(tmp_path), metadata, tell)
    assert ("tasks", 2, 2) in told


async def test_a_target_that_is_not_empty_is_refused(shop: Workshop, server: Backend, tmp_path: Path) -> None:
    there = empty_server_database(server)
    await copied(shop.database.url, there)
    with pytest.raises(Conflict, match=r"The target is not empty \(\w+ has rows\); name an empty database\."):
        await copied(shop.database.url, there)


async def test_a_database_of_another_program_is_refused(shop: Workshop, server: Backend) -> None:
    there = empty_server_database(server)
    await run(there, "CREATE TABLE recipes (id INTEGER)")
    with pytest.raises(Conflict, match="it has a table recipes of another program"):
        await copied(shop.database.url, there)


async def test_a_row_that_does_not_fit_stops_the_copy_and_nothing_is_kept(shop: Workshop, server: Backend) -> None:
    await run(shop.database.url, f"UPDATE tasks SET branch_name = '{'x' * 300}'")
    there = empty_server_database(server)
    with pytest.raises(Conflict, match="The copy stopped at tasks and nothing was kept"):
        await copied(shop.database.url, there)
    await run(shop.database.url, "UPDATE tasks SET branch_name = NULL")
    assert (await copied(shop.database.url, there))["tasks"].rows == 2


async def test_a_source_that_changes_meanwhile_is_noticed_and_nothing_is_kept(shop: Workshop, tmp_path: Path) -> None:
    here, there = shop.database.url, empty_file(tmp_path)
    changes: list[str] = []

    def change(table: str, _done: int, _total: int) -> None:
        if table == "tasks" and not changes:
            changes.append(table)
            with sqlite3.connect(str(here.database)) as connection:
                connection.execute("UPDATE projects SET name = 'The other shop'")

    with pytest.raises(Conflict, match="was changed while it was copied"):
        await copy_database(here, there, metadata, change)
    assert (await copied(here, there))["tasks"].rows == 2


async def test_what_is_not_there_or_of_another_version_is_not_copied(tmp_path: Path) -> None:
    missing, there = make_url(f"sqlite:///{tmp_path / 'none.db'}"), empty_file(tmp_path)
    with pytest.raises(NotFound, match="There is no database"):
        await copied(missing, there)
    await upgrade(missing)
    await run(missing, "UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(Conflict, match="aiworker db upgrade"):
        await copied(missing, there)
    with pytest.raises(Conflict, match="onto itself"):
        await copied(missing, missing)

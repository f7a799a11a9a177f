import asyncio
import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import URL, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

from aiworker.core.errors import Conflict, Unavailable
from aiworker.storage.metadata import metadata
from aiworker.storage.migrate import VERSIONS, check, current, revisions, upgrade
from aiworker.storage.migrations.generate import first_revision, load_tables
from aiworker.storage.urls import async_url
from tests.support.databases import Backend, empty_server_database
from tests.support.schemas import URLS, statements_of_catalogue, statements_of_migrations
from tests.support.statements import run

load_tables()


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The history as the generator writes it now."""
    folder = tmp_path_factory.mktemp("migrations") / "versions"
    folder.mkdir()
    (folder / "0001_initial.py").write_text(first_revision(load_tables()))
    return folder


def half_a_revision(folder: Path) -> Path:
    versions = folder / "versions"
    versions.mkdir()
    (versions / "0001_bad.py").write_text(
        "from alembic import op\n"
        "revision, down_revision = '0001', None\n"
        "def upgrade():\n"
        "    op.execute('CREATE TABLE half (id INTEGER)')\n"
        "    op.execute('CREATE NONSENSE')\n"
    )
    return versions


async def tables_of(url: URL) -> list[str]:
    if url.get_backend_name() == "sqlite":
        return [str(row[0]) for row in await run(url, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    engine = create_async_engine(async_url(url))
    async with engine.connect() as connection:
        names = await connection.run_sync(lambda plain: inspect(plain).get_table_names())
    await engine.dispose()
    return names


@pytest.mark.parametrize("database", URLS)
def test_the_first_revision_makes_exactly_what_the_catalogue_says(database: str) -> None:
    expected = statements_of_catalogue(load_tables(), database)
    made = statements_of_migrations(VERSIONS, database)
    assert made == expected, "run: python -m aiworker.storage.migrations.generate"


@pytest.mark.parametrize("database", URLS)
def test_the_generator_writes_for_each_database_what_the_catalogue_says(database: str, versions: Path) -> None:
    assert statements_of_migrations(versions, database) == statements_of_catalogue(load_tables(), database)


def test_the_generator_writes_the_same_text_each_time() -> None:
    assert first_revision(load_tables()) == first_revision(load_tables())


async def test_an_upgraded_database_is_what_the_program_expects(empty: URL) -> None:
    assert await upgrade(empty) == revisions()
    assert await current(empty) == revisions()[-1]
    assert await check(empty, metadata) == []
    assert await upgrade(empty) == []


async def test_what_holds_a_task_gets_its_code_where_there_were_words_only(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'aiworker.db'}"
    await upgrade(url)
    with sqlite3.connect(tmp_path / "aiworker.db") as database:
        database.execute("ALTER TABLE tasks DROP COLUMN held_told")
        database.execute("UPDATE alembic_version SET version_num = '0022'")
        database.execute("INSERT INTO projects (id, key, name, k8s_namespace) VALUES ('shop', 'SHOP', 'Shop', 'shop')")
        reasons = ("after SHOP-8, SHOP-9", "3 attempts failed", "a reason of somebody's own", None)
        for number, held in enumerate(reasons):
            row = (f"id-{number}", "shop", "A task", f"SHOP-{number}", "[]", held)
            database.execute(
                "INSERT INTO tasks (id, project_id, title, task_key, capabilities, held) VALUES (?, ?, ?, ?, ?, ?)", row
            )
    await upgrade(url)
    with sqlite3.connect(tmp_path / "aiworker.db") as database:
        told = [json.loads(row[0] or "null") for row in database.execute("SELECT held_told FROM tasks ORDER BY id")]
    assert told == [
        {"code": "after", "values": {"tasks": "SHOP-8, SHOP-9"}},
        {"code": "attempts_failed", "values": {"attempts": "3"}},
        None,
        None,
    ]


async def test_what_was_wrong_before_it_was_kept_by_code_keeps_its_words(empty: URL) -> None:
    await upgrade(empty)
    columns = {
        "module_registry": "last_error_message_told",
        "schedules": "last_error_told",
        "schedule_runs": "detail_told",
    }
    for table, column in columns.items():
        await run(empty, f"ALTER TABLE {table} DROP COLUMN {column}")
    await run(
        empty,
        "INSERT INTO schedules (name, cron, template, is_active, system, last_error)"
        " VALUES ('nightly', '0 2 * * *', '{}', true, false, 'No module does it.')",
    )
    await run(empty, "UPDATE alembic_version SET version_num = '0026'")
    assert await upgrade(empty) == ["0027"]
    assert await check(empty, metadata) == []
    assert await run(empty, "SELECT last_error, last_error_told FROM schedules") == [("No module does it.", None)]


async def test_the_folder_of_a_new_file_is_made(tmp_path: Path) -> None:
    await upgrade(f"sqlite:///{tmp_path / 'new' / 'aiworker.db'}")
    assert (tmp_path / "new" / "aiworker.db").is_file()


async def test_of_ten_that_upgrade_at_once_one_does_it_and_all_succeed(empty: URL) -> None:
    def one(_: int) -> list[str]:
        return asyncio.run(upgrade(empty))

    with ThreadPoolExecutor(10) as starting:
        done = await asyncio.get_running_loop().run_in_executor(None, lambda: list(starting.map(one, range(10))))
    assert sorted(done) == [[]] * 9 + [revisions()]
    assert await check(empty, metadata) == []


@pytest.mark.parametrize("backend", ["mariadb"], indirect=True)
async def test_an_upgrade_lets_its_lock_go_however_it_ends(empty: URL, tmp_path: Path) -> None:
    held = "SELECT IS_FREE_LOCK(CONCAT('aiworker.', LEFT(SHA2(DATABASE(), 256), 40)))"
    with pytest.raises(Unavailable):
        await upgrade(empty, versions=half_a_revision(tmp_path))
    assert await run(empty, held) == [(1,)]
    await upgrade(empty)
    assert await run(empty, held) == [(1,)]


@pytest.mark.parametrize("backend", ["mariadb"], indirect=True)
async def test_databases_of_one_server_are_upgraded_beside_each_other(empty: URL) -> None:
    engine = create_async_engine(async_url(empty_server_database("mariadb")))
    async with engine.connect() as busy:
        await busy.execute(text("SELECT GET_LOCK(CONCAT('aiworker.', LEFT(SHA2(DATABASE(), 256), 40)), 0)"))
        assert await upgrade(empty) == revisions()
    await engine.dispose()


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"], indirect=True)
async def test_an_upgrade_that_fails_leaves_nothing_behind(empty: URL, tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        await upgrade(empty, versions=half_a_revision(tmp_path))
    assert await tables_of(empty) == []


@pytest.mark.parametrize("backend", ["mariadb"], indirect=True)
async def test_an_upgrade_that_was_cut_short_goes_on_where_no_ddl_rolls_back(empty: URL) -> None:
    await upgrade(empty)
    await run(
        empty,
        "DELETE FROM alembic_version",
        "DROP TABLE execution_steps, task_timeline",
        "ALTER TABLE tasks DROP COLUMN task_key",
        "ALTER TABLE tasks DROP FOREIGN KEY fk_tasks_project_id",
        "DROP INDEX ix_robots_claim ON robots",
        "ALTER TABLE agent_logs REMOVE PARTITIONING",
        "CREATE TABLE aiworker_form (id INT)",
    )
    assert await upgrade(empty) == revisions()
    assert await check(empty, metadata) == []


async def test_an_older_program_leaves_a_newer_database_alone(empty: URL) -> None:
    await upgrade(empty)
    await run(empty, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Conflict, match=r"newer AiWorker \(revision 9999\)"):
        await upgrade(empty)


async def test_a_check_names_what_is_missing_and_what_is_too_much(empty: URL, backend: Backend) -> None:
    await upgrade(empty)
    table = " ON api_keys" if backend == "mariadb" else ""
    await run(
        empty,
        f"DROP INDEX ix_api_keys_name{table}",
        "ALTER TABLE users DROP COLUMN password_hash",
        "CREATE TABLE stray (id INTEGER)",
    )
    problems = await check(empty, metadata)
    assert "The table stray is not expected." in problems
    assert "The index api_keys.ix_api_keys_name is missing." in problems
    assert "The column users.password_hash is missing." in problems


async def test_a_database_that_was_never_upgraded_says_so(empty: URL) -> None:
    assert await current(empty) is None
    problems = await check(empty, metadata)
    assert problems[0] == f"The database is at revision None, this program at {revisions()[-1]}."
    assert "The table tasks is missing." in problems


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"], indirect=True)
async def test_tables_of_another_program_are_left_alone_where_none_is_adopted(empty: URL) -> None:
    await run(empty, "CREATE TABLE projects (id INTEGER)", "CREATE TABLE others (id INTEGER)")
    with pytest.raises(Conflict, match="of another program: projects; name an empty database"):
        await upgrade(empty)
    assert sorted(await tables_of(empty)) == ["others", "projects"]


@pytest.mark.parametrize("backend", ["mariadb"], indirect=True)
async def test_texts_are_compared_exactly_whatever_the_servers_own_way_is(empty: URL) -> None:
    await run(empty, "ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_swedish_ci")
    await upgrade(empty)
    await run(empty, "INSERT INTO queues (name, paused) VALUES ('año 🛒', 0), ('Año 🛒', 0), ('ano 🛒', 0)")
    assert await run(empty, "SELECT COUNT(*) FROM queues WHERE name = 'año 🛒'") == [(1,)]


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path, versions: Path) -> None:
    (tmp_path / "aiworker.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(Unavailable, match="cannot be opened"):
        await upgrade(f"sqlite:///{tmp_path / 'aiworker.db'}", versions=versions)


def test_revisions_form_one_line() -> None:
    assert revisions()[:1] == ["0001"]

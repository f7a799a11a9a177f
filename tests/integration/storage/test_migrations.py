import asyncio
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from aiworker.core.errors import Conflict, Unavailable
from aiworker.storage.metadata import metadata
from aiworker.storage.migrate import VERSIONS, check, current, revisions, upgrade
from aiworker.storage.migrations.generate import first_revision, load_tables
from tests.support.schemas import URLS, statements_of_catalogue, statements_of_migrations


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The history as the generator writes it now."""
    folder = tmp_path_factory.mktemp("migrations") / "versions"
    folder.mkdir()
    (folder / "0001_initial.py").write_text(first_revision(load_tables()))
    return folder


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


async def test_an_upgraded_database_is_what_the_program_expects(tmp_path: Path, versions: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'aiworker.db'}"
    assert await upgrade(url, versions=versions) == ["0001"]
    assert await current(url) == "0001"
    assert await check(url, metadata, versions=versions) == []


async def test_repeating_an_upgrade_changes_nothing(tmp_path: Path, versions: Path) -> None:
    url = f"sqlite:///{tmp_path / 'aiworker.db'}"
    await upgrade(url, versions=versions)
    assert await upgrade(url, versions=versions) == []


async def test_two_that_upgrade_at_once_do_it_once(tmp_path: Path, versions: Path) -> None:
    url = f"sqlite:///{tmp_path / 'aiworker.db'}"
    done = await asyncio.gather(upgrade(url, versions=versions), upgrade(url, versions=versions))
    assert sorted(done) == [[], ["0001"]]


async def test_an_upgrade_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "versions"
    folder.mkdir()
    (folder / "0001_bad.py").write_text(
        "from alembic import op\n"
        "revision, down_revision = '0001', None\n"
        "def upgrade():\n"
        "    op.execute('CREATE TABLE half (id INTEGER)')\n"
        "    op.execute('CREATE NONSENSE')\n"
    )
    url = f"sqlite:///{tmp_path / 'aiworker.db'}"
    with pytest.raises(Unavailable):
        await upgrade(url, versions=folder)
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM sqlite_master")).all() == []
    engine.dispose()


async def test_an_older_program_leaves_a_newer_database_alone(tmp_path: Path, versions: Path) -> None:
    url = f"sqlite:///{tmp_path / 'aiworker.db'}"
    await upgrade(url, versions=versions)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(Conflict, match=r"newer AiWorker \(revision 9999\)"):
        await upgrade(url, versions=versions)


async def test_a_check_names_what_is_missing_and_what_is_too_much(tmp_path: Path, versions: Path) -> None:
    url = f"sqlite:///{tmp_path / 'aiworker.db'}"
    await upgrade(url, versions=versions)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_api_keys_name"))
        connection.execute(text("ALTER TABLE users DROP COLUMN password_hash"))
        connection.execute(text("CREATE TABLE stray (id INTEGER)"))
    engine.dispose()
    problems = await check(url, metadata, versions=versions)
    assert "The table stray is not expected." in problems
    assert "The index api_keys.ix_api_keys_name is missing." in problems
    assert "The column users.password_hash is missing." in problems


async def test_a_database_that_was_never_upgraded_says_so(tmp_path: Path, versions: Path) -> None:
    url = f"sqlite:///{tmp_path / 'aiworker.db'}"
    assert await current(url) is None
    problems = await check(url, metadata, versions=versions)
    assert problems[0] == "The database is at revision None, this program at 0001."
    assert "The table tasks is missing." in problems


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path, versions: Path) -> None:
    (tmp_path / "aiworker.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(Unavailable, match="cannot be opened"):
        await upgrade(f"sqlite:///{tmp_path / 'aiworker.db'}", versions=versions)


def test_revisions_form_one_line() -> None:
    assert revisions()[:1] == ["0001"]

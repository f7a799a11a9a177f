from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from aiworker.core.errors import Conflict, Unavailable
from aiworker.storage.condition import condition_of
from aiworker.storage.metadata import metadata
from aiworker.storage.migrate import revisions, upgrade
from tests.support.databases import load_tables


@pytest.fixture
def url(tmp_path: Path) -> str:
    load_tables()
    return f"sqlite:///{tmp_path / 'aiworker.db'}"


def file_of(url: str) -> Path:
    return Path(str(make_url(url).database))


def damage(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


async def test_a_database_that_is_not_there_is_not_made(url: str) -> None:
    found = await condition_of(make_url(url), metadata)
    assert (found.exists, found.revision) == (False, None)
    assert not file_of(url).exists()


async def test_a_database_of_this_version_is_whole(url: str) -> None:
    await upgrade(url)
    found = await condition_of(make_url(url), metadata)
    assert (found.exists, found.revision, found.problems) == (True, revisions()[-1], ())


async def test_an_empty_database_has_no_revision(url: str) -> None:
    damage(url, "CREATE TABLE other (id INTEGER)")
    found = await condition_of(make_url(url), metadata)
    assert (found.exists, found.revision, found.newest) == (True, None, revisions()[-1])


async def test_what_is_missing_is_told(url: str) -> None:
    await upgrade(url)
    damage(url, "DROP INDEX ix_tasks_state")
    found = await condition_of(make_url(url), metadata)
    assert [problem for problem in found.problems if "ix_tasks_state" in problem]


async def test_rows_that_refer_to_nothing_are_told(url: str) -> None:
    await upgrade(url)
    damage(
        url,
        "INSERT INTO task_questions (id, task_id, question, choices, asked_by) VALUES ('q', 'gone', '?', '[]', 'a')",
    )
    with pytest.raises(Conflict, match="Rows of task_questions refer to rows that are gone"):
        await condition_of(make_url(url), metadata)


async def test_a_file_that_is_no_database_is_told(url: str) -> None:
    file_of(url).write_text("This is a letter.")
    with pytest.raises(Unavailable):
        await condition_of(make_url(url), metadata)

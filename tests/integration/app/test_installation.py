"""Who may be part of an installation, and how its processes share a home folder."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aiworker.access.system.installation import join_installation
from aiworker.app import starters
from aiworker.app.homes import at_home, home_id, prepare_home, starting
from aiworker.cli.starters import ServeOptions
from aiworker.core.errors import Conflict, Invalid, Unavailable
from aiworker.core.secrets import SecretBox
from aiworker.storage.database import Database
from tests.support.databases import Backend, fresh_database

SECRETS = SecretBox("one secret key, long enough for a test")


@pytest.fixture
async def database(tmp_path: Path, backend: Backend) -> AsyncIterator[Database]:
    opened = fresh_database(tmp_path, backend=backend)
    yield opened
    await opened.close()


async def test_processes_with_the_same_key_and_folder_join_at_the_same_moment(database: Database) -> None:
    await asyncio.gather(*(database.write(join_installation, SECRETS, "home") for _ in range(5)))


async def test_a_process_with_another_secret_key_is_refused(database: Database) -> None:
    await database.write(join_installation, SECRETS, "home")
    with pytest.raises(Conflict, match="give every process the same SECRET_KEY") as refused:
        await database.write(join_installation, SecretBox("another secret key, long enough, too"), "home")
    assert refused.value.code == "secret_key_differs"


async def test_a_process_with_another_home_folder_is_refused(database: Database) -> None:
    await database.write(join_installation, SECRETS, "home")
    with pytest.raises(Conflict, match="share AIWORKER_HOME") as refused:
        await database.write(join_installation, SECRETS, "elsewhere")
    assert refused.value.code == "home_differs"


def test_replicas_share_a_home_folder_that_one_process_has_for_itself_or_not_at_all(tmp_path: Path) -> None:
    def refused(*, alone: bool) -> bool:
        try:
            with at_home(tmp_path, alone=alone):
                return False
        except Conflict as error:
            return error.code == "home_in_use"

    with at_home(tmp_path, alone=False), at_home(tmp_path, alone=False):
        assert refused(alone=True)
    with at_home(tmp_path, alone=True):
        assert refused(alone=False)
        assert refused(alone=True)
    assert not refused(alone=True)


async def test_those_who_start_together_make_one_identity(tmp_path: Path) -> None:
    home = tmp_path / "home"
    prepare_home(home)

    async def start() -> str:
        async with starting(home):
            return home_id(home)

    assert len(set(await asyncio.gather(*(start() for _ in range(5))))) == 1
    assert (home / "home.id").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("command", ["serve", "worker"])
async def test_sqlite_serves_one_process_and_says_so(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIWORKER_HOME", str(tmp_path))
    with pytest.raises(Invalid, match=f"`aiworker {command}` needs PostgreSQL .* SQLite serves one process") as refused:
        await (starters.serve(ServeOptions()) if command == "serve" else starters.worker())
    assert refused.value.code == "database_for_one_process"
    assert not (tmp_path / "aiworker.db").exists()


@pytest.mark.parametrize("command", ["serve", "worker"])
async def test_replicas_need_one_address_for_all(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIWORKER_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(Invalid, match="AIWORKER_PUBLIC_URL is not set"):
        await (starters.serve(ServeOptions()) if command == "serve" else starters.worker())


def test_a_home_that_cannot_be_made_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match=r"file/home cannot be made: Not a directory.*AIWORKER_HOME"):
        prepare_home(tmp_path / "file" / "home")

"""Replicas whose home folders are their own: what they share is in the database."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aiworker.access.actors import SYSTEM
from aiworker.access.first_start import share_admin
from aiworker.access.keys.service import check_key, list_keys
from aiworker.access.service import Access
from aiworker.adapters.forge import LocalForge
from aiworker.app import starters
from aiworker.app.forges import Forges
from aiworker.app.homes import installation_id
from aiworker.cli.starters import ServeOptions, UpOptions
from aiworker.core.errors import Conflict, Invalid, Unavailable
from aiworker.core.secrets import SecretBox
from aiworker.core.settings import Settings
from aiworker.storage.database import Database
from aiworker.wire.access import Scope
from tests.support.databases import Backend, beside, fresh_database

SECRETS = SecretBox("one secret key, long enough for a test")


@pytest.fixture
async def database(tmp_path: Path, backend: Backend) -> AsyncIterator[Database]:
    opened = fresh_database(tmp_path, backend=backend)
    yield opened
    await opened.close()


async def test_processes_that_start_together_have_one_admin_key(database: Database, tmp_path: Path) -> None:
    homes = [tmp_path / str(number) for number in range(4)]
    for home in homes:
        home.mkdir()
    other = beside(database)
    try:
        keys = await asyncio.gather(
            *(share_admin(opened, SECRETS, home) for opened, home in zip([database, other] * 2, homes, strict=True))
        )
    finally:
        await other.close()
    assert len(set(keys)) == 1
    assert {(home / "admin.key").read_text().strip() for home in homes} == set(keys)
    assert all((home / "admin.key").stat().st_mode & 0o077 == 0 for home in homes)
    assert (await database.read(check_key, keys[0])).scope is Scope.ADMIN
    assert len(await database.read(list_keys, after=None, limit=10)) == 1


async def test_a_pod_that_comes_later_has_the_same_key_and_makes_none(database: Database, tmp_path: Path) -> None:
    first = await share_admin(database, SECRETS, tmp_path)
    (tmp_path / "admin.key").unlink()
    assert await share_admin(database, SECRETS, tmp_path) == first


async def test_once_it_is_revoked_the_next_start_makes_another(database: Database, tmp_path: Path) -> None:
    first = await share_admin(database, SECRETS, tmp_path)
    access = Access(database, requests_per_minute=100)
    await access.revoke_key(SYSTEM, (await database.read(check_key, first)).id)
    second = await share_admin(database, SECRETS, tmp_path)
    assert second != first
    assert await share_admin(database, SECRETS, tmp_path) == second
    await access.close()


async def test_with_another_secret_key_it_is_not_read(database: Database, tmp_path: Path) -> None:
    await share_admin(database, SECRETS, tmp_path)
    with pytest.raises(Unavailable, match="SECRET_KEY"):
        await share_admin(database, SecretBox("another secret key, long enough, too"), tmp_path)


def test_processes_with_homes_of_their_own_are_one_installation(tmp_path: Path) -> None:
    values = {"AIWORKER_HOME_SHARED": False}
    one, other = (Settings.model_validate({**values, "AIWORKER_HOME": tmp_path / name}) for name in ("one", "other"))
    assert installation_id(one, SECRETS) == installation_id(other, SECRETS)
    assert installation_id(one, SecretBox("another secret key, long enough, too")) != installation_id(one, SECRETS)
    assert list(tmp_path.iterdir()) == []


async def test_a_project_without_gitea_is_refused_and_leaves_nothing_behind(tmp_path: Path) -> None:
    forges = Forges(LocalForge(tmp_path / "repositories", "http://localhost:3000"), None, keeps=False)
    with pytest.raises(Conflict, match="keeps no repositories of its own") as refused:
        await forges.import_repository("shop", source=None)
    assert refused.value.code == "no_repositories_here"
    assert not (tmp_path / "repositories/shop.git").exists()
    # What is shown of a project that was made at another time is shown still.
    assert forges.clone_url("shop") == "http://localhost:3000/git/shop.git"


WHOLE = {
    "AIWORKER_HOME_SHARED": "false",
    "AIWORKER_PUBLIC_URL": "https://aiworker.example.com",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    "GITEA_URL": "https://gitea.example.com",
    "K8S_IN_CLUSTER": "true",
    "SECRET_KEY": "x" * 32,
}


@pytest.mark.parametrize("missing", ["GITEA_URL", "K8S_IN_CLUSTER", "SECRET_KEY"])
@pytest.mark.parametrize("command", ["serve", "worker"])
async def test_homes_of_their_own_need_somewhere_else_to_keep_things(
    command: str, missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIWORKER_HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    for name, value in WHOLE.items():
        monkeypatch.setenv(name, "" if name == missing else value)
    with pytest.raises(Invalid, match=f"AIWORKER_HOME_SHARED=false also needs {missing}") as refused:
        await (starters.serve(ServeOptions()) if command == "serve" else starters.worker())
    assert refused.value.details == {"variable": missing}


async def test_up_keeps_everything_in_its_home_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIWORKER_HOME", str(tmp_path))
    monkeypatch.setenv("AIWORKER_HOME_SHARED", "false")
    with pytest.raises(Invalid, match="aiworker up"):
        await starters.up(UpOptions())
    assert not (tmp_path / "aiworker.db").exists()

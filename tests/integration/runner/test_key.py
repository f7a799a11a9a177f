"""The key that the agents of a machine work with."""

import asyncio
from pathlib import Path

import pytest

from aiworker.access.actors import SYSTEM
from aiworker.access.keys.service import list_keys
from aiworker.cli.agent_key import address_and_agent_key
from aiworker.core.settings import ClientSettings, load_settings
from aiworker.wire.access import Scope
from tests.support.house import House


@pytest.fixture
async def settings(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ClientSettings:
    """Those of a machine on which a server was started."""
    monkeypatch.delenv("AIWORKER_TOKEN", raising=False)
    monkeypatch.setenv("AIWORKER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AIWORKER_URL", house.url)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "admin.key").write_text((await house.key("admin", Scope.ADMIN))[1])
    return load_settings(ClientSettings)


async def test_agents_get_a_key_of_their_own_that_is_kept(house: House, settings: ClientSettings) -> None:
    url, key = await asyncio.to_thread(address_and_agent_key, settings)
    assert url == house.url
    assert (await house.access.authenticate(key)).actor.scope is Scope.AGENT
    assert (settings.home / "agent.key").stat().st_mode & 0o777 == 0o600
    assert await asyncio.to_thread(address_and_agent_key, settings) == (url, key)


async def test_a_key_that_was_revoked_or_lost_is_made_anew(house: House, settings: ClientSettings) -> None:
    _, first = await asyncio.to_thread(address_and_agent_key, settings)
    await house.access.revoke_key(SYSTEM, (await house.access.authenticate(first)).id)
    _, second = await asyncio.to_thread(address_and_agent_key, settings)
    (settings.home / "agent.key").unlink()
    _, third = await asyncio.to_thread(address_and_agent_key, settings)
    assert len({first, second, third}) == 3
    live = [key for key in await house.read(list_keys) if key.scope is Scope.AGENT and key.revoked_at is None]
    assert len(live) == 1


async def test_a_key_that_is_given_is_taken_as_it_is(
    house: House, settings: ClientSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    del settings
    monkeypatch.setenv("AIWORKER_TOKEN", "aiw_agent_given")
    given = load_settings(ClientSettings)
    assert await asyncio.to_thread(address_and_agent_key, given) == (house.url, "aiw_agent_given")
    assert not (given.home / "agent.key").exists()

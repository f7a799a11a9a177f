"""What `doctor` says of Redis."""

from pathlib import Path

import pytest

from aiworker.app.redis_doctor import redis_findings
from aiworker.cli.starters import Mark
from aiworker.core.settings import Settings, load_settings
from tests.support.keeper import free_port
from tests.support.servers import server_url


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REDIS_URL", "REDIS_HOST", "REDIS_PORT", "DATABASE_URL", "DB_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AIWORKER_HOME", str(tmp_path))


def _load() -> Settings:
    return load_settings(Settings, env_file=None)


@pytest.mark.usefixtures("settings")
async def test_a_redis_that_answers_is_named_with_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", server_url("redis"))
    (found,) = await redis_findings(_load())
    assert found.mark is Mark.GOOD
    assert found.message.startswith("Redis ")


@pytest.mark.usefixtures("settings")
async def test_a_redis_that_is_away_is_bad_and_the_remedy_names_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", f"redis://:hunter2@127.0.0.1:{free_port()}/0")
    (found,) = await redis_findings(_load())
    assert found.mark is Mark.BAD
    assert found.message.startswith("It does not answer")
    assert "hunter2" not in found.message
    assert found.remedy is not None
    assert "REDIS_URL" in found.remedy


@pytest.mark.usefixtures("settings")
async def test_one_process_on_sqlite_needs_none() -> None:
    assert await redis_findings(_load()) == []


@pytest.mark.usefixtures("settings")
async def test_on_a_database_server_its_absence_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/aiworker")
    (found,) = await redis_findings(_load())
    assert found.mark is Mark.WARNING
